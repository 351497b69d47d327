"""What somebody is to do about a request by a day: a call, a document, a visit; and what comes after it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gaf import clock
from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest


class ActivityType(models.TextChoices):
    """What kind of work it is."""

    CALL = "CALL", pgettext_lazy("activity", "Call")
    DOCUMENT = "DOCUMENT", pgettext_lazy("activity", "Document")
    VISIT = "VISIT", pgettext_lazy("activity", "Visit")
    CHECK = "CHECK", pgettext_lazy("activity", "Check")
    DECISION = "DECISION", pgettext_lazy("activity", "Decision")
    OTHER = "OTHER", pgettext_lazy("activity", "Other")


class ActivityStep(models.Model):
    """What is proposed when an activity of a type is done: the next type, and in how many days; nothing when empty."""

    type = models.CharField(max_length=8, choices=ActivityType.choices, unique=True)
    next_type = models.CharField(max_length=8, choices=ActivityType.choices, blank=True)
    days = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.type} → {self.next_type or 'nothing'}"


class Activity(models.Model):
    """One piece of planned work. What was planned never changes; it ends once, done or cancelled."""

    key = models.CharField(
        max_length=64, unique=True
    )  # of the form it was planned on, so that a double press makes one
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="activities")
    number = models.PositiveSmallIntegerField()
    type = models.CharField(max_length=8, choices=ActivityType.choices)
    mission = models.ForeignKey("accounts.Mission", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activities")
    due_on = models.DateField()
    note = models.TextField(blank=True)  # sealed
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    after = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="next_steps")
    reminded = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(blank=True)  # sealed

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["person", "due_on"], name="open_activity_of", condition=Q(done_at=None, cancelled_at=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="activity_number_once"),
            models.CheckConstraint(condition=Q(type__in=ActivityType.values), name="activity_type_is_known"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(cancelled_at__isnull=True), name="activity_done_or_cancelled"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, cancelled_at__isnull=True, ended_by__isnull=True, outcome="")
                | Q(ended_by__isnull=False) & (Q(done_at__isnull=False) | Q(cancelled_at__isnull=False)),
                name="activity_says_who_ended_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id} activity {self.number}"

    def decision_reference(self) -> str:
        """The request it belongs to."""
        return self.assistance.reference

    def mission_ids(self) -> set[int]:
        """The missions of its request."""
        return self.assistance.mission_ids()

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and self.cancelled_at is None

    @property
    def when(self) -> str:
        """Whether it is “late”, due “today”, or “later”; empty when it has ended."""
        if not self.is_open:
            return ""
        today: date = clock.today()
        return "late" if self.due_on < today else "today" if self.due_on == today else "later"

    @property
    def when_words(self) -> str:
        """The same in words."""
        return {"late": str(_("overdue")), "today": str(_("today")), "later": str(_("later"))}.get(self.when, "")

    @property
    def note_text(self) -> str:
        """What is to be done, unsealed."""
        return unseal(self.note)

    @property
    def outcome_text(self) -> str:
        """What came of it, unsealed."""
        return unseal(self.outcome)
