"""The bank's answers to our payment files: accepted, rejected, partly, each with its reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StatusReport(models.Model):
    """One pain.002 message about one of our files, or about one we do not know: then it is quarantined, with why."""

    class Outcome(models.TextChoices):
        APPLIED = "APPLIED", _("applied")
        QUARANTINED = "QUARANTINED", _("quarantined")

    file = models.OneToOneField("finance.StatementFile", on_delete=models.PROTECT, related_name="status_report")
    message_id = models.CharField(max_length=40)
    about_message = models.CharField(max_length=40, db_index=True)
    payment_file = models.ForeignKey(
        "finance.PaymentFile", null=True, on_delete=models.PROTECT, related_name="status_reports"
    )
    status = models.CharField(max_length=4, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason_code = models.CharField(max_length=40, blank=True)
    taken_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_in_at = models.DateTimeField()

    class Meta:
        ordering = ["-taken_in_at", "-id"]

    def __str__(self) -> str:
        return self.message_id


class StatusItem(models.Model):
    """What a status report says about one order, and what followed from it."""

    class Outcome(models.TextChoices):
        NOTED = "NOTED", _("noted")
        FAILED = "FAILED", _("disbursement failed")
        QUARANTINED = "QUARANTINED", _("quarantined")

    report = models.ForeignKey(StatusReport, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveIntegerField()
    end_to_end = models.CharField(max_length=40, blank=True)
    instruction_id = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=4)
    reason = models.CharField(max_length=40, blank=True)
    disbursement = models.ForeignKey(
        "finance.Disbursement", null=True, on_delete=models.PROTECT, related_name="status_items"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason_code = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["report_id", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="status_item_once")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.number}"
