"""Who judges whether two persons are one: somebody else than who weighed it, and nobody who may not see both."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.policy import NOT_DONE, Question
from gaf.privacy.sight import those_who_see
from gaf.refusals import Refusal


def not_the_one_who_weighed_it(question: Question) -> Refusal | None:
    """LIKE-01: whoever asked the missions and proposed the answer does not decide it."""
    if getattr(question.subject, "weighed_by", None) != question.actor:
        return None
    return Refusal("LIKE-01", str(NOT_DONE), _("You proposed it; a third person decides."), _("Leave it to another."))


def sees_both_requests(question: Question) -> Refusal | None:
    """LIKE-02: of a request that is kept to named people nobody else learns that somebody looks alike."""
    both = (question.subject.first, question.subject.second)
    if all(those_who_see([question.actor], one.assistance.reference) for one in both):
        return None
    return Refusal("LIKE-02", str(NOT_DONE), _("There is nothing for you to judge."), "")
