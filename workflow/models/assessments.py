"""An assessment of vulnerability: factors, immediate needs, and the worker's own judgement. A newer one follows it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest
from workflow.protection.determinants import Judged, bands_apart, score


class Assessment(models.Model):
    """One version. The figure is worked out from the factors whenever it is shown, and decides nothing."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveSmallIntegerField()
    assessed_on = models.DateField()
    assessment_language = models.CharField(max_length=3)  # ISO 639
    with_interpreter = models.BooleanField(default=False)
    factors = models.JSONField(default=dict)  # code: -3 (protects strongly) to 3 (strong risk)
    needs = models.JSONField(default=list)  # immediate needs that were answered with yes
    judged = models.CharField(max_length=8, choices=Judged.choices)
    reason = models.TextField(blank=True)  # sealed
    wishes = models.TextField(blank=True)  # sealed, read by the missions alone
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="assessment_number_once"),
            models.CheckConstraint(condition=Q(judged__in=Judged.values), name="assessment_is_judged"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: assessment {self.number}"

    @property
    def score(self) -> object:
        """What the factors come to, from -1 to 1; nothing when none was assessed."""
        return score(self.factors)

    @property
    def departs(self) -> bool:
        """Whether the judgement lies two bands or more from the figure."""
        return bands_apart(self.judged, score(self.factors)) > 1

    @property
    def reason_text(self) -> str:
        """The reason, unsealed."""
        return unseal(self.reason)

    @property
    def wishes_text(self) -> str:
        """What the person can do and wants, unsealed."""
        return unseal(self.wishes)


class ContextSheet(models.Model):
    """What a mission says of its community and society; it fills in new assessments. The newest counts."""

    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="context_sheets")
    factors = models.JSONField(default=dict)
    reviewed_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.mission_id}: {self.reviewed_on}"
