"""What can happen at any time: a request rests, is taken back by the mission, or is cancelled by the manager."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from finance import queries as finance
from finance.actions.commitments import free_commitments
from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.decisions.so_far import may_have_done
from gaf.gate import acting, in_one_piece
from gaf.refusals import Incomplete
from gaf.versions import save_all_by
from workflow import notices
from workflow.actions.delivery import expect_reports
from workflow.actions.honoured import keep_only_reported_costs
from workflow.actions.lapsing import lapse_amendments
from workflow.actions.payment import first_payment_confirmed
from workflow.models import AssistanceRequest
from workflow.obstacles import require_nothing_missing
from workflow.states import GRANTED, LineState, RequestState


@in_one_piece
def hold(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Let a request rest where it is; its money stays committed."""
    with acting(
        AssistanceRequest,
        request_id,
        act="hold",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        assistance.held_state = assistance.state
        assistance.hold(at=at)
        notices.tell_missions("request_held", assistance, actor)
    return assistance


@in_one_piece
def resume(
    *, request_id: int, reason: str = "", actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Let a request go on where it was held; a payment confirmed meanwhile counts now."""
    with acting(
        AssistanceRequest, request_id, act="resume", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        assistance.resume(at=at)
        assistance.held_state = ""
        notices.tell_missions("request_resumed", assistance, actor)
    if assistance.state == RequestState.DISBURSING and finance.money_of(assistance.reference).confirmed:
        return first_payment_confirmed(request_id=request_id, at=at)
    return assistance


@in_one_piece
def withdraw(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """The mission takes a request back before approval; only urgent costs it has reported stay committed."""
    with acting(
        AssistanceRequest,
        request_id,
        act="withdraw",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        doing.facts = {"kept_usd_minor": keep_only_reported_costs(assistance, at)}
        assistance.withdraw(at=at)
        notices.tell_those({"request_withdrawn": notices.just(assistance.taken_by_id)}, assistance, actor)
    return assistance


@in_one_piece
def cancel(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """End a request and free what is still open; where money went out, reports are due instead.

    Raises Incomplete CANCEL-01 while a disbursement is prepared or released, or when it rests in reconciliation.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="cancel",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        _require_cancellable(assistance)
        # Money leaves by a disbursement that was released, and a release waits for this act to end.
        money_went_out = may_have_done(assistance, "prepare_disbursement") and finance.went_out(assistance.reference)
        doing.facts = _free(assistance, actor, at)
        lapse_amendments(assistance, at)
        if money_went_out:
            expect_reports(assistance, actor, at)
        assistance.cancel(at=at, money_went_out=money_went_out)
        assistance.held_state = ""
        told = notices.in_missions(assistance, MISSION_ROLES) | notices.just(assistance.taken_by_id)
        told |= notices.holding([Role.CERTIFYING_OFFICER])
        notices.tell_those({"request_cancelled": told}, assistance, actor)
    return assistance


def _require_cancellable(assistance: AssistanceRequest) -> None:
    require_nothing_missing(assistance, "cancel", "CANCEL-01")
    if assistance.held_state == RequestState.RECONCILING:
        raise Incomplete(
            "CANCEL-01",
            _("The request was not cancelled."),
            [_("Its reports are accepted; let it go on, and close it when every cent is explained.")],
        )


def _free(assistance: AssistanceRequest, actor: User, at: datetime) -> dict[str, Any]:
    """Free what is open. Before approval reported urgent costs stay; after it each line keeps what was paid."""
    if assistance.approved_at is None:
        kept = keep_only_reported_costs(assistance, at)
        return {"kept_usd_minor": kept, "had_allowance": assistance.has_allowance()}
    freed = free_commitments(reference=assistance.reference, at=at, reason_code="cancelled")
    paid = finance.disbursed_by_line(assistance.reference) if may_have_done(assistance, "prepare_disbursement") else {}
    standing = assistance.lines.filter(state__in=[*GRANTED, LineState.DEFERRED])
    unpaid = [line for line in standing if not paid.get(line.key)]
    for line in unpaid:
        line.cancelled_quantity = line.approved_quantity or 0
        line.cancelled_local_minor, line.cancelled_usd_minor = line.approved_local_minor, line.approved_usd_minor
        line.state = LineState.CANCELLED
    save_all_by(unpaid, ["state", "cancelled_quantity", "cancelled_local_minor", "cancelled_usd_minor"], actor)
    return {"freed_usd_minor": freed.minor}
