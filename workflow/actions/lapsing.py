"""Amendments nobody decided before help ended: the system lets them lapse; the budget stays as it was approved."""

from __future__ import annotations

from datetime import datetime

from gaf.accounts.queries import system_actor
from gaf.decisions.so_far import may_have_done
from gaf.gate import acting
from workflow.models import Amendment, AssistanceRequest
from workflow.states import OPEN_AMENDMENTS


def lapse_amendments(assistance: AssistanceRequest, at: datetime) -> None:
    """Let every open amendment of a request lapse, inside the act that ends what it would have changed."""
    if not may_have_done(assistance, "ask_amendment"):
        return
    for pk in Amendment.objects.filter(assistance=assistance, state__in=OPEN_AMENDMENTS).values_list("pk", flat=True):
        with acting(Amendment, pk, act="lapse_amendment", actor=system_actor(), at=at) as doing:
            doing.subject.lapse_amendment()
            doing.subject.moved_at = at
