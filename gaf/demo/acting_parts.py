"""Scenes that recur in the stories, each through the real actions and by the person whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from finance.actions.certification import Codes
from finance.actions.disbursements import Part, prepare_disbursement
from finance.actions.files import prepare_file, sign_first, sign_second
from finance.actions.payees import PayeeDetails, confirm_payee, record_payee
from finance.models import BankAccount, Disbursement, PayeeVersion
from finance.queries import commitments_of, prepared_numbers
from finance.restrictions import propose_streams
from gaf import clock, ids
from gaf.accounts.models import Mission
from gaf.demo.stage import Stage
from gaf.money import Money
from workflow.actions import approval, clarification, eligibility, intake, payment, planning
from workflow.actions.approval import LineDecision, facts_of
from workflow.actions.drafting import (
    AlternativeText,
    CategoryText,
    ConsentText,
    HelpText,
    PersonText,
    UrgencyText,
    edit_help,
    edit_persons,
    edit_situation,
    start_request,
)
from workflow.actions.eligibility import CriterionAnswer
from workflow.actions.endorsement import endorse
from workflow.actions.planning import LineText, edit_lines, edit_plan
from workflow.forms.certifying import DIRECT_ASSISTANCE, LEDGER_ACCOUNTS
from workflow.models import AssistanceRequest, BudgetLine, CriteriaSet

ONE_DAY = timedelta(days=1)


@dataclass
class Asking:
    """What a case worker writes in the four steps."""

    mission: str
    language: str
    priority: str
    primary: str
    persons: list[PersonText]
    situation: str
    alternatives: list[AlternativeText]
    consent: ConsentText
    help_asked: list[tuple[str, str, str]]  # type, rough cost, currency
    others: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    other_missions: tuple[str, ...] = ()


@dataclass
class LineWritten:
    """One budget line as the scenario gives it."""

    type: str
    mission: str
    text: str
    unit: str
    quantity: str
    unit_cost: str
    currency: str
    persons: list[int] = field(default_factory=list)


def mission_id(code: str) -> int:
    """A mission's number by its country."""
    return Mission.objects.get(code=code).pk


def of(reference: str) -> AssistanceRequest:
    """The request as it is now."""
    return AssistanceRequest.objects.get(reference=reference)


def start(stage: Stage, author: str, asking: Asking, key: str = "") -> AssistanceRequest:
    """The first form is sent; sent again with the same key, it is the same request."""
    return start_request(
        mission_id=mission_id(asking.mission),
        language=asking.language,
        priority=asking.priority,
        idempotency_key=key or ids.random_key(),
        actor=stage.who(author),
        at=clock.now(),
    )


def write_request(stage: Stage, author: str, asking: Asking, key: str = "") -> str:
    """The case worker fills in the four steps; returns the reference."""
    actor, at = stage.who(author), clock.now()
    made = start(stage, author, asking, key)
    others = [mission_id(code) for code in asking.other_missions]
    edit_persons(
        request_id=made.pk,
        persons=asking.persons,
        consent=asking.consent,
        other_mission_ids=others or None,
        actor=actor,
        at=at,
    )
    edit_situation(
        request_id=made.pk,
        categories=CategoryText(asking.primary, asking.others, asking.tags),
        situation=asking.situation,
        alternatives=asking.alternatives,
        actor=actor,
        at=at,
    )
    wanted = [HelpText(kind, Money.of(cost, currency)) for kind, cost, currency in asking.help_asked]
    edit_help(request_id=made.pk, help_asked=wanted, urgency=UrgencyText(asking.priority), actor=actor, at=at)
    return made.reference


def submit(stage: Stage, author: str, reference: str) -> None:
    """The case worker sends it to the head of unit."""
    intake.submit(request_id=of(reference).pk, actor=stage.who(author), at=clock.now())


def send_urgent(stage: Stage, author: str, reference: str) -> None:
    """The case worker sends it to the duty officer at once."""
    intake.send_urgent(request_id=of(reference).pk, actor=stage.who(author), at=clock.now())


def endorsed(stage: Stage, head: str, reference: str) -> None:
    """The head of unit stands for it."""
    endorse(request_id=of(reference).pk, actor=stage.who(head), at=clock.now())


