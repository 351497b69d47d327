"""Every address, opened by everybody and sent everything, from every state: who it is for is written here by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.actions.agreements import Terms, record_agreement
from finance.actions.chart import open_bank_account
from finance.actions.files import prepare_file
from finance.actions.match_rules import Conditions, try_match_rule, write_match_rule
from finance.actions.payees import PayeeDetails, confirm_payee, record_payee
from finance.actions.periods import ask_exception, soft_close
from finance.actions.rails import pause_rail
from finance.actions.rate_lists import import_rates
from finance.actions.rates import enter_rate
from finance.actions.statement_files import keep_file
from finance.actions.statements import import_statement
from finance.actions.tranches import TranchePlan, plan_tranches
from finance.actions.write_offs import ask_write_off
from finance.actions.year_end import propose_review, unliquidated
from finance.models import BankAccount, Commitment, FundingStream, RefundDue
from gaf import clock, navigation
from gaf.money import Money
from tests import stories, stories_asking
from tests.cast import GENEVA, YEAR_START, criteria, mission, people, person, stream
from tests.crises import a_crisis_window
from tests.donors import a_proposed_report, an_agreement
from tests.norms import a_cost_norm
from tests.rules.test_permission_matrix import SHORT, expected
from tests.rules.walking import (
    ELSEWHERE,
    EVERYBODY,
    OF_EACH_ROLE,
    SECRET,
    Walk,
    Walker,
    addresses,
    filled,
)
from tests.rules.who_opens_what import ACT_BESIDE, ACT_OF, ACT_OF_MONEY, ONE_PRESS, audiences
from tests.stories import by
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.returning import SHOP, begin
from tests.workflow.test_documents import PDF
from workflow.actions.activities import Planned, plan_activity
from workflow.actions.amending import MoreOfLine, ask_amendment
from workflow.actions.case_transfers import propose_transfer
from workflow.actions.complaints import Said, record_complaint
from workflow.actions.concerns import raise_concern
from workflow.actions.documents import add_document
from workflow.actions.erasing import propose_erasure
from workflow.actions.likenesses import find_likenesses, fingerprint_person, weigh_likeness
from workflow.actions.lost_receipts import declare_lost_receipt
from workflow.actions.person_copies import ask_copy
from workflow.actions.retention_holds import place_retention_hold
from workflow.actions.tables import propose_table
from workflow.models import AssistanceRequest, Likeness, Upload
from workflow.protection.fingerprints import Details

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("house")]

STATES: dict[str, Callable[[], AssistanceRequest]] = {
    "DRAFT": lambda: stories_asking.a_draft(),
    "SUBMITTED": stories.a_submitted_request,
    "ELIGIBILITY_REVIEW": stories.a_taken_request,
    "CLARIFICATION": stories.an_asked_request,
    "PLAN_AND_BUDGET": stories.an_eligible_request,
    "BUDGET_REVIEW": stories.a_budget_to_approve,
    "APPROVED": stories.an_approved_request,
    "FUNDED": stories.a_funded_request,
    "DISBURSING": stories.a_disbursing_request,
    "IMPLEMENTING": stories.an_implementing_request,
    "REPORTING": stories.a_reporting_request,
    "RECONCILING": stories.a_reconciling_request,
    "CLOSED": stories.a_closed_request,
    "INELIGIBLE": stories.a_refused_request,
    "ON_HOLD": lambda: stories.hold(stories.an_approved_request()),
}


@pytest.fixture(autouse=True)
def _no_lines_of_a_log() -> Iterator[None]:
    """Django warns of every refusal in the log; thousands of lines nobody reads take longer than the refusals."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def walker(house, monkeypatch) -> Walker:  # noqa: F811
    """Everybody comes into being, and every draft from here on has a document of the mission in Niger on file."""
    plain_draft = stories_asking.a_draft

    def a_draft_with_a_document(**choices: Any) -> AssistanceRequest:
        made = plain_draft(**choices)
        content, niger = PDF + SECRET, mission("NE").pk
        stated = {"request_id": made.pk, "mission_id": niger, "kind": "CONSENT", "filename": "consent.pdf"}
        add_document(content=content, **stated, **by("Amina"))
        call = Planned("CALL", person("Amina").pk, clock.today())
        plan_activity(request_id=made.pk, planned=call, key=made.reference, **by("Amina"))
        return stories.now(made)

    monkeypatch.setattr(stories_asking, "a_draft", a_draft_with_a_document)
    monkeypatch.setattr(navigation, "_providers", [])  # the bar is the same on every page, and a third of its time
    people(*(name for name in EVERYBODY if name))
    criteria()
    return Walker(EVERYBODY)


