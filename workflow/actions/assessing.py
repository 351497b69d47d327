"""Assessing vulnerability: a new version of an assessment, and the context sheet of a mission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import acting, in_one_piece
from gaf.refusals import NotPermitted, Refusal
from gaf.sealing import seal
from workflow.models import Assessment, AssistanceRequest, ContextSheet
from workflow.policy import works_in
from workflow.protection.determinants import CONTEXT, Factor, Finding, Judged, Need, bands_apart, score
from workflow.states import BEFORE_APPROVAL

FIRST = "P1"


@dataclass(frozen=True)
class AssessmentText:
    """What an assessment found. `factors`: code to -3 … 3; `needs`: immediate needs answered with yes."""

    assessed_on: date
    language: str
    judged: str
    factors: Mapping[str, int]
    needs: Sequence[str] = ()
    with_interpreter: bool = False
    reason: str = field(default="", repr=False)
    wishes: str = field(default="", repr=False)


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The assessment was not recorded."), why, next_step)


@in_one_piece
def assess(
    *,
    request_id: int,
    assessment: AssessmentText,
    raise_priority: bool = False,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Record a new version; the earlier ones stay. Nothing follows from the figure by itself.

    `raise_priority` takes up what an immediate need proposes: the first priority. Raises Refusal ASSESS-01 for a code
    or day that cannot be, ASSESS-02 for a judgement two bands from the figure without a reason, ASSESS-03 when an
    immediate need is left at a lower priority without one.
    """
    with acting(AssistanceRequest, request_id, act="assess", actor=actor, at=at, seen_version=seen_version) as doing:
        assistance = doing.subject
        _require_known(assessment, at)
        may_rise = assistance.state in BEFORE_APPROVAL and assistance.priority != FIRST
        _require_reasons(assessment, may_rise and not raise_priority)
        number = assistance.assessments.count() + 1
        Assessment.objects.create(
            assistance=assistance,
            number=number,
            assessed_on=assessment.assessed_on,
            assessment_language=assessment.language,
            with_interpreter=assessment.with_interpreter,
            factors=dict(sorted(assessment.factors.items())),
            needs=sorted(assessment.needs),
            judged=assessment.judged,
            reason=seal(assistance.seal_owner(), assessment.reason.strip()),
            wishes=seal(assistance.seal_owner(), assessment.wishes.strip()),
            recorded_by=actor,
            recorded_at=at,
        )
        figure = score(assessment.factors)
        doing.facts = {
            "number": number,
            "judged": assessment.judged,
            "score": "" if figure is None else str(figure),
            "needs": sorted(assessment.needs),
            "priority_before": assistance.priority,
        }
        if raise_priority and assessment.needs and may_rise:
            assistance.priority = FIRST
        assistance.assess()
    return assistance


def _require_known(assessment: AssessmentText, at: datetime) -> None:
    known = (
        set(assessment.factors) <= set(Factor.values)
        and set(assessment.factors.values()) <= set(Finding.values)
        and set(assessment.needs) <= set(Need.values)
        and assessment.judged in Judged.values
        and bool(assessment.language)
    )
    if not known or assessment.assessed_on > at.date() + timedelta(days=1):
        raise _refuse(
            "ASSESS-01",
            _("Something that was said is not on the list, or its day has not come."),
            _("Choose from the list."),
        )


def _require_reasons(assessment: AssessmentText, stays_lower: bool) -> None:
    if assessment.reason.strip():
        return
    if bands_apart(assessment.judged, score(assessment.factors)) > 1:
        raise _refuse(
            "ASSESS-02",
            _("Your judgement lies two bands or more from what the factors come to."),
            _("Write why; your judgement counts, not the figure."),
        )
    if assessment.needs and stays_lower:
        raise _refuse(
            "ASSESS-03",
            _("An immediate need proposes the first priority."),
            _("Raise the priority, or write why it can wait."),
        )


@in_one_piece
def review_context(*, mission_id: int, factors: Mapping[str, int], actor: User, at: datetime) -> ContextSheet:
    """Keep what a mission says of its community and society today. Raises NotPermitted CONTEXT-01 for others."""
    if not works_in(actor, mission_id):
        raise NotPermitted(
            [
                Refusal(
                    "CONTEXT-01",
                    _("The context sheet was not kept."),
                    _("Only the mission's own people review it."),
                    _("Ask a case worker of that mission."),
                )
            ]
        )
    if set(factors) - set(CONTEXT) or set(factors.values()) - set(Finding.values):
        raise _refuse("ASSESS-01", _("Something that was said is not on the list."), _("Choose from the list."))
    return ContextSheet.objects.create(
        mission_id=mission_id,
        factors=dict(sorted(factors.items())),
        reviewed_on=at.date(),
        recorded_by=actor,
        recorded_at=at,
    )


def context_of(mission_id: int) -> dict[str, int]:
    """The factors of a mission's newest sheet; none when it has none."""
    sheet = ContextSheet.objects.filter(mission_id=mission_id).order_by("-id").first()
    return dict(sheet.factors) if sheet else {}
