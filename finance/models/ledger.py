"""The ledger: journals of two or more lines that balance in every currency, append-only, hash-chained.

Debits are positive minor units, credits negative. Only `finance.ledger.post` writes here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gaf.money import Money


class LedgerAccount(models.Model):
    """One account of the chart. `floored` accounts may not pass zero to the wrong side, stream by stream."""

    class Kind(models.TextChoices):
        ASSET = "ASSET", _("asset")
        LIABILITY = "LIABILITY", _("liability")
        INCOME = "INCOME", _("income")
        EXPENSE = "EXPENSE", _("expense")
        POSITION = "POSITION", _("exchange position")
        BUDGET = "BUDGET", _("budget control")

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    currency = models.CharField(max_length=3)
    credit_only = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Journal(models.Model):
    """One posting: written as a draft, then posted once its lines balance. `key` makes each posting happen once."""

    number = models.PositiveBigIntegerField(unique=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    reference = models.CharField(max_length=40, blank=True, db_index=True)
    dated_on = models.DateField(null=True)  # the booking day; the day of `at` for journals older than periods
    late_for = models.DateField(null=True)  # first day of the closed month it belongs to, when it came too late
    exception = models.ForeignKey("finance.PeriodException", null=True, on_delete=models.PROTECT, related_name="+")
    posted = models.BooleanField(default=False)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class JournalLine(models.Model):
    """One side of a posting: an account, an amount, and where it applies the stream and the line of the request."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="lines")
    stream = models.ForeignKey("finance.FundingStream", null=True, on_delete=models.PROTECT, related_name="+")
    line_key = models.CharField(max_length=20, blank=True)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(minor=0), name="journal_line_moves_something")]
        indexes = [models.Index(fields=["account", "stream", "id"], name="journal_line_of_balance")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.money}"

    @property
    def money(self) -> Money:
        """The signed amount: debit positive, credit negative."""
        return Money(self.minor, self.currency)


class Balance(models.Model):
    """The running sum of an account for one stream; kept by `post`, compared with the lines by `verify_books`."""

    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="balances")
    stream = models.ForeignKey("finance.FundingStream", null=True, on_delete=models.PROTECT, related_name="balances")
    stream_key = models.CharField(max_length=4, blank=True)  # the stream's code, or nothing: makes the pair unique
    minor = models.BigIntegerField(default=0)
    credit_only = models.BooleanField(default=False)
    proved_line = models.BigIntegerField(default=0)  # up to this line the sum was compared, and stands
    proved_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "stream_key"], name="one_balance_an_account_and_stream"),
            models.CheckConstraint(
                condition=Q(credit_only=False) | Q(minor__lte=0), name="balance_stays_above_its_floor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.stream_key}: {self.minor}"
