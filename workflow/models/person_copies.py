"""A person asked for a copy of what is held about them: who asked, who checked that, and who handed it over."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.states import PersonCopyState

S = PersonCopyState


class CopyAsker(models.TextChoices):
    """Who asks for a copy."""

    SELF = "SELF", _("The person")
    GUARDIAN = "GUARDIAN", _("A guardian or the competent authority, with the child’s agreement")
    REPRESENTATIVE = "REPRESENTATIVE", _("A lawful representative")


class PersonCopy(Record):
    """One request for a copy. The person is known by their key, which stays when the case is erased."""

    key = models.CharField(max_length=40, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="person_copies")
    number = models.PositiveSmallIntegerField()
    person_key = models.CharField(max_length=40)
    asked_by = models.CharField(max_length=14, choices=CopyAsker.choices)
    asked_on = models.DateField()
    state = StateField(max_length=8, choices=S.choices, default=S.ASKED, protected=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["assistance_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="person_copy_number_once"),
            models.UniqueConstraint(
                fields=["assistance", "person_key"], condition=Q(state="ASKED"), name="one_open_copy_a_person"
            ),
            models.CheckConstraint(
                condition=Q(state="GIVEN", given_by__isnull=False, given_at__isnull=False)
                | ~Q(state="GIVEN") & Q(given_by__isnull=True, given_at__isnull=True),
                name="person_copy_is_given_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`GAF-2026-00042/C1`."""
        return self.key

    def decision_reference(self) -> str:
        """The request it belongs to."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """The lead mission: it knows the person."""
        return {self.assistance.mission_id}

    @property
    def mission_id(self) -> int:
        """The lead mission."""
        return self.assistance.mission_id

    @transition(
        state,
        source=S.ASKED,
        target=S.GIVEN,
        permission=policy.MAY_GIVE_COPY,
        custom=acts_beside.COPY_ACTS["give_copy"],
    )
    def give_copy(self, *, by: Any, at: Any) -> None:
        """The head of unit handed it to who may have it."""
        self.given_by, self.given_at = by, at

    @transition(
        state,
        source=S.ASKED,
        target=S.REFUSED,
        permission=policy.MAY_GIVE_COPY,
        custom=acts_beside.COPY_ACTS["refuse_copy"],
    )
    def refuse_copy(self) -> None:
        """It is not handed over, for a reason that is kept."""
