"""Where the fund's money comes from, what donors allow it for, and the fund's own accounts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from finance.states import Rail
from gaf.money import Money


class BankAccount(models.Model):
    """One of the fund's own accounts: a currency, a rail, and the number its statements carry."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    rail = models.CharField(max_length=10, choices=Rail.choices)
    number = models.CharField(max_length=40, unique=True)
    is_iban = models.BooleanField(default=False)
    bic = models.CharField(max_length=11, blank=True)
    holder = models.CharField(max_length=70)
    country = models.CharField(max_length=2)
    town = models.CharField(max_length=35)
    opened_on = models.DateField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FundingStream(models.Model):
    """Money of one donor with its rules. What is free is told by the ledger, not by a field."""

    class Earmarking(models.IntegerChoices):
        UNEARMARKED = 1, _("unearmarked")
        SOFTLY = 2, _("softly earmarked")
        EARMARKED = 3, _("earmarked")
        TIGHTLY = 4, _("tightly earmarked")

    code = models.CharField(max_length=4, unique=True)
    name = models.CharField(max_length=80)
    donor = models.CharField(max_length=80)
    earmarking = models.PositiveSmallIntegerField(choices=Earmarking.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    wbs = models.CharField(max_length=24)
    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="stream_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Restriction(models.Model):
    """One condition of a donor, tested on every line at approval."""

    class Kind(models.TextChoices):
        SPENT_IN = "SPENT_IN", _("country of spending")
        NATIONALITY = "NATIONALITY", _("nationality")
        CATEGORY = "CATEGORY", _("migrant category")
        ASSISTANCE_TYPE = "ASSISTANCE_TYPE", _("type of assistance")
        CHILDREN_ONLY = "CHILDREN_ONLY", _("children only")

    class Operator(models.TextChoices):
        ONLY = "ONLY", _("only")
        NOT = "NOT", _("not")

    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="restrictions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    operator = models.CharField(max_length=4, choices=Operator.choices)
    values = models.JSONField(default=list)
    history = HistoricalRecords()

    class Meta:
        ordering = ["stream_id", "kind"]

    def __str__(self) -> str:
        return f"{self.stream.code}: {self.get_operator_display()} {self.get_kind_display()}"


class Receipt(models.Model):
    """Cash of a donor in one of the fund's accounts, converted at the rate of its day."""

    key = models.CharField(max_length=40, unique=True)
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="receipts")
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="receipts")
    agreement = models.ForeignKey("finance.Agreement", null=True, on_delete=models.PROTECT, related_name="receipts")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()
    units_per_usd = models.DecimalField(max_digits=18, decimal_places=6)
    received_on = models.DateField()

    class Meta:
        ordering = ["received_on", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0) & Q(usd_minor__gt=0), name="receipt_is_positive"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def money(self) -> Money:
        """The amount as it reached the account."""
        return Money(self.minor, self.currency)
