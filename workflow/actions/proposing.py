"""Proposing a request for review to the one with the least to decide who may."""

from __future__ import annotations

from collections.abc import Collection

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from workflow import notices
from workflow.assignment import least_loaded
from workflow.models import AssistanceRequest


def tell_a_reviewer(assistance: AssistanceRequest, notice: str, actor: User, barred: Collection[int] = ()) -> None:
    """Propose it, inside the act that brought it here, and tell that reviewer; all of them where nobody may.

    `barred` are people by key who decided what is now reviewed.
    """
    chosen = least_loaded(assistance, barred={actor.pk, *barred})
    assistance.proposed_for = chosen
    if chosen is not None:
        notices.tell_people([chosen], notice, assistance, actor)
    else:
        notices.tell_role([Role.ELIGIBILITY_REVIEWER], notice, assistance, actor)
