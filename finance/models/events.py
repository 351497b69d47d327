"""What a provider told us: stored raw with the verdict on its signature before anything is believed."""

from __future__ import annotations

from django.db import models

from finance.states import Quarantine


class ReceivedMessage(models.Model):
    """One delivery to our door, as it came, with what was found about its signature. Nothing in it is trusted.

    Of what nobody signed only the beginning is kept, and only so much an hour; `size` tells how long it was.
    """

    body = models.TextField()
    size = models.PositiveIntegerField()
    signature = models.TextField(blank=True)  # the header, as sent
    verdict = models.CharField(max_length=24)
    signed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_index=True)
    event = models.ForeignKey("finance.GatewayEvent", null=True, on_delete=models.PROTECT, related_name="deliveries")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.received_at:%Y-%m-%d %H:%M:%S} {self.verdict}"


class GatewayEvent(models.Model):
    """One message of a provider, unique by its event number; handled later by asking for the object itself.

    In quarantine it was genuine and still none of ours: kept, told to people, and not followed.
    """

    event_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80, blank=True)
    account = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    quarantine = models.CharField(max_length=16, choices=Quarantine.choices, blank=True, db_index=True)
    was_fetched = models.BooleanField(default=False)  # found by the sweep; no message of it had come

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.event_id
