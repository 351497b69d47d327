"""Evidence for a gate: what was found for one person, by whom, on which day and until when it counts. Never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.persons import Person
from workflow.protection.gates import SMALLEST_PANEL, GateCode, Outcome


class GateEvidence(models.Model):
    """One piece of evidence. The newest for a gate and a person counts; the text that explains it is sealed."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="gate_evidence")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="gate_evidence")
    gate = models.CharField(max_length=3, choices=GateCode.choices)
    outcome = models.CharField(max_length=13, choices=Outcome.choices)
    found_on = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    panel_size = models.PositiveSmallIntegerField(null=True, blank=True)
    statements = models.JSONField(default=list, blank=True)
    note = models.TextField()  # sealed
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["person", "gate", "id"], name="evidence_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(gate__in=GateCode.values, outcome__in=Outcome.values), name="evidence_codes_are_known"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="evidence_is_explained"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("found_on")), name="evidence_counts_from_its_day"
            ),
            models.CheckConstraint(
                condition=~Q(gate="G8", outcome__in=["RETURN", "STAY", "THIRD_COUNTRY"])
                | Q(panel_size__gte=SMALLEST_PANEL, valid_until__isnull=False),
                name="determination_has_a_panel_and_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.gate} {self.outcome}"

    @property
    def note_text(self) -> str:
        """What explains it, unsealed."""
        return unseal(self.note)
