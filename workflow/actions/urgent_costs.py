"""Urgent costs that were honoured on a request that ended: accepted as spent, so that its money can be closed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from finance.actions.acceptance import Accepted, accept_spending
from finance.actions.commitments import URGENT
from finance.queries import disbursed_by_line
from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES
from gaf.gate import acting, in_one_piece
from gaf.money import Money
from gaf.refusals import Refusal
from workflow import notices
from workflow.models import AssistanceRequest
from workflow.obstacles import require_nothing_missing


@in_one_piece
def accept_urgent_costs(
    *,
    request_id: int,
    accepted: Money,
    disallow_code: str = "",
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Accept what was paid under an urgent allowance, in US dollars; what is not accepted is due back with its reason.

    Raises Incomplete URGENT-08 while nothing was paid or a payment is under way, Refusal URGENT-09 for more than was
    paid or for less without a reason.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="accept_urgent_costs",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "accept_urgent_costs", "URGENT-08")
        paid = disbursed_by_line(assistance.reference)[URGENT]
        if accepted.currency != paid.currency or not 0 <= accepted.minor <= paid.minor:
            raise _refuse(_("Accept from zero to %(paid)s.") % {"paid": paid})
        disallowed = paid - accepted
        if disallowed and not disallow_code:
            raise _refuse(_("Nothing says why not all is accepted."))
        told = [Accepted(URGENT, accepted, disallowed, disallow_code if disallowed else "")]
        accept_spending(reference=assistance.reference, lines=told, actor=actor, at=at)
        doing.amount = accepted
        doing.facts = {"accepted": accepted.minor, "disallowed": disallowed.minor, "why": disallow_code}
        assistance.accept_urgent_costs()
        notices.tell_lead("urgent_costs_accepted", assistance, actor, MISSION_ROLES)
    return assistance


def _refuse(why: str) -> Refusal:
    return Refusal("URGENT-09", _("The urgent costs were not accepted."), why, _("Correct the amount."))
