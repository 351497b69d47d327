"""Requests brought to a state through the real actions, each by the person whose turn it is.

Every story happens in Niger unless it says otherwise, in US dollars, so that amounts can be read at a glance:
shelter 588.00 (21 nights at 28.00), medical care 340.00; together USD 928.00.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

from finance.actions.certification import Codes
from finance.actions.disbursements import Part, prepare_disbursement
from finance.actions.files import prepare_file, sign_first, sign_second
from finance.actions.matching import match_line, set_aside_line
from finance.actions.payees import PayeeDetails, confirm_payee, record_payee
from finance.actions.statements import import_statement
from finance.models import BankAccount, Commitment, Disbursement, Journal, PayeeVersion
from finance.queries import commitments_of, prepared_numbers
from finance.stand_ins.bank import BankStandIn, Tariff
from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from tests.cast import GENEVA, RATES, YEAR_START, mission, rate
from tests.remembering import told_once
from tests.stories_asking import (
    MEDICAL,
    NO_FUNDS,
    SHELTER,
    WOMAN,
    WRITTEN_CONSENT,
    a_draft,
    a_refused_request,
    a_submitted_request,
    a_taken_request,
    an_asked_request,
    an_empty_draft,
    an_endorsed_request,
    an_urgent_request,
    answer_all_criteria,
    ask,
    by,
    now,
    refuse,
    usd,
    what_the_gates_ask,
)
from workflow.actions import (
    approval,
    closing,
    eligibility,
    exceptions,
    payment,
    planning,
    reporting,
)
from workflow.actions import delivery as delivery_acts
from workflow.actions.approval import LineDecision
from workflow.actions.planning import LineText, edit_lines, edit_plan
from workflow.models import AssistanceRequest, BudgetLine

__all__ = [
    "MEDICAL",
    "NO_FUNDS",
    "SHELTER",
    "WOMAN",
    "WRITTEN_CONSENT",
    "a_draft",
    "a_refused_request",
    "a_submitted_request",
    "a_taken_request",
    "an_asked_request",
    "an_empty_draft",
    "an_endorsed_request",
    "an_urgent_request",
    "answer_all_criteria",
    "ask",
    "by",
    "now",
    "refuse",
    "usd",
    "what_the_gates_ask",
]


# Plan, budget, approval


@told_once
def an_eligible_request(**choices: Any) -> AssistanceRequest:
    """Plan and budget are needed."""
    made = a_taken_request(**choices)
    answer_all_criteria(made)
    what_the_gates_ask(made, choices.get("author", "Amina"), choices.get("head", "Idriss"), only=("G3",))
    return eligibility.confirm_eligibility(request_id=made.pk, **by("Bruno"))


def line_text(
    assistance: AssistanceRequest,
    row: tuple[str, str, str, str, str, str],
    code: str = "NE",
    persons: Sequence[int] | None = None,
) -> LineText:
    """A line as the mission writes it, for all persons or for some by their place."""
    kind, text, unit, quantity, cost, currency = row
    keys = list(assistance.persons.order_by("pk").values_list("key", flat=True))
    if currency != "USD":
        rate(currency)
    return LineText(
        mission_id=mission(code).pk,
        assistance_type=kind,
        description=text,
        unit=unit,
        quantity=Decimal(quantity),
        unit_cost=Money.of(cost, currency),
        person_keys=keys if persons is None else [keys[place] for place in persons],
    )


def plan(
    assistance: AssistanceRequest,
    lines: Sequence[tuple[str, str, str, str, str, str]] = (SHELTER, MEDICAL),
    author: str = "Amina",
    code: str = "NE",
) -> AssistanceRequest:
    """The mission writes the plan and its lines."""
    edit_plan(request_id=assistance.pk, plan="Shelter, then care.", **by(author))
    written = [line_text(assistance, row, code) for row in lines]
    return edit_lines(request_id=assistance.pk, lines=written, **by(author))


@told_once
def a_budget_to_approve(
    lines: Sequence[Any] = (SHELTER, MEDICAL), leave: Sequence[str] = (), **choices: Any
) -> AssistanceRequest:
    """Plan and budget are with the approver; what gates ask for is on file, but for those left."""
    made = plan(an_eligible_request(**choices), lines, choices.get("author", "Amina"), choices.get("code", "NE"))
    what_the_gates_ask(made, choices.get("author", "Amina"), choices.get("head", "Idriss"), but=leave)
    return planning.send_budget(request_id=made.pk, **by(choices.get("author", "Amina")))


def lines_of(assistance: AssistanceRequest) -> list[BudgetLine]:
    """The lines as they are now."""
    return list(BudgetLine.objects.filter(assistance=assistance).select_related("mission").order_by("number"))


def whole(assistance: AssistanceRequest, stream_code: str = "A") -> list[LineDecision]:
    """Every line approved as asked."""
    return [LineDecision(line.pk, "approve", stream_code=stream_code) for line in lines_of(assistance)]


def approve(
    assistance: AssistanceRequest, decisions: Sequence[LineDecision] | None = None, approver: str = "Chen"
) -> AssistanceRequest:
    """The approver decides; every line as asked unless said otherwise."""
    return approval.approve_budget(request_id=assistance.pk, decisions=decisions or whole(assistance), **by(approver))


@told_once
def an_approved_request(**choices: Any) -> AssistanceRequest:
    """The money is committed."""
    return approve(a_budget_to_approve(**choices))


@told_once
def a_deferred_request(**choices: Any) -> AssistanceRequest:
    """Approved, but the second line waits for a risk assessment."""
    made = a_budget_to_approve(**choices)
    first, second = lines_of(made)
    deferred = LineDecision(second.pk, "defer", gate_code="RISK_ASSESSMENT")
    return approve(made, [LineDecision(first.pk, "approve", stream_code="A"), deferred])


@told_once
def a_declined_request(**choices: Any) -> AssistanceRequest:
    """Not approved."""
    return decline(a_budget_to_approve(**choices))


def decline(assistance: AssistanceRequest, approver: str = "Chen") -> AssistanceRequest:
    """The approver does not approve."""
    return approval.decline(
        request_id=assistance.pk, reason_code="NOT_PROPORTIONATE", reason="Too much for the need.", **by(approver)
    )


# Payment


def codes_of(assistance: AssistanceRequest) -> dict[str, Codes]:
    """A WBS element and a ledger account for each open line."""
    return {c.line_key: Codes("GAF.A.01", "7100") for c in commitments_of(assistance.reference) if c.open}


def certify(assistance: AssistanceRequest) -> AssistanceRequest:
    """Marie confirms the funds."""
    return payment.certify_funds(request_id=assistance.pk, codes=codes_of(assistance), **by("Marie"))


@told_once
def a_funded_request(**choices: Any) -> AssistanceRequest:
    """Funds are certified."""
    return certify(an_approved_request(**choices))


def a_payee(recorder: str = "Moussa", code: str = "NE") -> PayeeVersion:
    """A supplier with an account in euro land, recorded in the mission, confirmed by Viktor's call."""
    details = PayeeDetails(
        holder="Shelter House",
        account="DE89370400440532013000",
        currency="USD",
        country="DE",
        is_iban=True,
        bic="COBADEFFXXX",
        bank="Sample Bank",
        town="Frankfurt",
    )
    version = record_payee(mission=mission(code), kind="VENDOR", details=details, **by(recorder))
    confirm_payee(version_id=version.pk, call_back_note="Rang back.", **by("Viktor"))
    return PayeeVersion.objects.get(pk=version.pk)


