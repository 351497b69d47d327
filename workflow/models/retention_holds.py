"""A retention hold: while it stands, nothing of a case is erased. One person places it, another lifts it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.states import RetentionHoldState

S = RetentionHoldState


class RetentionHoldGround(models.TextChoices):
    """Why a case is kept beyond its time."""

    AUDIT = "AUDIT", _("An audit looks at it")
    INVESTIGATION = "INVESTIGATION", _("Something is being investigated")
    CLAIM = "CLAIM", _("There is a complaint or a claim")
    PERSON_ASKED = "PERSON_ASKED", _("The person asked that it is kept")


class RetentionHold(Record):
    """Who keeps a case, why, and until when it is wanted; it ends when somebody else lifts it, never by itself.

    Its decisions stand under its own key and not on the timeline of the request, where those would read of it whom an
    investigation is about.
    """

    key = models.CharField(max_length=20, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="retention_holds")
    case = models.ForeignKey(
        "workflow.Case", to_field="key", db_column="case_key", on_delete=models.PROTECT, related_name="retention_holds"
    )
    ground = models.CharField(max_length=13, choices=RetentionHoldGround.choices)
    until = models.DateField()
    state = StateField(max_length=8, choices=S.choices, default=S.STANDING, protected=True)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="STANDING"), name="one_standing_retention_hold_a_case"
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("placed_by")),
                name="retention_hold_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="LIFTED", lifted_by__isnull=False, lifted_at__isnull=False)
                | Q(state="STANDING", lifted_by__isnull=True, lifted_at__isnull=True),
                name="retention_hold_is_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`HOLD-2026-00001`."""
        return self.key

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.case_id

    @transition(
        state,
        source=S.STANDING,
        target=S.LIFTED,
        permission=policy.MAY_LIFT_RETENTION_HOLD,
        custom=acts_beside.RETENTION_ACTS["lift_retention_hold"],
    )
    def lift_retention_hold(self, *, by: Any, at: Any) -> None:
        """Somebody else than who placed it lets the case go its way."""
        self.lifted_by, self.lifted_at = by, at
