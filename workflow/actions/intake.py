"""From the first word to the head of unit; or, when life is in danger, straight to the duty officer."""

from __future__ import annotations

from datetime import datetime

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from workflow import notices
from workflow.actions.criteria import bind_criteria
from workflow.assignment import least_loaded
from workflow.crisis_windows import require_window
from workflow.models import AssistanceRequest
from workflow.obstacles import require_nothing_missing


@in_one_piece
def submit(*, request_id: int, actor: User, at: datetime, seen_version: int | None = None) -> AssistanceRequest:
    """Send a draft to the head of unit. Raises Incomplete SEND-01 with everything that is missing."""
    with acting(AssistanceRequest, request_id, act="submit", actor=actor, at=at, seen_version=seen_version) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "submit", "SEND-01")
        require_window(assistance)
        assistance.submitted_at = at
        doing.facts = request_facts(assistance)
        assistance.submit(at=at)
        notices.tell_lead("request_to_endorse", assistance, actor, [Role.HEAD_OF_UNIT])
    return assistance


def request_facts(assistance: AssistanceRequest) -> dict[str, object]:
    """The request as a decision keeps it: codes and counts, no text."""
    return {
        "priority": assistance.priority,
        "categories": assistance.categories,
        "persons": [
            {"key": p.key, "sex": p.sex, "age": p.age_band, "nationality": p.nationality}
            for p in assistance.persons.all()
        ],
        "alternatives": [check.answer for check in assistance.alternatives.all()],
        "help": [
            {"type": row.assistance_type, "rough": row.rough_minor, "currency": row.currency}
            for row in assistance.help_asked.all()
        ],
    }


@in_one_piece
def return_to_author(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Send a request back to its author, with the reason."""
    with acting(
        AssistanceRequest,
        request_id,
        act="return_to_author",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        doing.subject.return_to_author(at=at)
        notices.tell_those({"request_returned": notices.writers(doing.subject)}, doing.subject, actor)
    return doing.subject


@in_one_piece
def send_urgent(*, request_id: int, actor: User, at: datetime, seen_version: int | None = None) -> AssistanceRequest:
    """Send a draft to the duty officer at once; the head of unit endorses it later, before any budget is approved.

    Raises Incomplete SEND-02 when even the few things needed at night are missing.
    """
    with acting(
        AssistanceRequest, request_id, act="send_urgent", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "send_urgent", "SEND-02")
        require_window(assistance)
        assistance.is_urgent = True
        assistance.submitted_at = assistance.review_began_at = at
        bind_criteria(assistance)
        doing.facts = request_facts(assistance)
        assistance.send_urgent(at=at)
        assistance.proposed_for = least_loaded(assistance)
        on_duty, heads = notices.holding([Role.DUTY_OFFICER]), notices.in_lead(assistance, [Role.HEAD_OF_UNIT])
        notices.tell_those({"urgent_help_asked": on_duty, "urgent_to_endorse": heads}, assistance, actor)
    return assistance
