"""Who answers a proposed transfer, and which missions had a request before."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gaf.accounts.models import Mission
from gaf.policy import NOT_DONE, Question
from gaf.privacy.sight import is_strict
from gaf.refusals import Refusal


def not_the_one_who_proposed_the_transfer(question: Question) -> Refusal | None:
    """TRANSFER-02: a transfer takes two people, also where one of them serves in both missions."""
    if getattr(question.subject, "proposed_by", None) != question.actor:
        return None
    return Refusal(
        "TRANSFER-02", str(NOT_DONE), _("You proposed it; somebody else answers."), _("Leave it to another.")
    )


def asked_by_name(question: Question) -> Refusal | None:
    """TRANSFER-03: of a request that is kept to named people nobody but the one who was asked by name learns."""
    asked = getattr(question.subject, "asked_person", None)
    if asked == question.actor or not is_strict(question.subject.decision_reference()):
        return None
    return Refusal("TRANSFER-03", str(NOT_DONE), _("There is nothing for you to answer."), "")


def missions_before(subject: Any) -> QuerySet[Mission]:
    """The missions that had the request before it was transferred; whoever served there is a peer still."""
    return Mission.objects.filter(
        transfers_out__state="ACCEPTED", transfers_out__assistance__reference=subject.decision_reference()
    )
