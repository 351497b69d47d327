"""Closing a file when every cent is explained, and reopening what ended."""

from __future__ import annotations

from datetime import datetime

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from workflow import notices
from workflow.models import AssistanceRequest
from workflow.obstacles import require_nothing_missing
from workflow.states import RequestState


@in_one_piece
def close(
    *,
    request_id: int,
    reason_code: str,
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Close the file, with how help ended; one that ended without approval stays what it is, and its money is closed.

    Raises Incomplete CLOSE-01 while a cent is unexplained.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="close",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "close", "CLOSE-01")
        assistance.closed_at, assistance.closure_code = at, reason_code
        assistance.close(at=at)
        notices.tell_missions("file_closed", assistance, actor)
    return assistance


@in_one_piece
def reopen(
    *,
    request_id: int,
    reason_code: str,
    reason: str,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Let an ended request go on: not eligible to a new review, declined to one by others, closed to its books."""
    with acting(
        AssistanceRequest,
        request_id,
        act="reopen",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        told = {
            RequestState.INELIGIBLE: [Role.ELIGIBILITY_REVIEWER],
            RequestState.DECLINED: [Role.BUDGET_APPROVER, Role.FUND_MANAGER],
            RequestState.CLOSED: [Role.CERTIFYING_OFFICER, Role.RECONCILER],
        }[RequestState(assistance.state)]
        if assistance.state == RequestState.INELIGIBLE:
            assistance.taken_by = None
        assistance.closed_at, assistance.closure_code = None, ""
        assistance.reopen(at=at)
        notices.tell_role(told, "request_reopened", assistance, actor)
    return assistance
