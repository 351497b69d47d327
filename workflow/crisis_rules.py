"""What opening a crisis window, or moving its end, asks beyond the role: a second person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.policy import NOT_DONE, Question
from gaf.refusals import Refusal


def not_the_one_who_recorded_the_window(question: Question) -> Refusal | None:
    """CRISIS-02: a crisis window is opened by somebody else than who recorded it."""
    return _second_person(question.subject.recorded_by == question.actor)


def not_the_one_who_asked_for_the_end(question: Question) -> Refusal | None:
    """CRISIS-02: a new last day of a crisis window is confirmed by somebody else than who asked for it."""
    return _second_person(question.subject.asked_by == question.actor)


def _second_person(same: bool) -> Refusal | None:
    if not same:
        return None
    return Refusal("CRISIS-02", str(NOT_DONE), _("You asked for it."), _("Ask somebody else to compare it."))
