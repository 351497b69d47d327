"""Every address, opened by everybody and sent everything, from every state: who it is for is written here by hand."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse

from finance.actions.chart import open_bank_account
from finance.actions.files import prepare_file
from finance.actions.payees import PayeeDetails, record_payee
from finance.actions.rates import enter_rate
from finance.actions.statements import import_statement
from finance.models import BankAccount
from gaf import clock, navigation
from tests import stories, stories_asking
from tests.cast import GENEVA, YEAR_START, criteria, mission, people
from tests.rules.test_permission_matrix import SHORT, expected
from tests.rules.walking import (
    ELSEWHERE,
    EVERYBODY,
    OF_EACH_ROLE,
    STRANGER,
    Walker,
    addresses,
    filled,
    forms_of,
    junk,
    kept,
    stale,
    wrong_with,
)
from tests.stories import by
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.test_documents import PDF
from workflow.actions.documents import add_document
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")
SECRET = b"Only the mission in Niger and its readers see these bytes."

ROLES = {
    "writers": "CW HU",
    "missions": "CW HU MF",
    "text": "CW HU MF ER DO BA CO FM DS",
    "readers": "CW HU MF ER DO BA CO PA RE FM PC DS AU",
    "finance": "CO PA RE FM AU",
    "disbursements": "MF CO PA RE FM AU",
    "statements": "PA RE FM AU",
    "fund": "BA CO PA RE FM PC AU",
    "payees": "MF CO PA FM PC AU",
}
# Every address and who it is for: roles or a group of them; `everybody` also means people who have not signed in.
FOR_WHOM = """
front_door                          everybody
healthz                             everybody
account_login                       everybody
account_logout                      everybody
account_reset_password              everybody
account_reset_password_done         everybody
account_reset_password_from_key     everybody
account_reset_password_from_key_done everybody
stripe_webhook                      everybody
wagtail_serve                       everybody
cms/login/                          everybody
cms/logout/                         everybody
^cms/password_reset/                everybody
cms/account/                        ED
desk_of_the_editors                 ED

desk                                missions
inbox                               ER
duty                                DO
approvals                           BA FM
certification                       CO
releases                            PA
closing                             FM
requests                            readers
request_new                         writers
request_new_standard                writers
request_new_urgent                  writers

record                              readers
history                             readers
edit_person                         writers
edit_situation                      writers
edit_help                           writers
edit_check                          writers
submit                              writers
send_urgent                         writers
sent                                missions
answer                              writers
plan                                writers
plan_assistance                     writers
plan_budget                         writers
plan_documents                      writers
plan_check                          writers
send_budget                         writers
documents                           text
document                            text
document_remove                     text
withdraw_persons                    writers
end_delivery                        writers
report                              missions
report_urgent_costs                 missions
review                              readers
ask                                 readers
approval                            readers
approve_budget                      readers
approve_deferred_line               readers
allow_urgent_spending               readers
certify_funds                       readers
release                             readers
accept_reports                      readers
endorse                             readers
return_to_author                    readers
take                                readers
recuse                              readers
confirm_eligibility                 readers
refuse_eligibility                  readers
return_budget                       readers
decline                             readers
return_to_approver                  readers
hold                                readers
resume                              readers
withdraw                            readers
cancel                              readers
close                               readers
reopen                              readers

