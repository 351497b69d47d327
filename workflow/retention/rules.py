"""What keeping and erasing ask beyond the role: two people."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.policy import NOT_DONE, Question
from gaf.refusals import Refusal


def not_the_one_who_placed_it(question: Question) -> Refusal | None:
    """HOLD-01: a retention hold is lifted by somebody else than who placed it."""
    if question.subject.placed_by != question.actor:
        return None
    return Refusal("HOLD-01", str(NOT_DONE), _("You placed this hold."), _("Ask somebody else to lift it."))


def not_the_one_who_proposed_it(question: Question) -> Refusal | None:
    """ERASE-06: an erasure is confirmed by somebody else than who proposed it."""
    if question.subject.proposed_by != question.actor:
        return None
    return Refusal("ERASE-06", str(NOT_DONE), _("You proposed it."), _("Ask somebody else to confirm it."))
