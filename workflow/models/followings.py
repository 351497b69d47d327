"""Who follows a request and who was named in a message or note."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from workflow.models.assistance_request import AssistanceRequest
from workflow.models.remarks import Remark


class Following(models.Model):
    """What one person chose about one request: to follow it, or not although they wrote or decided on it."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="followings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="followings")
    follows = models.BooleanField()
    since = models.DateTimeField()
    told_number = models.PositiveBigIntegerField(default=0)  # of the newest decision this person was told of

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["assistance", "person"], name="following_once")]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.person_id} {'follows' if self.follows else 'does not follow'}"


class Mention(models.Model):
    """One person who was named in a message or note, and told of it."""

    remark = models.ForeignKey(Remark, on_delete=models.PROTECT, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentions")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["remark", "person"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.remark_id}: {self.person_id}"