disbursements                       disbursements
disbursement                        disbursements
stop_disbursement                   disbursements
prepare_disbursement                finance
payment_files                       finance
payment_file                        finance
payment_file_bytes                  CO PA FM
sign_first                          finance
sign_second                         finance
discard_file                        finance
reconciliation                      statements
import_statement                    statements
reconcile_account                   statements
fetch_statement                     statements
match_line                          statements
set_aside_line                      statements
fund                                fund
fund_stream                         fund
receipt_new                         fund
rates                               fund
rate_new                            fund
approve_rate                        fund
payees                              payees
payee_new                           payees
payee                               payees
payee_new_version                   payees
confirm_payee                       payees
reject_payee                        payees
"""
# The act a page of writing does, where it has another name than the page.
ACT_OF = {
    "edit_person": "write",
    "edit_situation": "write",
    "edit_help": "write",
    "edit_check": "submit",
    "plan_assistance": "write",
    "plan_budget": "write",
    "plan_check": "send_budget",
    "documents": "write",
    "document_remove": "write",
    "review": "confirm_eligibility",
    "approval": "approve_budget",
}
# Who does what with money, from any state.
ACT_OF_MONEY = {
    "prepare_disbursement": "CO",
    "stop_disbursement": "PA FM",
    "payment_files": "PA",
    "sign_first": "PA",
    "sign_second": "CO FM",
    "discard_file": "PA FM",
    "import_statement": "RE",
    "fetch_statement": "RE",
    "match_line": "RE",
    "set_aside_line": "RE",
    "receipt_new": "CO FM",
    "rate_new": "CO",
    "approve_rate": "PC",
    "payee_new": "MF",
    "payee_new_version": "MF",
    "confirm_payee": "PC",
    "reject_payee": "PC",
}
# Pages that ask nothing: pressing their button is all there is to say, and an empty form is that press.
ONE_PRESS = {"document_remove", "sign_first", "sign_second", "discard_file", "approve_rate", "fetch_statement"}

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
    "DECLINED": stories.a_declined_request,
    "ON_HOLD": lambda: stories.hold(stories.an_approved_request()),
    "WITHDRAWN": lambda: stories.withdraw(stories.a_submitted_request()),
}


@functools.cache
def audiences() -> dict[str, set[str]]:
    """The table: address to the names of those it is for; the stranger among them where it is for everybody."""
    found = {}
    for row in FOR_WHOM.strip().splitlines():
        if row.strip():
            name, *words = row.split()
            codes = " ".join(ROLES.get(word, word) for word in words).split()
            names = set(EVERYBODY) if words == ["everybody"] else {OF_EACH_ROLE[code] for code in codes}
            found[name.replace("desk_of_the_editors", "desk of the editors")] = names
    return found


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
        return stories.now(made)

    monkeypatch.setattr(stories_asking, "a_draft", a_draft_with_a_document)
    monkeypatch.setattr(navigation, "_providers", [])  # the bar is the same on every page, and a third of its time
    people(*(name for name in EVERYBODY if name))
    criteria()
    return Walker(EVERYBODY)


def places(made: AssistanceRequest) -> dict[str, str]:
    """The keys under which a request and its document are found."""
    return {"reference": made.reference, "key": made.documents.get().key}


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
    return any(OF_EACH_ROLE[code] == name for code in OF_EACH_ROLE if SHORT[code] in RIGHTS.get((state, act), ()))


def one_who_acts(state: str, act: str) -> str:
    """Whose act this is: from this state, or else from another one, or else a case worker's to look at."""
    anywhere = [name for name in OF_EACH_ROLE.values() if any(may_act(name, one, act) for one in STATES)]
    here = [name for name in anywhere if may_act(name, state, act)]
    return (here or anywhere or ["Amina"])[0]


@dataclass
class Walk:
    """One person at one address, and everything that was wrong there."""

    walker: Walker
    name: str
    place: str
    address: str
    for_them: bool  # whether the page is there for this person
    may_change: bool  # whether this person may change something from here
    wrong: list[str]

    def say(self, did: str, problem: str) -> None:
        self.wrong.append(f"{self.place}: {self.name or 'a stranger'} {did}: {problem}")

    def look(self) -> HttpResponse:
        """Open the page; nothing is changed by looking."""
        before = kept()
        answer = self.walker.get(self.name, self.address)
        if kept() != before:
            self.say("looks", "changes something")
        return self.judge("looks", answer)

    def send(self, did: str, data: dict[str, Any], *, harmless: bool) -> None:
        """Send something; `harmless` may never change anything, whoever sends it."""
        answer, changed = self.walker.post(self.name, self.address, data)
        self.judge(did, answer)
        if changed and (harmless or not self.may_change):
            self.say(did, "changes something")
        if changed and answer.status_code not in (302, 303):
            self.say(did, f"changes something and answers {answer.status_code}")

    def judge(self, did: str, answer: HttpResponse) -> HttpResponse:
        status = answer.status_code
        for problem in wrong_with(answer, self.address, signed_in=self.name != STRANGER):
            self.say(did, problem)
        if self.for_them and status == 404 and did != "sends nonsense":  # which names what is out of their sight
            self.say(did, "finds nothing")
        if not self.for_them:
            to_the_door = answer.headers.get("Location", "").startswith("/sign-in/")
            fitting = status == 302 and to_the_door if self.name == STRANGER else status in (404, 405)
            if not fitting:
                self.say(did, f"is answered {status}")
            if SECRET in answer.content:
                self.say(did, "reads the document")
        return answer

    def press_everything(self, empty_is_a_press: bool, foreign: str) -> None:
        """Send each form of the page empty, from a page opened long ago, and full of nonsense."""
        page = self.look()
        forms = forms_of(page)
        if page.status_code not in (403, 409):
            self.send("sends nothing", {}, harmless=not empty_is_a_press)
        for form in forms:
            if form.xpath(".//input[@name='seen_version']"):
                self.send("sends an old page", stale(form), harmless=True)
            self.send("sends nonsense", junk(form, foreign), harmless=False)


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

            walk(whose).press_everything(name in ONE_PRESS, foreign)
            if (turn + place) % 2:
                walk(other).look()
            else:
                walk(other).send("presses", {"seen_version": made.version}, harmless=False)
        print(chr(10).join(wrong))
        assert wrong == []