def prepare(assistance: AssistanceRequest, amounts: dict[str, Money] | None = None, **said: Any) -> Disbursement:
    """Marie prepares one disbursement for everything that is open, or for these amounts."""
    open_now = {c.line_key: c.local_open for c in commitments_of(assistance.reference) if c.open}
    parts = [Part(key, money) for key, money in (amounts or open_now).items()]
    return prepare_disbursement(
        reference=assistance.reference,
        payee_version=a_payee(),
        bank_account=BankAccount.objects.get(code="GVA"),
        parts=parts,
        **said,
        **by("Marie"),
    )


def release(assistance: AssistanceRequest) -> AssistanceRequest:
    """Divya releases everything that is prepared."""
    numbers = prepared_numbers(assistance.reference)
    return payment.release(request_id=assistance.pk, numbers=numbers, **by("Divya"))


@told_once
def a_disbursing_request(amounts: dict[str, Money] | None = None, **choices: Any) -> AssistanceRequest:
    """Everything open was released; nothing has left yet."""
    made = a_funded_request(**choices)
    prepare(made, amounts)
    return release(made)


def send_to_the_bank() -> None:
    """Divya and Helena sign a file of everything released; the worker brings it to the bank."""
    made = prepare_file(bank_account=BankAccount.objects.get(code="GVA"), **by("Divya"))
    sign_first(file_id=made.pk, **by("Divya"))
    sign_second(file_id=made.pk, **by("Helena"))
    drain()


def bank() -> BankStandIn:
    """The bank of the account in Geneva; it keeps no spread."""
    account = BankAccount.objects.get(code="GVA")
    given = Money(sum(account.receipts.values_list("minor", flat=True)), "USD")
    rates = {currency: Decimal(units) for currency, units in RATES.items()} | {"EUR": Decimal("0.92")}
    return BankStandIn(Path(settings.GAF_BANK_FOLDER), {GENEVA: ("USD", given)}, rates, Tariff(spread_basis_points=0))


