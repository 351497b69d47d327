"""The head of unit stands for the request."""

from __future__ import annotations

from datetime import datetime

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from workflow import notices
from workflow.actions.criteria import bind_criteria
from workflow.actions.intake import request_facts
from workflow.actions.proposing import propose_a_reviewer
from workflow.models import AssistanceRequest
from workflow.obstacles import require_nothing_missing
from workflow.overdue import owed_before
from workflow.states import RequestState


@in_one_piece
def endorse(*, request_id: int, actor: User, at: datetime, seen_version: int | None = None) -> AssistanceRequest:
    """Endorse a request: its text stands from now on, and the criteria in force today bind it.

    An urgent request is endorsed where it is; it does not move. Raises Incomplete ENDORSE-01.
    """
    with acting(AssistanceRequest, request_id, act="endorse", actor=actor, at=at, seen_version=seen_version) as doing:
        assistance = doing.subject
        bind_criteria(assistance)
        require_nothing_missing(assistance, "endorse", "ENDORSE-01")
        arrives = assistance.state == RequestState.SUBMITTED
        assistance.endorsed_at = at
        if arrives:
            assistance.review_began_at = at
        doing.facts = request_facts(assistance)
        assistance.endorse(at=at)
        if arrives:
            reviewers, writers = propose_a_reviewer(assistance, actor), notices.writers(assistance)
            notices.tell_those({"request_to_review": reviewers, "request_received": writers}, assistance, actor)
        else:
            notices.tell_those({"urgent_endorsed": notices.just(assistance.taken_by_id)}, assistance, actor)
    return assistance


@in_one_piece
def let_pass(
    *, request_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Let a routine request be endorsed although its mission owes a report. Raises Incomplete ENDORSE-03."""
    with acting(
        AssistanceRequest, request_id, act="let_pass", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        owed = owed_before(assistance)
        if not owed:  # and that is what is missing
            require_nothing_missing(assistance, "let_pass", "ENDORSE-03")
        doing.facts = {"overdue": [one.reference for one in owed]}
        assistance.let_pass()
        notices.tell_lead("routine_request_let_pass", assistance, actor, [Role.HEAD_OF_UNIT])
    return assistance
