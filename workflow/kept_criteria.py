"""Which requests keep the criteria they were sent under, whatever is published after."""

from __future__ import annotations

from gaf.accounts.models import User
from gaf.privacy.sight import open_to
from workflow.models import AssistanceRequest
from workflow.states import OPEN_STATES


def keep_their_criteria(person: User) -> int:
    """How many open requests keep the version that was in force when they came; strict ones count for named people."""
    arrived = AssistanceRequest.objects.filter(criteria_set__isnull=False, state__in=OPEN_STATES)
    return arrived.filter(open_to(person)).count()
