"""The reintegration plan that the persons agreed to, and what the visits found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from finance.models import Tranche
from gaf.accounts.models import User
from gaf.gate import acting, in_one_piece
from gaf.refusals import Refusal
from gaf.sealing import seal
from workflow.models import (
    AssistedReturn,
    BudgetLine,
    Dimension,
    FollowUpVisit,
    ReintegrationForm,
    ReintegrationMeasure,
    ReintegrationPlan,
)
from workflow.states import BEFORE_APPROVAL, FollowUpVisitState, RequestState


@dataclass(frozen=True)
class MeasureText:
    """One measure: its dimension, and the line (`L4`) or the tranche of it (`L4/T2`) that pays it."""

    dimension: str
    paid_by: str


@dataclass(frozen=True)
class Agreed:
    """What the persons agreed to, on which day, and the measures."""

    form: str
    agreed_on: date
    words: str = field(repr=False)
    measures: Sequence[MeasureText] = ()


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was recorded."), why, next_step)


@in_one_piece
def agree_reintegration_plan(
    *, return_id: int, agreed: Agreed, actor: User, at: datetime, seen_version: int | None = None
) -> AssistedReturn:
    """Attest that the persons agreed to a plan. A newer one takes the place of an older, which stays on file.

    Raises Refusal PLAN-01 for what cannot be so, PLAN-02 for a measure that no line with confirmed funds pays.
    """
    with acting(
        AssistedReturn, return_id, act="agree_reintegration_plan", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        made: AssistedReturn = doing.subject
        _require_whole(agreed, at)
        paying = what_can_pay(made)
        if {measure.paid_by for measure in agreed.measures} - set(paying):
            why = _("A measure names no line or tranche with confirmed funds.")
            raise _refuse("PLAN-02", why, _("Choose one of the list."))
        plan = ReintegrationPlan.objects.create(
            assistance=made.assistance,
            assisted_return=made,
            number=made.plans.count() + 1,
            form=agreed.form,
            agreed_on=agreed.agreed_on,
            words=seal(made.seal_owner(), agreed.words.strip()),
            attested_by=actor,
            attested_at=at,
        )
        for measure in agreed.measures:
            line, tranche = paying[measure.paid_by]
            ReintegrationMeasure.objects.create(
                assistance=made.assistance, plan=plan, dimension=measure.dimension, line=line, tranche=tranche
            )
        doing.facts = {
            "number": plan.number,
            "form": plan.form,
            "measures": [f"{measure.dimension} {measure.paid_by}" for measure in agreed.measures],
        }
        made.agree_reintegration_plan()
    return made


def _require_whole(agreed: Agreed, at: datetime) -> None:
    keys = [measure.paid_by for measure in agreed.measures]
    known = agreed.form in ReintegrationForm.values and all(m.dimension in Dimension.values for m in agreed.measures)
    if not known or agreed.agreed_on > at.date() + timedelta(days=1) or len(set(keys)) < len(keys):
        raise _refuse("PLAN-01", _("Form, day or measures cannot be so."), _("Correct it."))
    if not agreed.words.strip() or not keys:
        raise _refuse("PLAN-01", _("The plan has no words, or no measure."), _("Write what was agreed."))


def what_can_pay(made: AssistedReturn) -> dict[str, tuple[BudgetLine, Tranche | None]]:
    """Lines with confirmed funds and their tranches, by key; nothing before the funds are confirmed."""
    assistance = made.assistance
    if assistance.state in (*BEFORE_APPROVAL, RequestState.APPROVED):
        return {}
    lines = {line.key: line for line in assistance.lines.all() if line.is_granted}
    found: dict[str, tuple[BudgetLine, Tranche | None]] = {key: (line, None) for key, line in lines.items()}
    tranches = Tranche.objects.filter(commitment__reference=assistance.reference).select_related("commitment")
    for tranche in tranches:
        line = lines.get(tranche.commitment.line_key)
        if line is not None:
            found[f"{line.key}/T{tranche.number}"] = (line, tranche)
    return found


@in_one_piece
def record_visit(
    *,
    visit_id: int,
    result: str,
    visited_on: date,
    words: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> FollowUpVisit:
    """Say what came of a visit. Raises Refusal VISIT-01 for a result or a day that cannot be, or without words."""
    with acting(FollowUpVisit, visit_id, act="record_visit", actor=actor, at=at, seen_version=seen_version) as doing:
        visit: FollowUpVisit = doing.subject
        results = {str(state) for state in FollowUpVisitState if state != FollowUpVisitState.PLANNED}
        arrived = visit.assisted_return.arrived_on
        if result not in results or visited_on > at.date() + timedelta(days=1) or (arrived and visited_on < arrived):
            raise _refuse("VISIT-01", _("The result or the day cannot be so."), _("Correct it."))
        if result == FollowUpVisitState.DONE and not words.strip():
            raise _refuse("VISIT-01", _("Nothing says what was found."), _("Write it in a few words."))
        if not visit.assisted_return.is_open:
            raise _refuse("VISIT-02", _("The return is concluded."), "")
        sealed = seal(visit.seal_owner(), words.strip())
        visit.record_visit(result=result, on=visited_on, sealed=sealed, by=actor, at=at)
        doing.facts = {"months": visit.months, "on": visited_on.isoformat()}
    return visit
