"""Reminders that were sent: each step of the ladder once for each time a request comes to rest somewhere."""

from __future__ import annotations

from django.db import models


class Reminder(models.Model):
    """One step that was taken for one task of a request. `since` is when the task began; the next is reminded anew."""

    assistance = models.ForeignKey(
        "workflow.AssistanceRequest", on_delete=models.PROTECT, related_name="reminders_sent"
    )
    task = models.CharField(max_length=16)
    since = models.DateTimeField()
    step = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "task", "since", "step"], name="reminder_once_a_step"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.task} {self.step}"
