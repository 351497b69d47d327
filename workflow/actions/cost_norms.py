"""Cost norms: a mission records what help usually costs there, headquarters confirms it or discards it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import Mission, User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.money import Money
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from workflow import policy
from workflow.models import CostNorm
from workflow.states import CostNormState


@dataclass(frozen=True)
class NormText:
    """A norm as written: what one unit of a kind of help usually costs, where, from when, and who says so."""

    mission: Mission
    assistance_type: str
    unit: str
    usual: Money
    effective_from: date
    source: str
    to_mission: Mission | None = None


@in_one_piece
def record_cost_norm(*, norm: NormText, actor: User, at: datetime) -> CostNorm:
    """Record a norm, to be confirmed. Raises Refusal NORM-02 for one that costs nothing, NORM-03 for one to itself."""
    made = CostNorm(
        mission=norm.mission,
        to_mission=norm.to_mission,
        assistance_type=norm.assistance_type,
        unit=norm.unit,
        usual_minor=norm.usual.minor,
        currency=norm.usual.currency,
        effective_from=norm.effective_from,
        source=norm.source,
        recorded_by=actor,
        recorded_at=at,
    )
    role = policy.MAY_RECORD_COST_NORM.require(Question(made, "record_cost_norm", actor))
    if norm.usual.minor <= 0:
        raise _not_recorded("NORM-02", _("It costs nothing."), _("Write a cost above zero."))
    if norm.to_mission == norm.mission:
        raise _not_recorded("NORM-03", _("It leads from a mission to itself."), _("Name the other mission, or none."))
    made.key = issue("NORM")
    first_decision(subject=made, act="record_cost_norm", actor=actor, role=role, at=at, facts=_facts(made))
    made.save(force_insert=True)
    return made


def confirm_cost_norm(*, norm_id: int, actor: User, at: datetime) -> CostNorm:
    """Let a norm count from its first day. Raises NotPermitted NORM-01, Refusal NORM-04 where that day has one."""
    with acting(CostNorm, norm_id, act="confirm_cost_norm", actor=actor, at=at) as doing:
        norm: CostNorm = doing.subject
        _require_free_day(norm)
        norm.confirm_cost_norm(by=actor)
        doing.facts = _facts(norm)
    return norm


def discard_cost_norm(*, norm_id: int, reason: str, actor: User, at: datetime) -> CostNorm:
    """Put a norm aside; it never counted."""
    with acting(CostNorm, norm_id, act="discard_cost_norm", actor=actor, at=at, reason=reason) as doing:
        doing.subject.discard_cost_norm()
    return doing.subject


def _require_free_day(norm: CostNorm) -> None:
    others = CostNorm.objects.filter(
        state=CostNormState.IN_FORCE,
        mission=norm.mission_id,
        to_mission=norm.to_mission_id,
        assistance_type=norm.assistance_type,
        unit=norm.unit,
        effective_from=norm.effective_from,
    )
    if others.exists():
        raise Refusal(
            "NORM-04",
            _("The cost norm was not confirmed."),
            _("A norm for the same help counts from the same day."),
            _("Discard this one, and have it recorded from another day."),
        )


def _facts(norm: CostNorm) -> dict[str, object]:
    return {
        "mission": norm.mission_id,
        "to_mission": norm.to_mission_id,
        "type": norm.assistance_type,
        "unit": norm.unit,
        "minor": norm.usual_minor,
        "currency": norm.currency,
        "from": norm.effective_from.isoformat(),
    }


def _not_recorded(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The cost norm was not recorded."), why, next_step)
