"""Rules of urgent help: what goes around the head of unit, and what the duty officer decides on it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf import clock
from gaf.policy import NOT_DONE, Question
from gaf.refusals import Refusal
from gaf.templatetags.formats import plain_moment


def _no(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, str(NOT_DONE), why, next_step)


def urgent_needs_first_priority(question: Question) -> Refusal | None:
    """URGENT-01: only life or safety in danger now goes around the head of unit and the approver."""
    if question.subject.priority == "P1":
        return None
    return _no(
        "URGENT-01",
        _("Its priority is %(priority)s.") % {"priority": question.subject.get_priority_display()},
        _("Send it to the head of unit."),
    )


def one_allowance(question: Question) -> Refusal | None:
    """URGENT-02: urgent spending is allowed once on a request."""
    if not question.subject.has_allowance():
        return None
    return _no("URGENT-02", _("Urgent spending was already allowed."), _("Approve the budget."))


def allowance_exists(question: Question) -> Refusal | None:
    """URGENT-03: costs can be reported only where urgent spending was allowed."""
    if question.subject.has_allowance():
        return None
    return _no("URGENT-03", _("No urgent spending was allowed."), _("Ask the duty officer."))


def does_not_wait_yet(question: Question) -> Refusal | None:
    """URGENT-08: only what was sent to the duty officer can be let wait, and not twice at once."""
    assistance = question.subject
    if not assistance.is_urgent:
        return _no("URGENT-08", _("It was not sent to the duty officer."), _("Leave it to the reviewers."))
    if not assistance.waits_at(clock.now()):
        return None
    return _no(
        "URGENT-08",
        _("It waits already, until %(moment)s.") % {"moment": plain_moment(assistance.waits_until)},
        _("If it cannot wait after all, allow urgent spending."),
    )
