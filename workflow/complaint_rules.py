"""Who looks into a complaint: nobody it is about, and nobody who worked on the request it is about."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from gaf.decisions.models import Decision
from gaf.policy import NOT_DONE, Question
from gaf.refusals import Refusal

# Writing, endorsing, finding eligible, and deciding about money.
_WORKED_ON_IT = (
    "write",
    "submit",
    "send_urgent",
    "endorse",
    "answer",
    "send_budget",
    "take",
    "confirm_eligibility",
    "refuse_eligibility",
    "allow_urgent_spending",
    "let_wait",
    "approve_budget",
    "approve_deferred_line",
    "decline",
)


def not_complained_about(question: Question) -> Refusal | None:
    """COMPLAINT-03: nobody judges a complaint about themselves."""
    if question.subject.about != question.actor:
        return None
    return Refusal("COMPLAINT-03", str(NOT_DONE), _("There is nothing for you to judge."), "")


def did_not_work_on_the_request(question: Question) -> Refusal | None:
    """COMPLAINT-04: whoever wrote, endorsed, reviewed or approved a request does not look into a complaint about it."""
    assistance = question.subject.assistance
    if assistance is None or not _worked_on(question, assistance):
        return None
    return Refusal(
        "COMPLAINT-04",
        str(NOT_DONE),
        _("You worked on the request it is about."),
        _("Leave it to somebody who did not, or pass it on to oversight."),
    )


def _worked_on(question: Question, assistance: object) -> bool:
    actor = question.actor
    if getattr(assistance, "author_id", None) == actor.pk:
        return True
    rows = Decision.objects.filter(
        Q(actor=actor) | Q(on_behalf_of=actor),
        reference=getattr(assistance, "reference", ""),
        act__in=_WORKED_ON_IT,
    )
    return rows.exists()
