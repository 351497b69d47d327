"""Which requests keep the criteria they were sent under, whatever is published after."""

from __future__ import annotations

from django.db.models import prefetch_related_objects

from gaf.accounts.models import User
from gaf.privacy.sight import open_to
from workflow.models import AssistanceRequest, Criterion
from workflow.states import OPEN_STATES

_KEPT = "_bound_criteria"


def bound_criteria(assistance: AssistanceRequest) -> list[Criterion]:
    """The criteria a request is judged by, in their order, each with its set; read once, for they never change."""
    known = assistance.criteria_set if AssistanceRequest.criteria_set.is_cached(assistance) else None
    if known is not None:
        prefetch_related_objects([known], "criteria")
        return list(known.criteria.all())
    kept: list[Criterion] | None = assistance.__dict__.get(_KEPT)
    if kept is None or any(one.criteria_set_id != assistance.criteria_set_id for one in kept):
        rows = Criterion.objects.filter(criteria_set_id=assistance.criteria_set_id).select_related("criteria_set")
        kept = assistance.__dict__[_KEPT] = list(rows)
    return kept


def keep_their_criteria(person: User) -> int:
    """How many open requests keep the version that was in force when they came; strict ones count for named people."""
    arrived = AssistanceRequest.objects.filter(criteria_set__isnull=False, state__in=OPEN_STATES)
    return arrived.filter(open_to(person)).count()