def places(made: AssistanceRequest) -> dict[str, str]:
    """The keys under which a request and its document are found."""
    keys = {"reference": made.reference, "key": made.documents.get().key, "upload": a_file_on_its_way(made)}
    return {**keys, "place": "1", "person": str(person("Amina").pk), "number": str(stories.last_decision(made).number)}


def a_file_on_its_way(made: AssistanceRequest) -> str:
    """Whoever wrote the request began to send it while it was still hers."""
    stated = {"kind": "QUOTE", "filename": "", "size": 9, "sha256": "0" * 64}
    mine = {"begun_by": made.author, "begun_at": clock.now()}
    return Upload.objects.create(assistance=made, mission=made.mission, **stated, **mine).key


def of_a_request() -> dict[str, str]:
    """Addresses under a record."""
    return {name: route for name, route in addresses().items() if route.startswith("requests/<str:reference>/")}


def sees(name: str, state: str) -> bool:
    """Whether a person sees this request of Niger at all: a draft is its mission's and the auditor's."""
    if name in ("Amina", "Idriss", "Moussa", "Omar"):
        return True
    return state != "DRAFT" and name in audiences()["record"]


RIGHTS = expected()


def may_act(name: str, state: str, act: str) -> bool:
    """Whether a person holds a role that does this act from this state, by the table of acts."""
    if act in ACT_BESIDE:
        return any(OF_EACH_ROLE[code] == name for code in ACT_BESIDE[act].split())
    return any(OF_EACH_ROLE[code] == name for code in OF_EACH_ROLE if SHORT[code] in RIGHTS.get((state, act), ()))


def one_who_acts(state: str, act: str) -> str:
    """Whose act this is: from this state, or else from another one, or else a case worker's to look at."""
    anywhere = [name for name in OF_EACH_ROLE.values() if any(may_act(name, one, act) for one in STATES)]
    here = [name for name in anywhere if may_act(name, state, act)]
    return (here or anywhere or ["Amina"])[0]


class TestTheTableOfAddresses:
    def test_names_every_address_of_the_site_and_no_other(self):
        assert set(audiences()) == set(addresses())

    def test_leaves_no_page_of_money_that_sends_something_without_its_act(self):
        assert set(ACT_OF_MONEY) < set(audiences())


class TestARequest:
    @pytest.mark.parametrize("state", STATES)
    def test_answers_everybody_properly_whatever_they_send(self, walker, state):
        made, wrong = STATES[state](), list[str]()
        assert made.state == state
        records, table, turn = places(made), audiences(), list(STATES).index(state)
        foreign = stories.a_draft(author="Rima", code="LB").persons.get().key
        for place, (name, route) in enumerate(of_a_request().items()):
            act = ACT_OF.get(name, name)
            whose = one_who_acts(state, act)
            other = EVERYBODY[(7 * turn + place) % len(EVERYBODY)]

            def walk(who: str, name: str = name, route: str = route, act: str = act) -> Walk:
                there = who in table[name] and sees(who, state)
                return Walk(walker, who, name, filled(route, records), there, may_act(who, state, act), wrong)

            press = walk(whose).press_everything(name in ONE_PRESS, foreign)
            if (turn + place) % 2:
                walk(other).look()
            else:
                walk(other).send("presses", press or {"seen_version": made.version}, harmless=False)
        print(chr(10).join(wrong))
        assert wrong == []