def take(stage: Stage, reviewer: str, reference: str) -> None:
    """The reviewer takes it, with no tie to the case or the mission."""
    eligibility.take(request_id=of(reference).pk, actor=stage.who(reviewer), at=clock.now())


def criteria_of(reference: str) -> CriteriaSet:
    """The criteria a request is judged by. Raises AssertionError before it was sent, for it has none yet."""
    criteria_set = of(reference).criteria_set
    if criteria_set is None:
        raise AssertionError(f"{reference} is not bound to any criteria")
    return criteria_set


def answer_criteria(stage: Stage, reviewer: str, reference: str, no: str = "") -> None:
    """The reviewer answers every criterion of the set the request is bound to; `no` names one that fails."""
    assistance = of(reference)
    answers = []
    for criterion in criteria_of(reference).criteria.all():
        if criterion.code == no:
            answers.append(CriterionAnswer(criterion.pk, "NO", "A programme exists and was not asked."))
        elif criterion.may_be_irrelevant and not assistance.persons.filter(age_band__in=["15-17"]).exists():
            answers.append(CriterionAnswer(criterion.pk, "NOT_RELEVANT"))
        else:
            answers.append(CriterionAnswer(criterion.pk, "YES"))
    eligibility.answer_criteria(request_id=assistance.pk, answers=answers, actor=stage.who(reviewer), at=clock.now())


def found_eligible(stage: Stage, reviewer: str, reference: str) -> None:
    """Every criterion met; the mission is asked for plan and budget."""
    answer_criteria(stage, reviewer, reference)
    eligibility.confirm_eligibility(request_id=of(reference).pk, actor=stage.who(reviewer), at=clock.now())


def write_plan(stage: Stage, author: str, reference: str, plan: str, lines: list[LineWritten], months: int = 3) -> None:
    """A mission writes its part of the plan and its own lines."""
    assistance, actor, at = of(reference), stage.who(author), clock.now()
    keys = list(assistance.persons.order_by("pk").values_list("key", flat=True))
    if plan:
        edit_plan(request_id=assistance.pk, plan=plan, delivery_months=months, actor=actor, at=at)
    written = [
        LineText(
            mission_id=mission_id(line.mission),
            assistance_type=line.type,
            description=line.text,
            unit=line.unit,
            quantity=Decimal(line.quantity),
            unit_cost=Money.of(line.unit_cost, line.currency),
            person_keys=tuple(keys[number] for number in line.persons) or tuple(keys),
        )
        for line in lines
    ]
    edit_lines(request_id=assistance.pk, lines=written, actor=actor, at=at)


def send_budget(stage: Stage, author: str, reference: str) -> None:
    """The mission sends plan and budget to the approver."""
    planning.send_budget(request_id=of(reference).pk, actor=stage.who(author), at=clock.now())


def ask(stage: Stage, who: str, reference: str, questions: list[tuple[str, str]]) -> None:
    """Headquarters asks about named parts."""
    wanted = [clarification.QuestionText(field_code, text) for field_code, text in questions]
    clarification.ask(request_id=of(reference).pk, questions=wanted, actor=stage.who(who), at=clock.now())


def answer(stage: Stage, who: str, reference: str, text: str) -> None:
    """The mission answers every open question."""
    assistance = of(reference)
    numbers = [question.number for question in assistance.questions.all() if question.is_open]
    clarification.answer(
        request_id=assistance.pk, answers=dict.fromkeys(numbers, text), actor=stage.who(who), at=clock.now()
    )


def line_decisions(
    reference: str, cut_to: dict[int, Decimal] | None = None, defer: dict[int, str] | None = None
) -> list[LineDecision]:
    """Each line approved on the stream the fund proposes; those named are cut, or wait for a condition."""
    assistance = of(reference)
    lines: list[BudgetLine] = list(assistance.lines.order_by("number"))
    amounts = {line.key: _decided(line, cut_to) for line in lines}
    proposed = propose_streams(amounts, {line.key: facts_of(assistance, line) for line in lines})
    decisions = []
    for line in lines:
        stream = proposed[line.key].stream_code or ""
        if defer and line.number in defer:
            decisions.append(LineDecision(line.pk, "defer", gate_code=defer[line.number]))
        elif cut_to and line.number in cut_to:
            decisions.append(
                LineDecision(line.pk, "cut", quantity=cut_to[line.number], reason_code="COVERED", stream_code=stream)
            )
        else:
            decisions.append(LineDecision(line.pk, "approve", stream_code=stream))
    return decisions


