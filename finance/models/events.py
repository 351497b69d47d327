"""What a provider told us: stored raw before anything is believed."""

from __future__ import annotations

from django.db import models


class GatewayEvent(models.Model):
    """One message of a provider, unique by its event number; handled later by asking for the object itself."""

    event_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80, blank=True)
    account = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.event_id
