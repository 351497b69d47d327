"""Keeping a case beyond its time: one person places a retention hold, another lifts it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.sealing import seal
from workflow import policy
from workflow.models import AssistanceRequest, Case, Erasure, RetentionHold
from workflow.states import BEING_ERASED, RetentionHoldState


@in_one_piece
def place_retention_hold(
    *, request_id: int, ground: str, until: date, reason: str, actor: User, at: datetime
) -> RetentionHold:
    """Keep the case of a request until somebody else lifts the hold; `until` is the day from which that is asked for.

    Raises Refusal HOLD-03 for a day that has passed, HOLD-04 where a hold stands already, HOLD-05 where it is too late.
    """
    assistance = AssistanceRequest.objects.get(pk=request_id)
    Case.objects.select_for_update().get(key=assistance.case_id)
    made = RetentionHold(assistance=assistance, case_id=assistance.case_id, ground=ground, until=until)
    role = policy.MAY_PLACE_RETENTION_HOLD.require(Question(made, "place_retention_hold", actor))
    if until <= at.date():
        raise _refuse("HOLD-03", _("Its day has passed."), _("Say until when the case is needed."))
    if RetentionHold.objects.filter(case_id=made.case_id, state=RetentionHoldState.STANDING).exists():
        raise _refuse("HOLD-04", _("A hold stands on this case already."), _("Have it lifted first."))
    if Erasure.objects.filter(case_id=made.case_id, state__in=BEING_ERASED).exists():
        raise _refuse("HOLD-05", _("This case is erased, or about to be."), _("Look at its certificate."))
    made.placed_by, made.placed_at = actor, at
    made.key = issue("HOLD")
    sealed = seal(made.seal_owner(), reason)
    facts = {"ground": ground, "until": until.isoformat(), "case": made.case_id}
    first_decision(
        subject=made, act="place_retention_hold", actor=actor, role=role, at=at, facts=facts, sealed_reason=sealed
    )
    made.save(force_insert=True)
    return made


@in_one_piece
def lift_retention_hold(
    *, hold_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> RetentionHold:
    """Let the case go its way. Raises NotPermitted HOLD-01 for who placed the hold."""
    with acting(
        RetentionHold,
        hold_id,
        act="lift_retention_hold",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        hold: RetentionHold = doing.subject
        hold.lift_retention_hold(by=actor, at=at)
    return hold


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was held."), why, next_step)
