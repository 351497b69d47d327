"""A provider's payout and the balance transactions it consists of, as the provider lists them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gaf.money import Money

# A payout's own movements: what leaves the balance for it, and what came back of it. They are not what it is made of.
OWN_TYPES = ("payout", "payout_failure", "payout_cancel")


class ProviderPayout(models.Model):
    """One payout behind one line: the fund's own (the line is the payout), or a payee's (the line is the transfer)."""

    provider_reference = models.CharField(max_length=80, unique=True)
    account = models.CharField(max_length=80, blank=True)  # the payee's at the provider; empty for the fund's own
    line = models.OneToOneField("finance.StatementLine", on_delete=models.PROTECT, related_name="payout")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_automatic = models.BooleanField(default=False)  # the provider put it together, and says of what
    elsewhere = models.PositiveSmallIntegerField(default=0)  # listed for it, and standing in another payout here
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(minor__gt=0), name="payout_is_positive")]

    def __str__(self) -> str:
        return self.provider_reference

    @property
    def money(self) -> Money:
        """What it paid out."""
        return Money(self.minor, self.currency)


class PayoutMovement(models.Model):
    """One balance transaction of a payout, signed; it stands in one payout only."""

    payout = models.ForeignKey(ProviderPayout, on_delete=models.PROTECT, related_name="movements")
    provider_reference = models.CharField(max_length=80, unique=True)
    type = models.CharField(max_length=40)
    source = models.CharField(max_length=80, blank=True)
    minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["payout_id", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor=models.F("minor") - models.F("fee_minor")), name="movement_is_net_of_its_fee"
            )
        ]

    def __str__(self) -> str:
        return self.provider_reference

    @property
    def net(self) -> Money:
        """What it did to the balance, its fee taken off."""
        return Money(self.net_minor, self.currency)

    @property
    def fee(self) -> Money:
        """What the provider kept of it."""
        return Money(self.fee_minor, self.currency)

    @property
    def is_own(self) -> bool:
        """Whether it is the payout itself, or what came back of it."""
        return self.type in OWN_TYPES
