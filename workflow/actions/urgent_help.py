"""Urgent help in one go: a request is opened, filled with the little that is known, and sent to the duty officer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gaf.accounts.models import User
from gaf.gate import go_on_with, in_one_piece
from workflow.actions.drafting import (
    CategoryText,
    ConsentText,
    FirstText,
    HelpText,
    PersonText,
    start_request,
)
from workflow.actions.intake import send_urgent
from workflow.codelists import Priority
from workflow.models import AssistanceRequest


@in_one_piece
def ask_for_urgent_help(
    *,
    mission_id: int,
    language: str,
    idempotency_key: str,
    persons: Sequence[PersonText],
    consent: ConsentText,
    categories: CategoryText,
    situation: str,
    help_asked: Sequence[HelpText],
    actor: User,
    at: datetime,
) -> AssistanceRequest:
    """Open, fill and send an urgent request, wholly or not at all. The same key again gives the same request.

    Raises NotPermitted ROLE-02 unless the actor writes for this mission, Incomplete SEND-02 when something is missing.
    """
    assistance = start_request(
        mission_id=mission_id,
        language=language,
        priority=Priority.P1,
        idempotency_key=idempotency_key,
        actor=actor,
        at=at,
        first=FirstText(persons, consent, categories, situation, help_asked),
    )
    if assistance.submitted_at is not None:
        return assistance
    return go_on_with(assistance, lambda it: send_urgent(request_id=it.pk, actor=actor, at=at))
