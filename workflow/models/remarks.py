"""What people write to each other about a request: messages between mission and headquarters, and notes of one side."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest


class RemarkKind(models.TextChoices):
    """A message is read by both sides; a note by the side that wrote it, for good."""

    MESSAGE = "MESSAGE", _("Message")
    NOTE = "NOTE", _("Note")


class Remark(models.Model):
    """One message or one note. It is never changed, never removed, and a note never becomes a message."""

    key = models.CharField(
        max_length=64, unique=True
    )  # of the form it was written on, so that a double press makes one
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=7, choices=RemarkKind.choices)
    mission = models.ForeignKey("accounts.Mission", null=True, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()  # sealed
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at", "-id"]
        indexes = [models.Index(fields=["assistance", "written_at"], name="remark_of_request")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RemarkKind.values), name="remark_is_message_or_note"),
            models.CheckConstraint(condition=Q(body__startswith="s1:"), name="remark_is_sealed"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id} {self.kind.lower()}"

    @property
    def body_text(self) -> str:
        """What was written, unsealed."""
        return unseal(self.body)
