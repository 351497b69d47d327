"""Money to come back from a payee: unspent or disallowed, due to the same stream it came from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gaf.money import Money


class RefundDue(models.Model):
    """An amount due back for one line of a request, received when a statement line is matched with it."""

    key = models.CharField(max_length=20, unique=True)
    reference = models.CharField(max_length=40, db_index=True)
    commitment = models.ForeignKey("finance.Commitment", on_delete=models.PROTECT, related_name="refunds")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()  # at the committed rate
    end_to_end = models.CharField(max_length=25, unique=True)
    due_on = models.DateField()
    received_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0) & Q(usd_minor__gt=0), name="refund_is_positive"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def money(self) -> Money:
        """What is to come back, in the line's currency."""
        return Money(self.minor, self.currency)
