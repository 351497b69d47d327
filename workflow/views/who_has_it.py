"""Who has a request now, in one sentence, so that nobody has to ask."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf import clock
from gaf.templatetags.formats import plain_moment
from workflow.models import AssistanceRequest
from workflow.policy import works_in
from workflow.states import RequestState

S = RequestState


def who_has_it(assistance: AssistanceRequest) -> str:
    """The person or the desk that must act next."""
    names = {
        "mission": assistance.mission.name,
        "author": assistance.author,
        "reviewer": assistance.taken_by,
        "moment": plain_moment(assistance.waits_until),
    }
    if assistance.state == S.DRAFT and not works_in(assistance.author, assistance.mission_id):
        return _("%(mission)s is writing it.") % names  # it was transferred since
    return _sentence(assistance) % names


def _sentence(assistance: AssistanceRequest) -> str:
    if assistance.state == S.ELIGIBILITY_REVIEW:
        return _review(assistance)
    return {
        S.DRAFT: _("%(author)s of %(mission)s is writing it."),
        S.SUBMITTED: _("The head of unit of %(mission)s has it."),
        S.CLARIFICATION: _("%(mission)s has it: questions are to be answered."),
        S.PLAN_AND_BUDGET: _("%(mission)s has it: plan and budget are to be written."),
        S.BUDGET_REVIEW: _("The budget approvers have it."),
        S.APPROVED: _("The certifying officer has it: funds are to be confirmed."),
        S.FUNDED: _("The certifying officer and the payer have it: disbursements are to be prepared and released."),
        S.DISBURSING: _("The bank has it: the first payment is to be confirmed."),
        S.IMPLEMENTING: _("%(mission)s has it: help is being given."),
        S.REPORTING: _("%(mission)s has it: reports are due, and then the certifying officer accepts them."),
        S.RECONCILING: _("The reconciler and the fund manager have it: every cent is to be explained."),
        S.CLOSED: _("Nobody has it: it is closed."),
        S.INELIGIBLE: _("Nobody has it. %(mission)s can ask to look at it again."),
        S.DECLINED: _("Nobody has it. %(mission)s can ask for one review."),
        S.ON_HOLD: _("The fund manager has it: it is on hold."),
        S.WITHDRAWN: _("Nobody has it: %(mission)s took it back."),
        S.CANCELLED: _("Nobody has it: it was cancelled."),
    }[S(assistance.state)]


def _review(assistance: AssistanceRequest) -> str:
    if assistance.taken_by is not None:
        return _("%(reviewer)s has it.")
    if assistance.is_urgent:
        if assistance.waits_at(clock.now()):
            return _("The duty officer lets it wait until %(moment)s; the eligibility reviewers have it.")
        return _("The duty officer has it, and the eligibility reviewers.")
    return _("The eligibility reviewers have it; nobody has taken it yet.")
