"""Lists of requests that somebody keeps under a name: the line of words and the order, for one person or a side."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """One list under its name. It keeps words and no requests: each reader sees what they may see."""

    key = models.CharField(max_length=32, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=60)
    line = models.CharField(max_length=200, blank=True)
    sort = models.CharField(max_length=20, blank=True)
    shared = models.BooleanField(default=False)  # with the owner's side: a mission, or headquarters where it is empty
    mission = models.ForeignKey("accounts.Mission", null=True, on_delete=models.PROTECT, related_name="+")
    opens_first = models.BooleanField(default=False)  # for its owner

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(fields=["owner"], condition=Q(opens_first=True), name="one_saved_view_opens_first"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
