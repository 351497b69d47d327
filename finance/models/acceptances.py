"""What was accounted for on a line: one row for each step, a tranche while help is given or the final report."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from gaf.money import Money


class Acceptance(models.Model):
    """One step of accounting: so much of what was paid, of it so much accepted and disallowed; the rest is unspent."""

    commitment = models.ForeignKey("finance.Commitment", on_delete=models.PROTECT, related_name="acceptances")
    number = models.PositiveSmallIntegerField()
    minor = models.BigIntegerField()
    accepted_minor = models.BigIntegerField()
    disallowed_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()  # of all of it, at the committed rate
    reason_code = models.CharField(max_length=16, blank=True)
    journal = models.OneToOneField("finance.Journal", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["commitment_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "number"], name="acceptance_step_once"),
            models.CheckConstraint(
                condition=Q(minor__gt=0, accepted_minor__gte=0, disallowed_minor__gte=0)
                & Q(minor__gte=F("accepted_minor") + F("disallowed_minor")),
                name="acceptance_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(disallowed_minor=0) | ~Q(reason_code=""), name="disallowed_step_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id}/{self.number}"

    @property
    def money(self) -> Money:
        """What was accounted for."""
        return Money(self.minor, self.currency)

    @property
    def accepted(self) -> Money:
        """What of it was accepted."""
        return Money(self.accepted_minor, self.currency)
