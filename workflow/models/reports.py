"""What a mission did and spent, and what headquarters' finance accepts of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from gaf.money import Money
from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.budget import BudgetLine
from workflow.reasons import DisallowReason
from workflow.states import ReportState


class Report(models.Model):
    """One mission's report, narrative and financial. A newer one replaces it until the reports are accepted."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="reports")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    narrative = models.TextField()  # sealed
    period_from = models.DateField()
    period_to = models.DateField()
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.SENT)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["mission_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "mission", "number"], name="report_number_once"),
            models.UniqueConstraint(
                fields=["assistance", "mission"], condition=~Q(state="SUPERSEDED"), name="one_standing_report_a_mission"
            ),
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="report_period_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id} report {self.mission_id}/{self.number}"

    @property
    def narrative_text(self) -> str:
        """The narrative, unsealed."""
        return unseal(self.narrative)


class ReportLine(models.Model):
    """What was spent on one line, with how many proofs, and what of it is accepted."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="report_lines")
    spent_minor = models.BigIntegerField()  # in the line's currency
    evidence_count = models.PositiveSmallIntegerField(default=0)
    accepted_minor = models.BigIntegerField(null=True, blank=True)
    disallowed_minor = models.BigIntegerField(default=0)
    disallow_code = models.CharField(max_length=16, choices=DisallowReason.choices, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["line__number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "line"], name="line_reported_once"),
            models.CheckConstraint(condition=Q(spent_minor__gte=0, disallowed_minor__gte=0), name="spent_not_negative"),
            models.CheckConstraint(
                condition=Q(accepted_minor__isnull=True)
                | Q(accepted_minor__gte=0, spent_minor__gte=F("accepted_minor") + F("disallowed_minor")),
                name="accepted_within_spent",
            ),
            models.CheckConstraint(
                condition=Q(disallowed_minor=0) | ~Q(disallow_code=""), name="disallowed_spending_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.line_id}"

    @property
    def spent(self) -> Money:
        """What was spent, in the line's currency."""
        return Money(self.spent_minor, self.line.currency)
