"""What stands behind a line of the bank: the payments inside a batch, the statements that list it again, and what the
bank announced before it booked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gaf.money import Money
from gaf.sealing import unseal


class LineDetail(models.Model):
    """One payment inside a line that the bank booked as a batch. `minor` is signed like the line, and unknown where
    the bank does not say it."""

    line = models.ForeignKey("finance.StatementLine", on_delete=models.PROTECT, related_name="details")
    number = models.PositiveIntegerField()
    minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    original_minor = models.BigIntegerField(null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    end_to_end = models.CharField(max_length=40, blank=True, db_index=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    return_code = models.CharField(max_length=10, blank=True)
    is_return = models.BooleanField(default=False)
    counterparty = models.TextField(blank=True)  # sealed
    counterparty_account_hash = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)  # sealed

    class Meta:
        ordering = ["line_id", "number"]
        constraints = [models.UniqueConstraint(fields=["line", "number"], name="line_detail_once")]

    def __str__(self) -> str:
        return f"{self.line_id}/{self.number}"

    @property
    def money(self) -> Money | None:
        """Signed like the line; None where the bank does not say it."""
        return Money(self.minor, self.currency) if self.minor is not None else None

    @property
    def counterparty_name(self) -> str:
        """Who the bank says it was, unsealed."""
        return unseal(self.counterparty)


class RepeatedLine(models.Model):
    """A statement lists a line that an earlier file brought: it counts in its proof, and is not there twice."""

    statement = models.ForeignKey("finance.Statement", on_delete=models.PROTECT, related_name="repeated")
    line = models.ForeignKey("finance.StatementLine", on_delete=models.PROTECT, related_name="listed_again")
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ["statement_id", "number"]
        constraints = [models.UniqueConstraint(fields=["statement", "line"], name="line_repeated_once_a_statement")]

    def __str__(self) -> str:
        return f"{self.statement_id}/{self.number}"


class PendingLine(models.Model):
    """What the bank announced and has not booked: it moves nothing, and ends when the booked line comes."""

    bank_account = models.ForeignKey("finance.BankAccount", on_delete=models.PROTECT, related_name="pending_lines")
    statement = models.ForeignKey("finance.Statement", on_delete=models.PROTECT, related_name="pending_lines")
    identity = models.CharField(max_length=64, unique=True)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    end_to_end = models.CharField(max_length=40, blank=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    return_code = models.CharField(max_length=10, blank=True)
    is_return = models.BooleanField(default=False)
    counterparty = models.TextField(blank=True)  # sealed
    text = models.TextField(blank=True)  # sealed
    replaced_by = models.OneToOneField(
        "finance.StatementLine", null=True, on_delete=models.PROTECT, related_name="announced_as"
    )

    class Meta:
        ordering = ["bank_account_id", "booked_on", "id"]
        constraints = [models.CheckConstraint(condition=~Q(minor=0), name="pending_line_moves_something")]

    def __str__(self) -> str:
        return f"{self.bank_account_id} {self.identity[:16]}"

    @property
    def money(self) -> Money:
        """Signed: what is to come in is positive."""
        return Money(self.minor, self.currency)