def reconcile() -> None:
    """The bank works, issues a statement, and Esi matches every line or sets it aside."""
    at_the_bank = bank()
    at_the_bank.receive(clock.now())
    path = at_the_bank.statement(GENEVA, YEAR_START, clock.today())
    for statement in import_statement(content=path.read_bytes(), **by("Esi")):
        for line in statement.lines.order_by("number"):
            if line.state == "PROPOSED" or line.is_charge:
                match_line(line_id=line.pk, **by("Esi"))
            else:
                set_aside_line(line_id=line.pk, reason_code="unknown_sender", reason="Asked the bank.", **by("Esi"))
    drain()


@told_once
def an_implementing_request(**choices: Any) -> AssistanceRequest:
    """The bank confirmed the payment; help is being given."""
    made = a_disbursing_request(**choices)
    send_to_the_bank()
    reconcile()
    return now(made)


# Reports and closing


@told_once
def a_reporting_request(**choices: Any) -> AssistanceRequest:
    """Help has ended; reports are due."""
    made = an_implementing_request(**choices)
    return delivery_acts.end_delivery(request_id=made.pk, **by(choices.get("author", "Amina")))


def report(
    assistance: AssistanceRequest, spent: dict[str, Money] | None = None, who: str = "Moussa", code: str = "NE"
) -> AssistanceRequest:
    """A mission reports; everything granted was spent unless said otherwise."""
    told = spent or {}
    lines = [
        reporting.SpentLine(line.pk, told.get(line.key, line.granted_local), 1)
        for line in lines_of(assistance)
        if line.mission.code == code and line.approved_quantity is not None
    ]
    return reporting.report(
        request_id=assistance.pk,
        mission_id=mission(code).pk,
        narrative="The person is safe.",
        period_from=date(2026, 10, 20),
        period_to=date(2026, 11, 20),
        lines=lines,
        **by(who),
    )


def accept(assistance: AssistanceRequest, accepted: dict[str, Money] | None = None) -> AssistanceRequest:
    """Marie accepts what was reported, or less for lack of proof."""
    told = accepted or {}
    rows = reporting.reported_on(assistance).rows
    lines = [reporting.AcceptedLine(row.line_id, told.get(row.line.key, row.spent), "NO_EVIDENCE") for row in rows]
    return reporting.accept_reports(request_id=assistance.pk, lines=lines, **by("Marie"))


@told_once
def a_reconciling_request(**choices: Any) -> AssistanceRequest:
    """The reports are accepted, all was spent."""
    return accept(report(a_reporting_request(**choices)))


@told_once
def a_closed_request(**choices: Any) -> AssistanceRequest:
    """Every cent is explained."""
    return closing.close(request_id=a_reconciling_request(**choices).pk, reason_code="COMPLETED", **by("Helena"))


def hold(assistance: AssistanceRequest) -> AssistanceRequest:
    """Helena lets it rest."""
    return exceptions.hold(request_id=assistance.pk, reason_code="SAFETY", reason="Wait for news.", **by("Helena"))


def withdraw(assistance: AssistanceRequest, who: str = "Amina") -> AssistanceRequest:
    """The mission takes it back."""
    return exceptions.withdraw(request_id=assistance.pk, reason_code="REFERRED", reason="Helped elsewhere.", **by(who))


def cancel(assistance: AssistanceRequest) -> AssistanceRequest:
    """Helena ends it."""
    return exceptions.cancel(
        request_id=assistance.pk, reason_code="LOST_CONTACT", reason="Nobody answers.", **by("Helena")
    )


# What must be as it was


def everything() -> dict[str, Any]:
    """All that a refused act leaves as it was: requests, lines, decisions, history, promises, money."""
    return {
        "requests": list(AssistanceRequest.objects.order_by("pk").values_list("pk", "state", "version")),
        "lines": list(BudgetLine.objects.order_by("pk").values_list("pk", "state", "approved_usd_minor")),
        "history": AssistanceRequest.history.count() + BudgetLine.history.count(),
        "decisions": Decision.objects.count(),
        "promises": sorted(OutboxMessage.objects.values_list("key", flat=True)),
        "journals": list(Journal.objects.values_list("number", "hash")),
        "commitments": list(
            Commitment.objects.order_by("pk").values_list("pk", "usd_minor", "freed_usd_minor", "disbursed_usd_minor")
        ),
    }


def told(notice: str) -> set[str]:
    """Names of the people who were promised this mail."""
    readers = [message.payload["person"] for message in OutboxMessage.objects.filter(payload__notice=notice)]
    return set(User.objects.filter(pk__in=readers).values_list("name", flat=True))


def last_decision(assistance: AssistanceRequest) -> Decision:
    """The newest decision about the request itself."""
    return Decision.objects.filter(subject=assistance.reference).order_by("-number")[0]