@pytest.fixture
def money(walker) -> dict[str, str]:
    """One record of each kind: prepared, in a file to be signed, at the bank, on a statement, not confirmed."""
    sent = stories.a_disbursing_request()
    stories.send_to_the_bank()
    at_the_bank = stories.bank()
    at_the_bank.receive(clock.now())
    content = at_the_bank.statement(GENEVA, YEAR_START, clock.today()).read_bytes()
    statement = import_statement(content=content, **by("Esi"))[0]
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
    entered = {"currency": "EUR", "effective_from": date(2026, 10, 1), "units_per_usd": Decimal("0.92")}
    enter_rate(**entered, source="invented", **by("Marie"))
    return {
        "reference": sent.reference,
        "document": sent.documents.get().key,
        "number": waiting.number,
        "message_id": in_a_file.message_id,
        "code": "GVA",
        "identity": statement.lines.filter(state="PROPOSED", minor__lt=0)[0].identity[:16],
        "payee": version.payee.key,
        "version": str(version.number),
        "currency": "EUR",
        "day": "2026-10-01",
    }


def of_the_site(records: dict[str, str]) -> dict[str, str]:
    """Every address, led to a record where it leads to one."""
    found = {}
    for name, route in addresses().items():
        keys = {**records, "number": records["version"] if "payees/" in route else records["number"]}
        keys["key"] = records["payee"] if "payees/" in route else records["document"]
        keys |= {"uidb36": "1", "key": "set"} if "uidb36" in route else {}
        keys["code"] = {"fund_stream": "A", "fetch_statement": "STR"}.get(name, "GVA")
        found[name] = filled({"wagtail_serve": "en/"}.get(name, route.lstrip("^")), keys)
    return found


def expected_audience(name: str, route: str) -> set[str]:
    """Everybody for whom the page is there: a mission's people elsewhere open pages that lead to no record."""
    here = audiences()[name]
    elsewhere = {ELSEWHERE[code] for code in ELSEWHERE if OF_EACH_ROLE[code] in here}
    return here | (elsewhere if "<" not in route else set())


class TestEveryAddress:
    def test_is_there_for_exactly_those_it_is_for(self, walker, money):
        routes, found, wrong = addresses(), of_the_site(money), list[str]()
        for name, address in found.items():
            there = expected_audience(name, routes[name])
            for who in EVERYBODY:
                Walk(walker, who, name, address, who in there, False, wrong).look()
        assert wrong == []

    def test_of_money_takes_no_harm_whatever_is_sent(self, walker, money):
        routes, found, wrong = addresses(), of_the_site(money), list[str]()
        for name, roles in ACT_OF_MONEY.items():
            whose = {OF_EACH_ROLE[code] for code in roles.split()}
            for who in EVERYBODY:
                there = who in expected_audience(name, routes[name])
                walk = Walk(walker, who, name, found[name], there, who in whose, wrong)
                if who in whose:
                    walk.press_everything(name in ONE_PRESS, money["payee"])
                else:
                    walk.send("presses", {"seen_version": "1"}, harmless=True)
        assert wrong == []

    def test_leads_nowhere_with_a_document_of_another_request(self, walker, money):
        other = stories.a_submitted_request()
        for who in ("Amina", "Bruno"):
            answer = walker.get(who, f"/requests/{other.reference}/documents/{money['document']}/")
            assert (answer.status_code, SECRET in answer.content) == (404, False)
        answer = walker.get("Bruno", f"/requests/{money['reference']}/documents/{money['document']}/")
        assert (answer.status_code, SECRET in answer.content) == (200, True)
