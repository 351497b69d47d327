"""Closing a file when every cent is explained, and reopening what ended."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.gate import acting, in_one_piece
from gaf.refusals import Refusal
from workflow import notices
from workflow.actions.proposing import propose_a_reviewer
from workflow.models import AssistanceRequest
from workflow.obstacles import require_nothing_missing
from workflow.reasons import ReopenReason
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
    """Let an ended request go on: not eligible to a new review, declined to one by others, closed to its books.

    A refusal that is itself to be reviewed goes once to people who did not decide it; raises Refusal APPEAL-02 after.
    """
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
        refused = assistance.state == RequestState.INELIGIBLE
        if refused and reason_code == ReopenReason.REVIEW:
            _require_first_appeal(assistance)
        told = {
            RequestState.INELIGIBLE: [],
            RequestState.DECLINED: [Role.BUDGET_APPROVER, Role.FUND_MANAGER],
            RequestState.CLOSED: [Role.CERTIFYING_OFFICER, Role.RECONCILER],
        }[RequestState(assistance.state)]
        if refused:
            assistance.taken_by = None
        assistance.closed_at, assistance.closure_code = None, ""
        assistance.reopen(at=at)
        people = notices.holding(told)
        if refused:
            by_others = _who_refused(assistance) if reason_code == ReopenReason.REVIEW else set()
            people = propose_a_reviewer(assistance, actor, by_others)
        notices.tell_those({"request_reopened": people}, assistance, actor)
    return assistance


def _who_refused(assistance: AssistanceRequest) -> set[int]:
    rows = Decision.objects.filter(subject=assistance.reference, act="refuse_eligibility")
    return {key for pair in rows.values_list("actor_id", "on_behalf_of_id") for key in pair if key is not None}


def _require_first_appeal(assistance: AssistanceRequest) -> None:
    """APPEAL-02: a refusal is reviewed once, whoever asks."""
    appealed = Decision.objects.filter(
        subject=assistance.reference, act="reopen", from_state=RequestState.INELIGIBLE, reason_code=ReopenReason.REVIEW
    )
    if appealed.exists():
        raise Refusal(
            "APPEAL-02",
            _("It was not reopened."),
            _("This refusal was reviewed once already."),
            _("New facts can be looked at; write them down."),
        )