def _decided(line: BudgetLine, cut_to: dict[int, Decimal] | None) -> Money:
    if cut_to and line.number in cut_to:
        return line.cost_of(cut_to[line.number])[1]
    return line.usd


def approve(
    stage: Stage,
    approver: str,
    reference: str,
    cut_to: dict[int, Decimal] | None = None,
    defer: dict[int, str] | None = None,
) -> None:
    """The approver decides every line; the money is committed."""
    approval.approve_budget(
        request_id=of(reference).pk,
        decisions=line_decisions(reference, cut_to, defer),
        actor=stage.who(approver),
        at=clock.now(),
    )


def approve_deferred(stage: Stage, approver: str, reference: str, number: int) -> None:
    """What a line waited for is there; it is approved whole on the stream the fund proposes."""
    assistance = of(reference)
    line: BudgetLine = assistance.lines.get(number=number)
    stream = propose_streams({line.key: line.usd}, {line.key: facts_of(assistance, line)})[line.key].stream_code or ""
    approval.approve_deferred_line(
        request_id=assistance.pk,
        decision=LineDecision(line.pk, "approve", stream_code=stream),
        actor=stage.who(approver),
        at=clock.now(),
    )


def certify(stage: Stage, reference: str) -> None:
    """Marie confirms stream, codes and rate of each line."""
    types = {line.key: line.assistance_type for line in of(reference).lines.all()}
    codes = {
        commitment.line_key: Codes(
            wbs=f"{commitment.stream.wbs}.{commitment.line_key}",
            gl=LEDGER_ACCOUNTS.get(types.get(commitment.line_key, ""), DIRECT_ASSISTANCE),
        )
        for commitment in commitments_of(reference)
        if commitment.open
    }
    payment.certify_funds(request_id=of(reference).pk, codes=codes, actor=stage.who("marie"), at=clock.now())


def payee(stage: Stage, recorder: str, mission: str, details: PayeeDetails, kind: str = "VENDOR") -> PayeeVersion:
    """Mission finance records a payee."""
    return record_payee(
        mission=Mission.objects.get(code=mission), kind=kind, details=details, actor=stage.who(recorder), at=clock.now()
    )


def called_back(stage: Stage, version: PayeeVersion) -> PayeeVersion:
    """Viktor rings back and hears the same details."""
    confirm_payee(
        version_id=version.pk,
        call_back_note="Rang the number in our own directory; the accountant read out the same account.",
        actor=stage.who("viktor"),
        at=clock.now(),
    )
    return PayeeVersion.objects.get(pk=version.pk)


def prepare(
    stage: Stage,
    reference: str,
    version: PayeeVersion,
    account: str,
    amounts: dict[str, Money] | list[str],
    replaces: Disbursement | None = None,
) -> Disbursement:
    """Marie prepares a disbursement for lines, whole (a list) or in part (amounts)."""
    open_now = {c.line_key: c.local_open for c in commitments_of(reference) if c.open}
    wanted = amounts if isinstance(amounts, dict) else {key: open_now[key] for key in amounts}
    return prepare_disbursement(
        reference=reference,
        payee_version=PayeeVersion.objects.get(pk=version.pk),
        bank_account=BankAccount.objects.get(code=account),
        parts=[Part(key, money) for key, money in wanted.items()],
        actor=stage.who("marie"),
        at=clock.now(),
        replaces=replaces,
    )


def release(stage: Stage, reference: str) -> list[str]:
    """Divya releases everything that is prepared; returns the numbers."""
    numbers = prepared_numbers(reference)
    payment.release(request_id=of(reference).pk, numbers=numbers, actor=stage.who("divya"), at=clock.now())
    return numbers


def send_file(stage: Stage, account: str, numbers: list[str] | None = None) -> None:
    """Divya builds the file and signs it first, Helena signs it second; the worker takes it to the bank."""
    divya, at = stage.who("divya"), clock.now()
    made = prepare_file(bank_account=BankAccount.objects.get(code=account), actor=divya, at=at, numbers=numbers)
    sign_first(file_id=made.pk, actor=divya, at=at)
    sign_second(file_id=made.pk, actor=stage.who("helena"), at=at)
