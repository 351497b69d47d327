"""Approval: every line is approved, cut, deferred or declined, and the money is committed in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from finance.actions.commitments import URGENT, Allotment, SpendFacts, commit_funds, free_commitments
from finance.models import FundingStream
from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.decisions.so_far import may_have_done
from gaf.gate import acting, in_one_piece, under_lock
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.thresholds import threshold, usd_threshold
from gaf.versions import save_all_by
from workflow import notices
from workflow.actions.honoured import keep_only_reported_costs
from workflow.calendar_days import months_after
from workflow.models import AssistanceRequest, BudgetLine
from workflow.obstacles import require_nothing_missing
from workflow.protection.standing import closed_lines, why_closed
from workflow.repeated_help import note_help, require_no_repeat
from workflow.states import GRANTED, LineState

OUTCOMES = ("approve", "cut", "defer", "decline")


@dataclass(frozen=True)
class LineDecision:
    """What is decided about one line. A cut says the quantity and why; a deferral for what; a refusal why."""

    line_id: int
    outcome: str
    quantity: Decimal | None = None
    reason_code: str = ""
    gate_code: str = ""
    stream_code: str = ""


class NotDecided(Refusal):
    """A decision about a line that cannot be so."""


def _not_decided(code: str, number: int, why: str, next_step: str) -> NotDecided:
    return NotDecided(code, _("Line %(number)s was not decided.") % {"number": number}, why, next_step)


def facts_of(assistance: AssistanceRequest, line: BudgetLine) -> SpendFacts:
    """What donor restrictions are tested on for one line: country, nationalities, categories, type; no person."""
    persons = list(line.persons.all()) or list(assistance.persons.all())
    return SpendFacts(
        country=line.mission.code,
        nationalities=frozenset(person.nationality for person in persons),
        categories=frozenset(assistance.categories),
        assistance_type=line.assistance_type,
        children_only=bool(persons) and all(person.is_child for person in persons),
    )


def granted_by(line: BudgetLine, decision: LineDecision) -> tuple[Money, Money]:
    """Local and USD amount a decision grants; zero when it grants nothing."""
    if decision.outcome == "approve":
        return line.local, line.usd
    if decision.outcome == "cut" and decision.quantity is not None:
        return line.cost_of(decision.quantity)
    return Money.zero(line.currency), Money.zero("USD")


def total_approved(lines: Sequence[BudgetLine], decisions: Sequence[LineDecision]) -> Money:
    """The sum these decisions would commit, in US dollars: per line half-up, then added."""
    known = {line.pk: line for line in lines}
    return total([granted_by(known[d.line_id], d)[1] for d in decisions if d.line_id in known], "USD")


def approval_warnings(assistance: AssistanceRequest, decisions: Sequence[LineDecision]) -> list[str]:
    """What the approver should see and may still approve: more than the soft ceiling for each person."""
    persons = sum(not person.has_left for person in assistance.persons.all()) or 1
    ceiling = usd_threshold("per_person_soft_ceiling_usd")
    approved = total_approved(list(assistance.lines.all()), decisions)
    if approved.minor <= ceiling.minor * persons:
        return []
    return [_("This is more than %(ceiling)s for each person.") % {"ceiling": ceiling}]


@in_one_piece
def approve_budget(
    *,
    request_id: int,
    decisions: Sequence[LineDecision],
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
    streams: Sequence[FundingStream] | None = None,
) -> AssistanceRequest:
    """Decide every line and commit the money, or nothing at all.

    An urgent allowance is absorbed first. `streams` are those that can be chosen, where this piece read them already.
    Raises Incomplete APPROVE-01, NotDecided APPROVE-02 to APPROVE-05, GATE-01, Refusal REPEAT-01, CEILING-01, and
    finance's InsufficientFunds FUND-01, RestrictedStream FUND-02, EndedStream FUND-03.
    """
    locked = under_lock(AssistanceRequest, request_id)
    lines = read_lines(locked)
    _require_each_line_decided(lines, decisions)
    amount = total_approved(lines, decisions)
    with acting(
        AssistanceRequest,
        request_id,
        act="approve_budget",
        actor=actor,
        at=at,
        amount=amount,
        reason=reason,
        seen_version=seen_version,
        locked=locked,
    ) as doing:
        assistance = doing.subject
        require_no_repeat(assistance, at)
        require_nothing_missing(assistance, "approve_budget", "APPROVE-01")
        _require_something_within_ceiling(assistance, amount)
        by_id = {decision.line_id: decision for decision in decisions}
        granted = [line for line in lines if by_id[line.pk].outcome in ("approve", "cut")]
        require_open_gates(assistance, granted, at)
        _decide(lines, by_id, actor)
        _absorb_allowance(assistance, lines, at)
        _commit(assistance, [line for line in lines if line.is_granted], actor, at, streams)
        assistance.approved_at = at
        note_help(assistance, at)
        months = assistance.delivery_months or threshold("implementation_months_default")
        assistance.delivery_ends_on = months_after(at.date(), months)
        doing.facts = _decided_facts(assistance, lines, decisions)
        assistance.approve_budget(at=at)
        _tell_of_money("budget_decided", assistance, actor)
    return assistance


def _tell_of_money(notice: str, assistance: AssistanceRequest, actor: User) -> None:
    """The missions hear what was decided, and the certifying officer that there is money to certify."""
    missions, certifiers = notices.in_missions(assistance, MISSION_ROLES), notices.holding([Role.CERTIFYING_OFFICER])
    notices.tell_those({notice: missions, "funds_to_certify": certifiers}, assistance, actor)


def read_lines(assistance: AssistanceRequest) -> list[BudgetLine]:
    """The lines with their missions and persons, read once for a request."""
    lines = BudgetLine.objects.select_related("mission").order_by("number")
    prefetch_related_objects([assistance], Prefetch("lines", lines), "lines__persons", "persons")
    return list(assistance.lines.all())


def _require_each_line_decided(lines: Sequence[BudgetLine], decisions: Sequence[LineDecision]) -> None:
    decided = [decision.line_id for decision in decisions]
    if sorted(decided) != sorted(line.pk for line in lines):
        raise NotDecided(
            "APPROVE-02",
            _("The budget was not decided."),
            _("Each line needs one decision."),
            _("Look at the lines as they are now, and decide each."),
        )


def require_open_gates(assistance: AssistanceRequest, lines: Sequence[BudgetLine], at: datetime) -> None:
    """Raises NotDecided GATE-01 for the first of these lines that waits behind a gate; others never wait for it."""
    closed = closed_lines(assistance, "approve_budget", at.date(), lines)
    for line in lines:
        if line.pk in closed:
            raise _not_decided(
                "GATE-01",
                line.number,
                why_closed(closed[line.pk]),
                _("Let the line wait for the condition; the other lines can be approved now."),
            )


def _require_something_within_ceiling(assistance: AssistanceRequest, amount: Money) -> None:
    if not amount:
        raise NotDecided(
            "APPROVE-03",
            _("The budget was not approved."),
            _("No line would be paid."),
            _("Use “Do not approve” and say why."),
        )
    ceiling = usd_threshold("per_case_hard_ceiling_usd")
    if amount > ceiling:
        raise Refusal(
            "CEILING-01",
            _("The budget was not approved."),
            _("%(amount)s is above %(ceiling)s, the most the fund gives in one case.")
            % {"amount": amount, "ceiling": ceiling},
            _("Cut or decline lines; help beyond that is a project of its own."),
        )


_WRITTEN = ["state", "approved_quantity", "approved_local_minor", "approved_usd_minor", "cut_code", "gate_code"]
_WRITTEN += ["stream_code", "gate_met_on"]


def _decide(lines: Sequence[BudgetLine], decisions: Mapping[int, LineDecision], actor: User) -> None:
    """Write the decisions on their lines."""
    for line in lines:
        _require_whole(line, decisions[line.pk])
        _write(line, decisions[line.pk])
    save_all_by(lines, _WRITTEN, actor)


def _write(line: BudgetLine, decision: LineDecision) -> None:
    local, usd = granted_by(line, decision)
    states = {"approve": "APPROVED", "cut": "CUT", "defer": "DEFERRED", "decline": "DECLINED"}
    line.state = states[decision.outcome]
    line.approved_quantity = line.quantity if decision.outcome == "approve" else None
    if decision.outcome == "cut":
        line.approved_quantity = decision.quantity
    line.approved_local_minor, line.approved_usd_minor = local.minor, usd.minor
    line.cut_code = decision.reason_code if decision.outcome in ("cut", "decline") else ""
    line.gate_code = decision.gate_code if decision.outcome == "defer" else line.gate_code
    line.stream_code = decision.stream_code if line.is_granted else ""
    line.gate_met_on = None


def _require_whole(line: BudgetLine, decision: LineDecision) -> None:
    number, outcome = line.number, decision.outcome
    if outcome not in OUTCOMES:
        raise _not_decided("APPROVE-02", number, _("There is no such decision."), _("Choose one of the four."))
    if outcome == "cut" and not (decision.quantity and 0 < decision.quantity < line.quantity):
        why = _("A cut is to a quantity above zero and below %(quantity)s.") % {"quantity": line.quantity}
        raise _not_decided("APPROVE-04", number, why, _("Write the quantity that is approved."))
    if outcome in ("cut", "decline") and not decision.reason_code:
        raise _not_decided("APPROVE-05", number, _("A line left out or cut needs a reason."), _("Choose the reason."))
    if outcome == "defer" and not decision.gate_code:
        raise _not_decided("APPROVE-05", number, _("Nothing says what the line waits for."), _("Choose the condition."))
    if outcome in ("approve", "cut") and not decision.stream_code:
        raise _not_decided("APPROVE-05", number, _("No stream bears it."), _("Choose a stream that fits."))


def _absorb_allowance(assistance: AssistanceRequest, lines: Sequence[BudgetLine], at: datetime) -> None:
    """Free the urgent allowance; what was reported under it must be inside the lines that are approved now."""
    allowance = assistance.urgent_allowance()
    if allowance is None:
        return
    covered = sum(line.approved_usd_minor for line in lines if line.assistance_type in allowance.assistance_types)
    if covered < (allowance.reported_minor or 0):
        raise NotDecided(
            "URGENT-04",
            _("The budget was not approved."),
            _("Urgent costs of %(costs)s were allowed and spent, and these lines do not cover them.")
            % {"costs": Money(allowance.reported_minor or 0, "USD")},
            _("Approve the lines that hold the urgent costs."),
        )
    free_commitments(reference=assistance.reference, at=at, line_keys=[URGENT], reason_code="absorbed")


def _commit(
    assistance: AssistanceRequest,
    lines: Sequence[BudgetLine],
    actor: User,
    at: datetime,
    streams: Sequence[FundingStream] | None,
) -> None:
    allotments = [
        Allotment(
            line_key=line.key,
            stream_code=line.stream_code,
            usd=line.approved_usd,
            local=line.approved_local,
            units_per_usd=line.units_per_usd,
            facts=facts_of(assistance, line),
        )
        for line in lines
    ]
    commit_funds(
        reference=assistance.reference,
        allotments=allotments,
        actor=actor,
        at=at,
        choices=streams,
        any_before=may_have_done(assistance, "approve_budget"),
    )


def _decided_facts(
    assistance: AssistanceRequest, lines: Sequence[BudgetLine], decisions: Sequence[LineDecision]
) -> dict[str, object]:
    """The decision as it is kept: each line's outcome, amount, rate, stream and codes."""
    return {
        "lines": [
            {
                "key": line.key,
                "state": str(line.state),
                "quantity": str(line.approved_quantity or 0),
                "local": line.approved_local_minor,
                "currency": line.currency,
                "rate": str(line.units_per_usd),
                "usd": line.approved_usd_minor,
                "stream": line.stream_code,
                "cut": line.cut_code,
                "gate": line.gate_code,
            }
            for line in lines
        ],
        "warnings": len(approval_warnings(assistance, decisions)),
    }


