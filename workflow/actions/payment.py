"""Payment of an approved request: funds are certified, disbursements released, the first one confirmed by the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from finance.actions import releasing
from finance.actions.certification import Codes, certify
from finance.actions.commitments import commit_allowance, free_commitments
from finance.models import Disbursement
from finance.states import DisbursementState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.versions import save_all_by
from workflow import notices
from workflow.actions.lapsing import lapse_amendments
from workflow.models import AssistanceRequest, BudgetLine
from workflow.obstacles import require_nothing_missing
from workflow.protection.standing import closed_lines, why_closed
from workflow.states import LineState, RequestState


@in_one_piece
def certify_funds(
    *,
    request_id: int,
    codes: Mapping[str, Codes],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Confirm stream, codes and rate of every open line, by its key; lines behind a closed gate are left for later.

    Raises Refusal CERT-01, CERT-02, RATE-01, and GATE-02 when every line that is left waits.
    """
    with acting(
        AssistanceRequest, request_id, act="certify_funds", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        waiting = lines_that_wait(assistance, at)
        standing = certify(reference=assistance.reference, codes=dict(codes), actor=actor, at=at, leave_out=waiting)
        if not standing:
            raise Refusal(
                "GATE-02",
                _("The funds were not certified."),
                " ".join(waiting.values()),
                _("The mission records what the gate asks for."),
            )
        doing.facts = {"lines": [{"key": c.line_key, "wbs": c.wbs, "gl": c.gl, "usd": c.open.minor} for c in standing]}
        doing.amount = total([c.open for c in standing], "USD")
        assistance.certify_funds(at=at)
        notices.tell_role([Role.PAYER], "ready_to_pay", assistance, actor)
    return assistance


def lines_that_wait(assistance: AssistanceRequest, at: datetime) -> dict[str, str]:
    """Approved lines that a gate which closed since holds back from certification, by key, with why."""
    prefetch_related_objects([assistance], "lines", "persons")
    granted = [line for line in assistance.lines.all() if line.is_granted]
    closed = closed_lines(assistance, "certify_funds", at.date(), granted)
    return {line.key: why_closed(closed[line.pk]) for line in granted if line.pk in closed}


@in_one_piece
def return_to_approver(
    *, request_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Funds cannot be certified: free the commitment and let the approver decide again. Raises Incomplete CERT-03."""
    with acting(
        AssistanceRequest,
        request_id,
        act="return_to_approver",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "return_to_approver", "CERT-03")
        lapse_amendments(assistance, at)
        freed = free_commitments(reference=assistance.reference, at=at, reason_code="returned_to_approver")
        _undecide(list(assistance.lines.all()), actor)
        allowance = assistance.urgent_allowance()
        if allowance is not None:  # the approval had absorbed it
            limit = Money(allowance.limit_minor, "USD")
            commit_allowance(reference=assistance.reference, limit=limit, actor=actor, at=at)
        assistance.approved_at = assistance.delivery_ends_on = None
        doing.facts = {"freed_usd_minor": freed.minor}
        assistance.return_to_approver(at=at)
        notices.tell_role([Role.BUDGET_APPROVER, Role.FUND_MANAGER], "approval_returned", assistance, actor)
    return assistance


# What a decision about a line writes on it.
_DECIDED = {
    "state": LineState.PROPOSED,
    "approved_quantity": None,
    "approved_local_minor": 0,
    "approved_usd_minor": 0,
    "cancelled_quantity": 0,
    "cancelled_local_minor": 0,
    "cancelled_usd_minor": 0,
    "cut_code": "",
    "gate_code": "",
    "stream_code": "",
}


def _undecide(lines: list[BudgetLine], actor: User) -> None:
    """Let lines stand as they stood before anything was decided about them."""
    for line in lines:
        for column, undecided in _DECIDED.items():
            setattr(line, column, undecided)
    save_all_by(lines, list(_DECIDED), actor)


@in_one_piece
def release(
    *,
    request_id: int,
    numbers: Sequence[str],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
    explained: Mapping[str, str] | None = None,
    looked: releasing.Looked | None = None,
    locked: AssistanceRequest | None = None,
) -> AssistanceRequest:
    """Release prepared disbursements of this request. Raises Refusal RELEASE-02 for a number that is not its own.

    `looked` is what was locked and looked at before, and `locked` the request, where several are released together.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="release",
        actor=actor,
        at=at,
        seen_version=seen_version,
        locked=locked,
    ) as doing:
        assistance = doing.subject
        looked = looked or releasing.look_afresh(numbers, at)
        prepared = {number for number, row in looked.rows.items() if _is_prepared_for(assistance, row)}
        if not numbers or not set(numbers) <= prepared:
            raise Refusal(
                "RELEASE-02",
                _("Nothing was released."),
                _("A disbursement is not prepared for this request, or not any more."),
                _("Look at the disbursements as they are now."),
            )
        releasing.let_go(looked, numbers, actor=actor, at=at, explained=explained)
        doing.facts = {"disbursements": sorted(numbers)}
        assistance.release(at=at)
        notices.tell_missions("disbursement_released", assistance, actor, [Role.MISSION_FINANCE])
    return assistance


def _is_prepared_for(assistance: AssistanceRequest, row: Disbursement) -> bool:
    return row.reference == assistance.reference and row.state == DisbursementState.PREPARED


@in_one_piece
def first_payment_confirmed(*, request_id: int, at: datetime) -> AssistanceRequest:
    """The bank confirmed a payment: help can begin. Taken by the system; a later payment moves nothing."""
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    if assistance.state != RequestState.DISBURSING:
        return assistance
    with acting(AssistanceRequest, request_id, act="first_payment_confirmed", actor=system_actor(), at=at) as doing:
        doing.subject.first_payment_confirmed(at=at)
        notices.tell_missions("disbursement_confirmed", doing.subject, None, [Role.CASE_WORKER, Role.MISSION_FINANCE])
    return doing.subject