@pytest.fixture
def money(walker) -> dict[str, str]:
    """One record of each kind: prepared, in a file to be signed, at the bank, on a statement, not confirmed."""
    leaving = stories.a_disbursing_request()
    sent = stories.a_disbursing_request()
    stories.send_to_the_bank()
    at_the_bank = stories.bank()
    at_the_bank.receive(clock.now())
    content = at_the_bank.statement(GENEVA, YEAR_START, clock.today()).read_bytes()
    statement = import_statement(content=content, **by("Esi"))[0]
    file = keep_file(content=content, name="statement.xml", **by("Esi"))
    other_number = content.replace(b"<ElctrncSeqNb>1</", b"<ElctrncSeqNb>9</")
    doubtful = import_statement(content=other_number, **by("Esi"))[0]
    stories.a_disbursing_request()
    in_a_file = prepare_file(bank_account=BankAccount.objects.get(code="GVA"), **by("Divya"))
    waiting = stories.prepare(stories.a_funded_request())
    stripe = {"code": "STR", "name": "Stripe", "currency": "USD", "rail": "STRIPE", "number": "STRIPE-GAF"}
    open_bank_account(**stripe, is_iban=False, holder="Fund", country="CH", town="Geneva", opened_on=YEAR_START)
    details = PayeeDetails(
        holder="Other House",
        account=GENEVA,
        currency="USD",
        country="CH",
        is_iban=True,
        bic="POFICHBEXXX",
        bank="Bank",
        town="Bern",
    )
    version = record_payee(mission=mission("NE"), kind="VENDOR", details=details, **by("Moussa"))
    listed = record_payee(
        mission=mission("NE"), kind="VENDOR", details=replace(details, holder="Tarvek Osmarello"), **by("Moussa")
    )
    confirm_payee(version_id=listed.pk, call_back_note="Rang back.", **by("Viktor"))
    entered = {"currency": "EUR", "effective_from": date(2026, 10, 1), "units_per_usd": Decimal("0.92")}
    enter_rate(**entered, source="invented", **by("Marie"))
    fees = Conditions("Card fees", "BANK_FEE", contains=("CARD FEE",))
    rule = try_match_rule(rule_id=write_match_rule(conditions=fees, **by("Esi")).pk, **by("Esi"))
    paused = pause_rail(rail="STRIPE", code="balance_negative", at=clock.now())
    return {
        "pause": paused.key,
        **of_the_fund(),
        "refund": a_refund_given_up(sent),
        "table": a_proposed_table(),
        "hold": a_retention_hold(sent),
        "norm": a_cost_norm().key,
        "window": a_crisis_window().key,
        "donor_report": a_report_to_issue(),
        "likeness": a_likeness_to_decide(),
        "complaint": a_complaint(sent),
        "concern": raise_concern(kind="OTHER", words="Something is wrong.", **by("Moussa")).key,
        "transfer": a_case_offered_to_mexico(),
        "returned": a_return_at_home(),
        "months": "3",
        "copied": a_copy_to_hand_over(sent),
        "erasure": an_erasure_that_was_asked_for(),
        **beside_a_request(sent, stories.cancel(leaving)),
        "reference": sent.reference,
        "decision": str(stories.last_decision(sent).number),
        "rule": rule.key,
        "document": sent.documents.get().key,
        "upload": a_file_on_its_way(sent),
        "person": str(person("Amina").pk),
        "number": waiting.number,
        "message_id": in_a_file.message_id,
        "code": "GVA",
        "file": file.key,
        "sequence": str(doubtful.sequence),
        "identity": statement.lines.filter(state="PROPOSED", minor__lt=0)[0].identity[:16],
        "payee": version.payee.key,
        "version": str(version.number),
        "hit": listed.hits.get(party="HOLDER").key,
        "currency": "EUR",
        "day": "2026-10-01",
    }


def a_return_at_home() -> str:
    """Somebody who came home ten days ago; visits are planned, and nothing was asked yet."""
    made = stories.a_budget_to_approve((stories.SHELTER, SHOP))
    begin(made, code="NE", arrived_on=clock.today() - timedelta(days=10))
    return made.reference


def a_proposed_table() -> str:
    """A table of persons, proposed in the year after; who they are is nothing to its addresses."""
    counted = "workflow.actions.tables.persons_helped"
    with clock.at(datetime(2027, 1, 15, tzinfo=UTC)), pytest.MonkeyPatch.context() as patch:
        patch.setattr(counted, lambda *_asked: {("F",): 20})
        days = {"first_day": date(2026, 10, 1), "last_day": date(2026, 12, 31)}
        return propose_table(for_whom="PUBLIC", dimensions=["sex"], **days, **by("Nadia")).key


def a_retention_hold(request: AssistanceRequest) -> str:
    """A hold of the data steward, for an audit."""
    audit = {"ground": "AUDIT", "until": clock.today() + timedelta(days=90), "reason": "The auditors asked for it."}
    return place_retention_hold(request_id=request.pk, **audit, **by("Nadia")).key