@in_one_piece
def allow_repeated_help(
    *, request_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Give an exceptional approval: the reason says what was learned from the first help. Raises Incomplete REPEAT-02
    where nothing asks for it. Somebody else approves the budget."""
    with acting(
        AssistanceRequest,
        request_id,
        act="allow_repeated_help",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "allow_repeated_help", "REPEAT-02")
        doing.facts = {"months": threshold("repeat_assistance_months")}
        assistance.allow_repeated_help()
        notices.tell_role([Role.BUDGET_APPROVER], "repeated_help_allowed", assistance, actor)
    return assistance


@in_one_piece
def decline(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Do not approve the budget, and say why. Reported urgent costs are still honoured; everything else is freed."""
    with acting(
        AssistanceRequest,
        request_id,
        act="decline",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "decline", "APPROVE-01")
        doing.facts = {"kept_usd_minor": keep_only_reported_costs(assistance, at)}
        assistance.decline(at=at)
        notices.tell_missions("budget_decided", assistance, actor, MISSION_ROLES)
    return assistance


@in_one_piece
def approve_deferred_line(
    *,
    request_id: int,
    decision: LineDecision,
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
    streams: Sequence[FundingStream] | None = None,
) -> AssistanceRequest:
    """Approve a line whose condition is met now, whole or cut, and commit its money.

    The approver's delegation covers the new total of the approval, so that no ceiling is passed in slices. Raises
    NotPermitted DOA-01, NotDecided APPROVE-06 when the line does not wait for anything, and what `approve_budget`
    raises for money.
    """
    locked = under_lock(AssistanceRequest, request_id)
    lines = read_lines(locked)
    line = next((line for line in lines if line.pk == decision.line_id), None)
    if line is None or line.state != LineState.DEFERRED or decision.outcome not in ("approve", "cut"):
        number = line.number if line else 0
        raise _not_decided("APPROVE-06", number, _("It does not wait for a condition."), _("Look at the lines again."))
    standing = [one.granted_usd for one in lines if one.state in GRANTED]
    new_total = total([*standing, granted_by(line, decision)[1]], "USD")
    with acting(
        AssistanceRequest,
        request_id,
        act="approve_deferred_line",
        actor=actor,
        at=at,
        amount=new_total,
        reason=reason,
        seen_version=seen_version,
        locked=locked,
    ) as doing:
        assistance = doing.subject
        require_open_gates(assistance, [line], at)
        _require_something_within_ceiling(assistance, new_total)
        _decide([line], {line.pk: decision}, actor)
        _commit(assistance, [line], actor, at, streams)
        doing.facts = _decided_facts(assistance, [line], [decision])
        assistance.approve_deferred_line()
        _tell_of_money("line_approved", assistance, actor)
    return assistance
