"""Amendments: a change to an approved budget, asked by the mission and decided at the threshold of the new total.

The request stays where it is. What was approved stays as it was approved: more of a line is a line of its own at the
rate of the day it was asked, less of a line is cancelled units of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from finance.queries import usd_rate
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Incomplete, Refusal
from gaf.sealing import seal
from workflow import notices, policy
from workflow.codelists import why_not_by_call
from workflow.models import Amendment, AmendmentLine, AssistanceRequest, BudgetLine
from workflow.obstacles import require_nothing_missing
from workflow.policy import works_in

K = AmendmentLine.Kind


@dataclass(frozen=True)
class NewLine:
    """A line that was not in the budget. Persons by key."""

    mission_id: int
    assistance_type: str
    description: str
    unit: str
    quantity: Decimal
    unit_cost: Money
    person_keys: Sequence[str] = ()


@dataclass(frozen=True)
class MoreOfLine:
    """So many units more of a line, at its unit cost unless another is said."""

    line_id: int
    quantity: Decimal
    unit_cost: Money | None = None
    description: str = ""


@dataclass(frozen=True)
class LessOfLine:
    """So many units of a line that are no longer needed."""

    line_id: int
    quantity: Decimal


Change = NewLine | MoreOfLine | LessOfLine


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The amendment was not asked for."), why, next_step)


@in_one_piece
def ask_amendment(
    *,
    request_id: int,
    why: str,
    changes: Sequence[Change],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> Amendment:
    """Ask for another budget. Nothing of the request changes until it is approved.

    Raises Incomplete AMEND-03 when one is open already or nothing is asked, Refusal AMEND-04 for a line of another
    mission, AMEND-05 for a change that cannot be so, RATE-01 where no rate is approved.
    """
    with acting(
        AssistanceRequest, request_id, act="ask_amendment", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "ask_amendment", "AMEND-03")
        if not why.strip() or not changes:
            raise Incomplete("AMEND-03", _("The amendment was not asked for."), [_("Say what must change, and why.")])
        number = assistance.amendments.count() + 1
        amendment = Amendment(
            key=f"{assistance.reference}/A{number}",
            assistance=assistance,
            number=number,
            why=seal(assistance.seal_owner(), why),
            asked_by=actor,
            asked_at=at,
            moved_at=at,
        )
        drawn = [_draw(amendment, place, change, actor, at) for place, change in enumerate(changes, start=1)]
        doing.facts = {"amendment": number, "lines": [line_facts(line) for line, _persons in drawn]}
        _open(amendment, drawn, actor, at)
        assistance.ask_amendment()
        notices.tell_lead("amendment_to_endorse", assistance, actor, [Role.HEAD_OF_UNIT])
    return amendment


Drawn = tuple[AmendmentLine, list[str]]


def _open(amendment: Amendment, drawn: Sequence[Drawn], actor: User, at: datetime) -> None:
    role = policy.MAY_ASK_AMENDMENT.require(Question(amendment, "ask_amendment", actor))
    facts = {"lines": [line_facts(line) for line, _persons in drawn]}
    first_decision(subject=amendment, act="ask_amendment", actor=actor, role=role, at=at, facts=facts)
    amendment._history_user = actor
    amendment.save(force_insert=True)
    persons = {person.key: person for person in amendment.assistance.persons.filter(left_code="")}
    for line, keys in drawn:
        line.amendment = amendment
        line.save(force_insert=True)
        line.persons.set([persons[key] for key in keys if key in persons])


def _draw(amendment: Amendment, number: int, change: Change, actor: User, at: datetime) -> Drawn:
    """One change as it is kept, converted at the rate of the day; less of a line at the rate it was approved at."""
    if isinstance(change, NewLine):
        line, keys = _new(change), list(change.person_keys)
    else:
        of = _granted(amendment.assistance, change.line_id)
        line = _more(of, change) if isinstance(change, MoreOfLine) else _less(of, change)
        keys = [person.key for person in of.persons.all()]
    line.number = number
    if line.mission_id not in amendment.mission_ids() or not works_in(actor, line.mission_id):
        raise _refuse(
            "AMEND-04",
            _("A line belongs to a mission you do not work in, or to one that does not take part."),
            _("Ask that mission to ask for its own lines."),
        )
    if line.kind == K.LESS:
        return line, keys
    line.description = seal(amendment.seal_owner(), line.description)
    local = line.unit_cost.times(line.quantity)
    if line.quantity <= 0 or line.unit_cost_minor <= 0 or local.minor <= 0:
        raise _impossible(number, _("It has no quantity or costs nothing."))
    not_by_call = why_not_by_call(line.assistance_type, line.unit)
    if not_by_call:
        raise _impossible(number, not_by_call)
    line.units_per_usd = usd_rate(line.currency, at.date()).units_per_usd
    line.local_minor, line.usd_minor = local.minor, local.in_usd(Decimal(line.units_per_usd)).minor
    return line, keys


def _impossible(number: int, why: str) -> Refusal:
    return _refuse(
        "AMEND-05", _("Change %(number)s: %(why)s") % {"number": number, "why": why}, _("Look at the lines again.")
    )


def _granted(assistance: AssistanceRequest, line_id: int) -> BudgetLine:
    line = assistance.lines.filter(pk=line_id).first()
    if line is None or not line.is_granted:
        raise _refuse("AMEND-05", _("The budget has no such approved line."), _("Look at the lines again."))
    return line


def _new(change: NewLine) -> AmendmentLine:
    return AmendmentLine(
        kind=K.NEW,
        mission_id=change.mission_id,
        assistance_type=change.assistance_type,
        description=change.description,
        unit=change.unit,
        quantity=change.quantity,
        unit_cost_minor=change.unit_cost.minor,
        currency=change.unit_cost.currency,
    )


def _of(line: BudgetLine, kind: str, quantity: Decimal) -> AmendmentLine:
    return AmendmentLine(
        kind=kind,
        line=line,
        mission_id=line.mission_id,
        assistance_type=line.assistance_type,
        description=line.description,
        unit=line.unit,
        quantity=quantity,
        unit_cost_minor=line.unit_cost_minor,
        currency=line.currency,
        units_per_usd=line.units_per_usd,
    )


def _more(line: BudgetLine, change: MoreOfLine) -> AmendmentLine:
    made = _of(line, K.MORE, change.quantity)
    made.description = change.description or line.description_text
    if change.unit_cost is not None:
        if change.unit_cost.currency != line.currency:
            raise _impossible(line.number, _("More of a line is in the line’s currency."))
        made.unit_cost_minor = change.unit_cost.minor
    return made


def _less(line: BudgetLine, change: LessOfLine) -> AmendmentLine:
    made = _of(line, K.LESS, change.quantity)
    if not 0 < change.quantity <= line.granted_quantity:
        raise _impossible(line.number, _("The line does not have so many units left."))
    local, usd = line.cost_of(change.quantity)
    if change.quantity == line.granted_quantity:
        local, usd = line.granted_local, line.granted_usd
    made.local_minor, made.usd_minor = local.minor, usd.minor
    return made


def line_facts(line: AmendmentLine) -> dict[str, object]:
    """A change as a decision keeps it: codes, amounts and rate, no text."""
    return {
        "kind": str(line.kind),
        "line": line.line.key if line.line else "",
        "type": line.assistance_type,
        "mission": line.mission_id,
        "quantity": str(line.quantity),
        "local": line.local_minor,
        "currency": line.currency,
        "rate": str(line.units_per_usd),
        "usd": line.usd_minor,
    }
