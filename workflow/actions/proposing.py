"""Proposing a request for review to the one with the least to decide who may."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from workflow import notices
from workflow.assignment import least_loaded
from workflow.models import AssistanceRequest


def propose_a_reviewer(assistance: AssistanceRequest, actor: User, barred: Collection[int] = ()) -> Q:
    """Propose it, inside the act that brought it here. Who hears of it: that reviewer, or all of them where nobody may.

    `barred` are people by key who decided what is now reviewed.
    """
    chosen = least_loaded(assistance, barred={actor.pk, *barred})
    assistance.proposed_for = chosen
    return notices.just(chosen.pk) if chosen is not None else notices.holding([Role.ELIGIBILITY_REVIEWER])
