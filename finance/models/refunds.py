"""Money to come back from a payee: unspent or disallowed, due to the same stream it came from."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf.money import Money
from gaf.refusals import Refusal


class RefundDue(models.Model):
    """An amount due back for one line of a request; statement lines matched with it bring it in, whole or in parts."""

    class Kind(models.TextChoices):
        UNSPENT = "UNSPENT", gettext_lazy("Not spent")
        DISALLOWED = "DISALLOWED", gettext_lazy("Spent and not accepted")

    key = models.CharField(max_length=20, unique=True)
    reference = models.CharField(max_length=40, db_index=True)
    commitment = models.ForeignKey("finance.Commitment", on_delete=models.PROTECT, related_name="refunds")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.UNSPENT)
    reason_code = models.CharField(max_length=16, blank=True)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()  # at the committed rate
    received_minor = models.BigIntegerField(default=0)
    received_usd_minor = models.BigIntegerField(default=0)  # at the committed rate
    written_off_minor = models.BigIntegerField(default=0)  # what is given up of it
    written_off_usd_minor = models.BigIntegerField(default=0)
    end_to_end = models.CharField(max_length=25, unique=True)
    due_on = models.DateField()
    received_at = models.DateTimeField(null=True)  # when nothing was due any more

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0) & Q(usd_minor__gte=0), name="refund_is_positive"),
            models.CheckConstraint(
                condition=Q(received_minor__gte=0, received_minor__lte=F("minor") - F("written_off_minor"))
                & Q(received_usd_minor__gte=0, received_usd_minor__lte=F("usd_minor") - F("written_off_usd_minor"))
                & Q(written_off_minor__gte=0, written_off_usd_minor__gte=0),
                name="refund_received_within_due",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True)
                | Q(
                    received_minor=F("minor") - F("written_off_minor"),
                    received_usd_minor=F("usd_minor") - F("written_off_usd_minor"),
                ),
                name="refund_is_received_when_whole",
            ),
            models.CheckConstraint(
                condition=~Q(kind="DISALLOWED") | ~Q(reason_code=""), name="disallowed_refund_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def money(self) -> Money:
        """What is to come back in all, in the line's currency."""
        return Money(self.minor, self.currency)

    @property
    def received(self) -> Money:
        """What has come back, in the line's currency."""
        return Money(self.received_minor, self.currency)

    @property
    def open(self) -> Money:
        """What has still to come, in the line's currency."""
        return self.money - self.received - Money(self.written_off_minor, self.currency)

    @property
    def open_usd(self) -> Money:
        """What has still to come, in US dollars at the committed rate."""
        return Money(self.usd_minor - self.received_usd_minor - self.written_off_usd_minor, "USD")

    def usd_of(self, part: Money) -> Money:
        """What a part of it is in US dollars at the committed rate; the last part takes the last cent."""
        if part == self.open:
            return self.open_usd
        return min(Money(self.usd_minor, "USD").share(part.minor, self.minor), self.open_usd)

    def receive(self, part: Money, at: datetime) -> Money:
        """A part has come back; returns it in US dollars. Raises Refusal REFUND-01 for more than is still due."""
        if part.currency != self.currency or not 0 < part.minor <= self.open.minor:
            raise Refusal(
                "REFUND-01",
                _("The refund was not booked."),
                _("%(open)s of %(key)s is still to come, and %(part)s came.")
                % {"open": self.open, "key": self.key, "part": part},
                _("Set the line aside and ask the payer what it is for."),
            )
        usd = self.usd_of(part)
        self.received_minor += part.minor
        self.received_usd_minor += usd.minor
        self.received_at = None if self.open else at
        self.save(update_fields=["received_minor", "received_usd_minor", "received_at"])
        return usd

    def take_back(self, part: Money, usd: Money) -> None:
        """The match that brought this part in was undone: it is still to come."""
        self.received_minor -= part.minor
        self.received_usd_minor -= usd.minor
        self.received_at = None
        self.save(update_fields=["received_minor", "received_usd_minor", "received_at"])

    def give_up(self, at: datetime) -> None:
        """What is still to come is written off: nothing is due any more."""
        self.written_off_minor, self.written_off_usd_minor = self.open.minor, self.open_usd.minor
        self.received_at = at
        self.save(update_fields=["written_off_minor", "written_off_usd_minor", "received_at"])

    def expect_again(self) -> None:
        """The write-off was taken back: what was given up is still to come."""
        self.written_off_minor = self.written_off_usd_minor = 0
        self.received_at = None
        self.save(update_fields=["written_off_minor", "written_off_usd_minor", "received_at"])