def a_likeness_to_decide() -> str:
    """Two persons of two requests who look alike; the data steward asked."""
    for _request in range(2):
        made = stories.a_submitted_request()
        details = Details(given="Ada", family="Example", year=1990)
        fingerprint_person(request_id=made.pk, person_key=made.persons.get().key, details=details, **by("Amina"))
        find_likenesses(person_key=made.persons.get().key, at=clock.now())
    likeness = Likeness.objects.get()
    weigh_likeness(likeness_id=likeness.pk, proposed="SAME", reason="Both said yes.", **by("Nadia"))
    return likeness.key


def a_complaint(request: AssistanceRequest) -> str:
    """What somebody said of the help, to be looked into."""
    said = Said(kind="QUALITY", words="The blankets came late.", heard_on=clock.today())
    return record_complaint(request_id=request.pk, said=said, **by("Amina")).key


def a_case_offered_to_mexico() -> str:
    """What Niger proposed, and Mexico has not answered."""
    people("Joaquín")
    asked = {"receiving_id": mission("MX").pk, "aim": "MOVED", "reason": "They live there now."}
    return propose_transfer(request_id=stories.a_submitted_request().pk, **asked, **by("Amina")).key


def a_copy_to_hand_over(request: AssistanceRequest) -> str:
    """What the person of a request asked for; returns the reference."""
    asked = {"asked_by": "SELF", "asked_on": clock.today(), "reason": "She came herself."}
    ask_copy(request_id=request.pk, person_key=request.persons.all()[0].key, **asked, **by("Amina"))
    return request.reference


def an_erasure_that_was_asked_for() -> str:
    """What the person of a closed request asked for, proposed by the data steward."""
    asked = {"ground": "PERSON_ASKED", "reason": "A letter came."}
    return propose_erasure(request_id=stories.a_refused_request().pk, **asked, **by("Nadia")).key


def of_the_fund() -> dict[str, str]:
    """An agreement to confirm, a list to approve, a closing month with an exception asked for, a proposal to agree
    with."""
    september, marie = date(2026, 9, 1), by("Marie")
    terms = Terms("AG-2026-1", "Donor A", FundingStream.objects.get(code="A"), Money(100, "USD"), september, september)
    record_agreement(terms=terms, **marie)
    listed = import_rates(
        content=b"code,effective date,rate\nEUR,2027-01-01,0.95", kind="PARTIAL", source="invented", **marie
    )
    soft_close(month=september, **marie)
    wanted = {"person": person("Esi"), "until": clock.now() + timedelta(days=1)}
    ask_exception(month=september, **wanted, reason_code="other", reason="A late invoice.", **by("Esi"))
    stories.an_approved_request()
    open_one = unliquidated(clock.today().year)[0]
    review = {"outcome": "CARRY", "reason_code": "payment_coming", "reason": "It is coming."}
    propose_review(commitment_id=open_one.pk, year=2026, **review, **marie)
    return {
        "agreement": "AG-2026-1",
        "rates": listed.key,
        "month": "2026-09",
        "place": "1",
        "year": "2026",
        "commitment": str(open_one.pk),
        "figure": "free",
    }


def a_report_to_issue() -> str:
    """What the donor of stream B is told of the first nine months, with its second reader."""
    agreement = an_agreement("AG-2026-B", of=stream("B"))
    return a_proposed_report(agreement=agreement, days=(YEAR_START, date(2026, 9, 30))).key


def a_refund_given_up(request: AssistanceRequest) -> str:
    """A refund that never came, and that Marie asked to write off."""
    commitment = Commitment.objects.filter(reference=request.reference)[0]
    due = {"kind": "UNSPENT", "minor": 100, "currency": "USD", "usd_minor": 100, "due_on": date(2026, 1, 5)}
    refund = RefundDue.objects.create(
        key="R-2026-90001", reference=request.reference, commitment=commitment, end_to_end="RF18539007547034", **due
    )
    asked = {"reason_code": "gone", "reason": "Three letters came back."}
    ask_write_off(refund_key=refund.key, **asked, **by("Marie"))
    return refund.key


ACTS_OF_ADDRESSES = {
    "cost_norm_act": "confirm",
    "crisis_window_act": "open",
    "donor_report_act": "issue",
    "agreement_act": "confirm",
    "month_act": "reopen",
    "amendment_act": "endorse-amendment",
    "lost_receipt_act": "witness-lost-receipt",
    "tranche_act": "account-for-tranche",
    "table_act": "publish",
    "erasure_act": "confirm",
    "person_copy_act": "give",
    "likeness_act": "join-persons",
    "complaint_act": "pass-on-complaint",
    "concern_act": "look-into-concern",
    "transfer_act": "withdraw-transfer",
    "assisted_return_act": "record-return-item",
}


