"""Plan and budget: the mission writes lines, sends them to the approver, and may get them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from finance.queries import usd_rate
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from gaf.money import Money, WrongAmount
from gaf.records import delete_by, save_by
from gaf.refusals import Refusal
from gaf.sealing import seal
from gaf.thresholds import threshold
from workflow import notices
from workflow.actions.drafting import editing
from workflow.codelists import Section, why_not_by_call
from workflow.models import AssistanceRequest, BudgetLine, Person
from workflow.obstacles import require_nothing_missing
from workflow.policy import works_in
from workflow.repeated_help import needs_exceptional_approval
from workflow.states import LineState


@dataclass(frozen=True)
class LineText:
    """A budget line as written; `line_id` names one that is there already. Persons by key.

    `price_reason` says why it costs more than usual; None leaves what was written.
    """

    mission_id: int
    assistance_type: str
    description: str
    unit: str
    quantity: Decimal
    unit_cost: Money
    person_keys: Sequence[str] = ()
    line_id: int | None = None
    price_reason: str | None = None


@in_one_piece
def edit_plan(
    *,
    request_id: int,
    plan: str,
    delivery_months: int | None = None,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Write the assistance plan and how many months help will be given.

    Raises Refusal PLAN-01 when that is longer than the fund allows.
    """
    most = threshold("implementation_months_max")
    if delivery_months is not None and not 1 <= delivery_months <= most:
        raise Refusal(
            "PLAN-01",
            _("The plan was not changed."),
            _("Help lasts from 1 to %(most)s months.") % {"most": most},
            _("Write a shorter time; later help is a new request of the same case."),
        )
    with editing(request_id, {Section.PLAN}, actor=actor, at=at, seen_version=seen_version) as assistance:
        assistance.plan = seal(assistance.seal_owner(), plan)
        assistance.delivery_months = delivery_months
    return assistance


@in_one_piece
def edit_lines(
    *,
    request_id: int,
    lines: Sequence[LineText],
    remove: Sequence[int] = (),
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Add, change and remove budget lines; each is converted at the UN rate of the day and rounded half-up by itself.

    A person changes only the lines of missions they work in (Refusal LINE-02). Raises WrongAmount MONEY-04 for a line
    that costs nothing, RATE-01 where no rate is approved.
    """
    with editing(request_id, {Section.LINES}, actor=actor, at=at, seen_version=seen_version) as assistance:
        known = {line.pk: line for line in assistance.lines.filter(state=LineState.PROPOSED)}
        persons = {person.key: person for person in assistance.persons.filter(left_code="")}
        for line_id in remove:
            line = _known_line(known, line_id)
            _require_own_mission(assistance, line.mission_id, actor)
            delete_by(line, actor)
        for written in lines:
            _write_line(assistance, written, known, persons, actor, at)
    return assistance


def _known_line(known: dict[int, BudgetLine], line_id: int) -> BudgetLine:
    if line_id not in known:
        raise Refusal(
            "LINE-03",
            _("The budget was not changed."),
            _("It has no such line any more."),
            _("Look at the lines as they are now."),
        )
    return known[line_id]


def _require_own_mission(assistance: AssistanceRequest, mission_id: int, actor: User) -> None:
    if mission_id in assistance.mission_ids() and works_in(actor, mission_id):
        return
    raise Refusal(
        "LINE-02",
        _("The budget was not changed."),
        _("A line belongs to a mission you do not work in, or to one that does not take part."),
        _("Ask that mission to write its own lines."),
    )


def _write_line(
    assistance: AssistanceRequest,
    written: LineText,
    known: dict[int, BudgetLine],
    persons: dict[str, Person],
    actor: User,
    at: datetime,
) -> None:
    _require_own_mission(assistance, written.mission_id, actor)
    if written.line_id is None:
        assistance.last_line_number += 1
        line = BudgetLine(assistance=assistance, number=assistance.last_line_number)
    else:
        line = _known_line(known, written.line_id)
        _require_own_mission(assistance, line.mission_id, actor)
    local = written.unit_cost.times(written.quantity)
    if written.quantity <= 0 or written.unit_cost.minor <= 0 or local.minor <= 0:
        raise _costs_nothing()
    not_by_call = why_not_by_call(written.assistance_type, written.unit)
    if not_by_call:
        raise Refusal("LINE-05", _("The budget was not changed."), not_by_call, _("Choose another unit."))
    line.mission_id, line.assistance_type, line.unit = written.mission_id, written.assistance_type, written.unit
    line.description = seal(assistance.seal_owner(), written.description)
    if written.price_reason is not None:
        line.price_reason = seal(assistance.seal_owner(), written.price_reason)
    line.quantity, line.unit_cost_minor = written.quantity, written.unit_cost.minor
    line.currency = written.unit_cost.currency
    line.units_per_usd = usd_rate(line.currency, at.date()).units_per_usd
    line.local_minor, line.usd_minor = local.minor, local.in_usd(Decimal(line.units_per_usd)).minor
    save_by(line, actor)
    line.persons.set([persons[key] for key in written.person_keys if key in persons])


def _costs_nothing() -> WrongAmount:
    return WrongAmount(
        "MONEY-04",
        _("The budget was not changed."),
        _("A line has no quantity or costs nothing."),
        _("Write a quantity and a unit cost above zero, or remove the line."),
    )


@in_one_piece
def send_budget(*, request_id: int, actor: User, at: datetime, seen_version: int | None = None) -> AssistanceRequest:
    """Send plan and budget to the approvers. Raises Incomplete SEND-03 with everything that is missing."""
    with acting(
        AssistanceRequest, request_id, act="send_budget", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "send_budget", "SEND-03")
        doing.facts = budget_facts(assistance)
        assistance.send_budget(at=at)
        managers = notices.holding([Role.FUND_MANAGER])
        approvers = managers | notices.holding([Role.BUDGET_APPROVER])
        asked = managers if needs_exceptional_approval(assistance, at) else notices.just()
        notices.tell_those({"budget_to_approve": approvers, "repeated_help_to_allow": asked}, assistance, actor)
    return assistance


def budget_facts(assistance: AssistanceRequest) -> dict[str, object]:
    """The lines as a decision keeps them: codes, amounts and rates, no text."""
    return {
        "lines": [
            {
                "key": line.key,
                "type": line.assistance_type,
                "mission": line.mission_id,
                "quantity": str(line.quantity),
                "local": line.local_minor,
                "currency": line.currency,
                "rate": str(line.units_per_usd),
                "usd": line.usd_minor,
            }
            for line in assistance.lines.all()
        ]
    }


@in_one_piece
def return_budget(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Send the budget back to the mission, with the reason."""
    with acting(
        AssistanceRequest,
        request_id,
        act="return_budget",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        doing.subject.return_budget(at=at)
        notices.tell_missions("budget_returned", doing.subject, actor)
    return doing.subject
