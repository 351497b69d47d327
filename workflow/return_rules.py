"""What an assisted return asks beyond the role: a request that goes on, and for the arrival the mission there."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.accounts.queries import holds
from gaf.accounts.roles import MISSION_ROLES
from gaf.policy import NOT_DONE, Question
from gaf.refusals import Refusal


def request_goes_on(question: Question) -> Refusal | None:
    """AVRR-01: nothing is recorded of a return once its request has ended."""
    assistance = question.subject.assistance
    if not assistance.is_final:
        return None
    why = _("%(reference)s has ended.") % {"reference": assistance.reference}
    return Refusal("AVRR-01", str(NOT_DONE), why, "")


def works_where_they_arrive(question: Question) -> Refusal | None:
    """AVRR-02: the mission where the persons arrive says that they did."""
    origin = question.subject.origin
    if any(holds(question.actor, role, {origin.pk}) for role in MISSION_ROLES):
        return None
    return Refusal(
        "AVRR-02",
        str(NOT_DONE),
        _("%(mission)s receives the persons, and records their arrival.") % {"mission": origin},
        _("Ask a case worker of that mission."),
    )
