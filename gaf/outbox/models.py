"""A message to the world, written in the same transaction as the change it tells of."""

from __future__ import annotations

from django.db import models


class OutboxMessage(models.Model):
    """One thing to be done outside, once: a mail, a file to the bank, a call to a provider, news for another room.

    `key` is unique, so nothing is promised twice. `payload` holds references and codes only.
    """

    class State(models.TextChoices):
        READY = "READY"
        CLAIMED = "CLAIMED"
        DONE = "DONE"
        PARKED = "PARKED"  # tried too often; a person must look

    key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    enqueued_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)  # the kind of error only; its words may hold case data

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="outbox_due")]

    def __str__(self) -> str:
        return self.key


class BackupWatch(models.Model):
    """When the newest backup that is whole was made, as the worker saw it last: what shows that one is overdue."""

    key = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=8, default="NEWEST")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
