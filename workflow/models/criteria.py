"""The criteria a request is judged by, frozen when they were published, and the answers of the reviewer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from gaf.sealing import unseal
from workflow.codelists import Section
from workflow.models.assistance_request import AssistanceRequest


class CriteriaSet(models.Model):
    """One published version of the criteria. It never changes; a running request keeps the one it was bound to."""

    number = models.PositiveIntegerField(unique=True)
    criteria_count = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.CheckConstraint(condition=Q(criteria_count__gt=0), name="criteria_set_is_not_empty")]

    def __str__(self) -> str:
        return f"criteria {self.number}"


class Criterion(models.Model):
    """One question of a set, and the part of the request that answers it."""

    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    question = models.CharField(max_length=300)
    guidance = models.TextField(blank=True)
    passage = models.CharField(max_length=12, choices=Section.choices)
    may_be_irrelevant = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["criteria_set", "code"], name="criterion_code_once"),
            models.UniqueConstraint(fields=["criteria_set", "position"], name="criterion_position_once"),
        ]

    def __str__(self) -> str:
        return self.code


class EligibilityAnswer(models.Model):
    """What the reviewer found on one criterion. A no needs a note for the file."""

    class Answer(models.TextChoices):
        YES = "YES", _("Yes")
        NO = "NO", _("No")
        NOT_RELEVANT = "NOT_RELEVANT", _("Not relevant")

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="eligibility_answers")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=12, choices=Answer.choices)
    note = models.TextField(blank=True)  # sealed
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "criterion"], name="criterion_answered_once"),
            models.CheckConstraint(condition=~Q(answer="NO") | ~Q(note=""), name="a_no_has_a_note"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id} {self.criterion_id}: {self.answer}"

    @property
    def note_text(self) -> str:
        """The note, unsealed."""
        return unseal(self.note)
