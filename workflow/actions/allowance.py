"""Urgent spending: the duty officer allows up to a limit before the budget is decided; the mission reports costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from finance.actions.commitments import commit_allowance
from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES
from gaf.decisions.so_far import may_have_done
from gaf.gate import acting, in_one_piece
from gaf.money import Money
from gaf.records import save_by
from gaf.refusals import Incomplete, Refusal
from gaf.thresholds import threshold, usd_threshold
from gaf.working_days import headquarters_calendar
from workflow import notices
from workflow.codelists import URGENT_TYPES
from workflow.models import AssistanceRequest, UrgentAllowance


@in_one_piece
def allow_urgent_spending(
    *,
    request_id: int,
    limit: Money,
    assistance_types: Sequence[str],
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Let the mission spend up to a limit in US dollars on a few kinds of help; the limit is committed at once.

    Raises Refusal URGENT-05 above the fund's limit or for no amount, URGENT-06 for a kind of help that can wait, and
    InsufficientFunds FUND-01.
    """
    _require_allowable(limit, assistance_types)
    with acting(
        AssistanceRequest,
        request_id,
        act="allow_urgent_spending",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        doing.amount = limit
        allowance = UrgentAllowance(
            assistance=assistance,
            limit_minor=limit.minor,
            assistance_types=sorted(assistance_types),
            regularise_by=at + timedelta(hours=threshold("preapproval_regularise_hours")),
            allowed_by=actor,
            allowed_at=at,
        )
        save_by(allowance, actor)
        again = may_have_done(assistance, "allow_urgent_spending")
        commit_allowance(reference=assistance.reference, limit=limit, actor=actor, at=at, any_before=again)
        doing.facts = {"limit_usd_minor": limit.minor, "types": sorted(assistance_types)}
        assistance.allow_urgent_spending()
        notices.tell_lead("urgent_spending_allowed", assistance, actor, MISSION_ROLES)
    return assistance


@in_one_piece
def let_wait(
    *, request_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Say that nothing must be spent before headquarters works again; the mission is told why, and can object.

    It comes back to the duty officer that morning, or as soon as the mission writes. Raises Incomplete URGENT-09
    without a reason.
    """
    with acting(
        AssistanceRequest, request_id, act="let_wait", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        if not reason.strip():
            raise Incomplete("URGENT-09", _("It was not put off."), [_("Say why it can wait; the mission reads it.")])
        assistance.let_wait_at, assistance.waits_until = at, headquarters_calendar().next_opening(at)
        doing.facts = {"until": assistance.waits_until.isoformat()}
        assistance.let_wait()
        notices.tell_lead("urgent_can_wait", assistance, actor, MISSION_ROLES)
    return assistance


def _require_allowable(limit: Money, assistance_types: Sequence[str]) -> None:
    most = usd_threshold("preapproval_limit_usd")
    if limit.currency != "USD" or not 0 < limit.minor <= most.minor:
        raise Refusal(
            "URGENT-05",
            _("Urgent spending was not allowed."),
            _("The limit is above zero and at most %(most)s.") % {"most": most},
            _("Allow what cannot wait; the rest follows with the budget."),
        )
    if not assistance_types or not set(assistance_types) <= set(URGENT_TYPES):
        raise Refusal(
            "URGENT-06",
            _("Urgent spending was not allowed."),
            _("Only shelter, food, essential items, health, safety and interpretation cannot wait."),
            _("Choose among these."),
        )


@in_one_piece
def report_urgent_costs(
    *, request_id: int, costs: Money, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Say what was spent under the allowance, in US dollars; this much is honoured whatever is decided.

    Raises Refusal URGENT-07 when it is more than was allowed.
    """
    with acting(
        AssistanceRequest, request_id, act="report_urgent_costs", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        allowance = UrgentAllowance.objects.select_for_update().get(assistance=assistance)
        if costs.currency != "USD" or not 0 <= costs.minor <= allowance.limit_minor:
            raise Refusal(
                "URGENT-07",
                _("The urgent costs were not recorded."),
                _("%(limit)s were allowed.") % {"limit": Money(allowance.limit_minor, "USD")},
                _("Report what was spent inside the allowance; put the rest in the budget."),
            )
        allowance.reported_minor, allowance.reported_at = costs.minor, at
        save_by(allowance, actor)
        doing.amount, doing.facts = costs, {"costs_usd_minor": costs.minor}
        assistance.report_urgent_costs()
        told = notices.just(assistance.taken_by_id, allowance.allowed_by_id)
        notices.tell_those({"urgent_costs_reported": told}, assistance, actor)
    return assistance
