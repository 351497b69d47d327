"""Money reserved for one approved line of a request, in US dollars at the rate of the approval."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from gaf.money import Money
from gaf.records import Witnessed

URGENT = "URGENT"


class Commitment(Witnessed):
    """What was committed, what has been freed since, and what disbursements have taken; the rest is open."""

    reference = models.CharField(max_length=40, db_index=True)
    line_key = models.CharField(max_length=20)
    round = models.PositiveSmallIntegerField(default=1)  # a line may be committed again after it was freed whole
    stream = models.ForeignKey("finance.FundingStream", on_delete=models.PROTECT, related_name="commitments")
    usd_minor = models.BigIntegerField()
    freed_usd_minor = models.BigIntegerField(default=0)
    disbursed_usd_minor = models.BigIntegerField(default=0)
    local_minor = models.BigIntegerField()
    freed_local_minor = models.BigIntegerField(default=0)
    disbursed_local_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    units_per_usd = models.DecimalField(max_digits=18, decimal_places=6)
    wbs = models.CharField(max_length=24, blank=True)
    gl = models.CharField(max_length=12, blank=True)
    committed_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["reference", "id"]
        constraints = [
            models.UniqueConstraint(fields=["reference", "line_key", "round"], name="commitment_once_a_round"),
            models.CheckConstraint(condition=Q(usd_minor__gt=0) & Q(local_minor__gt=0), name="commitment_is_positive"),
            models.CheckConstraint(
                condition=Q(freed_usd_minor__gte=0)
                & Q(disbursed_usd_minor__gte=0)
                & Q(usd_minor__gte=F("freed_usd_minor") + F("disbursed_usd_minor")),
                name="disbursed_within_commitment",
            ),
            models.CheckConstraint(
                condition=Q(freed_local_minor__gte=0)
                & Q(disbursed_local_minor__gte=0)
                & Q(local_minor__gte=F("freed_local_minor") + F("disbursed_local_minor")),
                name="disbursed_within_commitment_local",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.line_key}"

    @property
    def committed(self) -> Money:
        """What was committed, in US dollars."""
        return Money(self.usd_minor, "USD")

    @property
    def freed(self) -> Money:
        """What went back to the stream, in US dollars."""
        return Money(self.freed_usd_minor, "USD")

    @property
    def disbursed(self) -> Money:
        """What disbursements have taken, in US dollars at the committed rate."""
        return Money(self.disbursed_usd_minor, "USD")

    @property
    def open(self) -> Money:
        """What may still be disbursed or freed, in US dollars."""
        return Money(self.usd_minor - self.freed_usd_minor - self.disbursed_usd_minor, "USD")

    @property
    def local(self) -> Money:
        """What was committed, in the line's currency."""
        return Money(self.local_minor, self.currency)

    @property
    def local_disbursed(self) -> Money:
        """What disbursements have taken, in the line's currency."""
        return Money(self.disbursed_local_minor, self.currency)

    @property
    def local_open(self) -> Money:
        """What may still be disbursed, in the line's currency."""
        return Money(self.local_minor - self.freed_local_minor - self.disbursed_local_minor, self.currency)