def beside_a_request(sent: AssistanceRequest, reporting: AssistanceRequest) -> dict[str, str]:
    """An amendment and tranches of a request under way; a statement in place of a receipt on one that reports."""
    first, _second = stories.lines_of(sent)
    more = [MoreOfLine(first.pk, Decimal(1))]
    ask_amendment(request_id=sent.pk, why="The bill is higher.", changes=more, **by("Amina"))
    halves = [TranchePlan(first.approved_local.share(1, 2), condition) for condition in ("AT_ONCE", "GATE")]
    waiting = stories.an_approved_request()
    plan_tranches(reference=waiting.reference, line_key="L1", plans=halves, **by("Marie"))
    line = stories.lines_of(reporting)[0]
    lost = {"line_id": line.pk, "money": stories.usd("40.00"), "statement": "Lost in the rain."}
    declare_lost_receipt(request_id=reporting.pk, **lost, **by("Moussa"))
    return {"reporting": reporting.reference, "in_tranches": waiting.reference}


def of_the_site(records: dict[str, str]) -> dict[str, str]:
    """Every address, led to a record where it leads to one."""
    found = {}
    for name, route in addresses().items():
        keys = {**records, "number": records["version"] if "payees/" in route else records["number"]}
        keys["key"] = records["payee"] if "payees/" in route else records["document"]
        keys |= {"number": "1", "key": records["rule"]} if "rules/" in route else {}
        keys |= {"key": records["file"]} if "reconciliation/import/" in route else {}
        keys |= {"uidb36": "1", "key": "set"} if "uidb36" in route else {}
        keys |= {"number": records["decision"]} if "as-seen/" in route else {}
        keys |= {"reference": records["in_tranches"]} if "tranches/" in route else {}
        keys |= {"reference": records["returned"]} if "assisted-returns/" in route else {}
        keys |= {"reference": records["reporting"]} if "lost-receipts/" in route else {}
        keys |= {"line": "L2" if name == "plan_tranches" else "L1"}
        keys["act"] = ACTS_OF_ADDRESSES.get(name, "approve")
        keys["code"] = {"fund_stream": "A", "stream_ledger": "A", "fetch_statement": "STR", "context_sheet": "NE"}.get(
            name, "GVA"
        )
        found[name] = filled({"wagtail_serve": "en/"}.get(name, route.lstrip("^")), keys)
    return found


def expected_audience(name: str, route: str) -> set[str]:
    """Everybody for whom the page is there: a mission's people elsewhere open pages that lead to no record."""
    here = audiences()[name]
    elsewhere = {ELSEWHERE[code] for code in ELSEWHERE if OF_EACH_ROLE[code] in here}
    return here | (elsewhere if "<" not in route else set())


class TestEveryAddress:
    def test_of_money_takes_no_harm_whatever_is_sent(self, walker, money):
        routes, found, wrong = addresses(), of_the_site(money), list[str]()
        for name, roles in ACT_OF_MONEY.items():
            whose = [OF_EACH_ROLE[code] for code in roles.split()]
            press: dict[str, list[str]] = {}
            for who in [*whose, *(one for one in EVERYBODY if one not in whose)]:
                there = who in expected_audience(name, routes[name])
                walk = Walk(walker, who, name, found[name], there, who in whose, wrong)
                if who not in whose:
                    walk.send("presses", press, harmless=True)
                    continue
                press = walk.press_everything(name in ONE_PRESS, money["payee"]) or press
                if walk.look().status_code == 403:
                    walk.say("looks", "is refused")
        assert wrong == []

    def test_leads_nowhere_with_a_document_of_another_request(self, walker, money):
        other = stories.a_submitted_request()
        for who in ("Amina", "Bruno"):
            answer = walker.get(who, f"/requests/{other.reference}/documents/{money['document']}/")
            assert (answer.status_code, SECRET in answer.content) == (404, False)
        answer = walker.get("Bruno", f"/requests/{money['reference']}/documents/{money['document']}/")
        assert (answer.status_code, SECRET in answer.content) == (200, True)
