"""A trafficking screening of one person: what was found, what it points to, and who judged. Never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.persons import Person
from workflow.protection.trafficking import Answers, Decider, Indication, Industry, TraffickingStatus


class TraffickingScreening(models.Model):
    """The newest for a person counts. No perpetrators, no addresses, no dates: a year and a country at most."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="screenings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="screenings")
    acts = models.JSONField(default=list, blank=True)
    means = models.JSONField(default=list, blank=True)
    purposes = models.JSONField(default=list, blank=True)
    child = models.BooleanField(default=False)  # is under 18 now, or was when it happened
    paid_crossing = models.BooleanField(default=False)
    industry = models.CharField(max_length=1, choices=Industry.choices, blank=True)
    country = models.CharField(max_length=3, blank=True)  # ISO 3166
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    indication = models.CharField(max_length=9, choices=Indication.choices)
    status = models.CharField(max_length=27, choices=TraffickingStatus.choices)
    decided_by = models.CharField(max_length=10, choices=Decider.choices, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)  # sealed
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=TraffickingStatus.values, indication__in=Indication.values),
                name="screening_codes_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="ActualVictimOfTrafficking") | (~Q(decided_by="") & Q(decided_on__isnull=False)),
                name="actual_victim_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="NotAVictimOfTrafficking", indication="STRONG") | ~Q(note=""),
                name="no_victim_despite_strong_signs_is_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.status}"

    @property
    def answers(self) -> Answers:
        """What was found."""
        return Answers(self.acts, self.means, self.purposes, self.child, self.paid_crossing)

    @property
    def note_text(self) -> str:
        """The note, unsealed."""
        return unseal(self.note)
