"""Who may write a donor report, who may issue it, and who reads it; and that no writer of it is its second reader."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from finance.visibility import SEES_FUND
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.policy import NOT_DONE, Question, permit
from gaf.refusals import Refusal

# Whoever did one of these on a report has written it.
WRITING = ("begin_donor_report", "write_donor_report", "propose_donor_report")
# The certifying officer compares the money, the data steward what could tell who somebody is.
_SECOND_READERS = (Role.CERTIFYING_OFFICER, Role.DATA_STEWARD, Role.FUND_MANAGER)
READERS_OF_DONOR_REPORTS = (*SEES_FUND, Role.DATA_STEWARD)


def not_one_who_wrote_it(question: Question) -> Refusal | None:
    """DONOR-01: a donor report is issued by somebody who wrote nothing of it."""
    own = Q(actor=question.actor) | Q(on_behalf_of=question.actor)
    if not Decision.objects.filter(own, subject=question.subject.key, act__in=WRITING).exists():
        return None
    return Refusal(
        "DONOR-01", str(NOT_DONE), _("You wrote a part of it."), _("Ask somebody else to read and issue it.")
    )


MAY_WRITE_DONOR_REPORT = permit(Role.FUND_MANAGER)
MAY_ISSUE_DONOR_REPORT = permit(*_SECOND_READERS, rules=(not_one_who_wrote_it,))
MAY_RETURN_DONOR_REPORT = permit(*_SECOND_READERS)
