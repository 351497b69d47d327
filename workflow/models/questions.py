"""What headquarters asked the mission, and what the mission answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from gaf.sealing import unseal
from workflow.codelists import Section
from workflow.models.assistance_request import AssistanceRequest


class Question(models.Model):
    """One question about one part of the request. Neither question nor answer ever changes."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField()
    field_code = models.CharField(max_length=12, choices=Section.choices)
    question = models.TextField()  # sealed
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)  # sealed
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="answers_are_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id} question {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether the mission still has to answer."""
        return self.answered_at is None

    @property
    def question_text(self) -> str:
        """The question, unsealed."""
        return unseal(self.question)

    @property
    def answer_text(self) -> str:
        """The answer, unsealed."""
        return unseal(self.answer)
