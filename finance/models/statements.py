"""The bank's own word: statements that prove their balance, and lines that are matched, set aside, or open."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from finance import policy
from finance.states import StatementLineState
from gaf.money import Money
from gaf.records import Record
from gaf.sealing import unseal

L = StatementLineState


class Statement(models.Model):
    """One statement of one of the fund's accounts: opening plus lines is closing, and opening is the last closing."""

    bank_account = models.ForeignKey("finance.BankAccount", on_delete=models.PROTECT, related_name="statements")
    sequence = models.PositiveIntegerField()
    statement_id = models.CharField(max_length=40)
    from_day = models.DateField()
    to_day = models.DateField()
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    file_sha256 = models.CharField(max_length=64)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["bank_account_id", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["bank_account", "sequence"], name="statement_once_in_sequence"),
            models.UniqueConstraint(fields=["bank_account", "statement_id"], name="statement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bank_account.code} {self.statement_id}"

    @property
    def opening(self) -> Money:
        """What the bank said at the start."""
        return Money(self.opening_minor, self.currency)

    @property
    def closing(self) -> Money:
        """What the bank said at the end."""
        return Money(self.closing_minor, self.currency)


class StatementLine(Record):
    """One line of the bank. Texts of the bank may name people, so they are sealed under the account's key."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    identity = models.CharField(max_length=64, unique=True)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    original_minor = models.BigIntegerField(null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    booked_on = models.DateField()
    value_on = models.DateField(null=True)
    end_to_end = models.CharField(max_length=40, blank=True, db_index=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    return_code = models.CharField(max_length=10, blank=True)
    is_return = models.BooleanField(default=False)
    is_charge = models.BooleanField(default=False)
    counterparty = models.TextField(blank=True)  # sealed
    text = models.TextField(blank=True)  # sealed
    state = FSMField(default=L.UNMATCHED, choices=L.choices, protected=True, max_length=10)
    reason_code = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["statement_id", "number"]
        indexes = [models.Index(fields=["state"], name="statement_line_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="statement_line_once"),
            models.CheckConstraint(condition=~Q(minor=0), name="statement_line_moves_something"),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`LINE-<first half of its identity>`: stable, and says nothing."""
        return f"LINE-{self.identity[:16]}"

    def seal_owner(self) -> str:
        """The account's key."""
        return f"BANK-{self.statement.bank_account.code}"

    @property
    def money(self) -> Money:
        """Signed: what came in is positive."""
        return Money(self.minor, self.currency)

    @property
    def counterparty_name(self) -> str:
        """Who the bank says it was, unsealed."""
        return unseal(self.counterparty)

    @property
    def bank_text(self) -> str:
        """What the bank wrote, unsealed."""
        return unseal(self.text)

    @transition(
        state, source=L.UNMATCHED, target=L.PROPOSED, permission=policy.BY_THE_SYSTEM, custom={"label": _("Suggest")}
    )
    def propose_match(self) -> None:
        """Its exact reference and amount are ours; a person still says so."""

    @transition(
        state,
        source=[L.UNMATCHED, L.PROPOSED, L.SET_ASIDE],
        target=L.MATCHED,
        permission=policy.MAY_MATCH,
        custom={"label": _("Match")},
    )
    def match_line(self) -> None:
        """It is explained by one of our own records, to the cent."""

    @transition(
        state,
        source=[L.UNMATCHED, L.PROPOSED],
        target=L.MATCHED,
        permission=policy.BY_THE_SYSTEM,
        custom={"label": _("Match by itself")},
    )
    def match_by_itself(self) -> None:
        """Its exact reference and amount are ours, and the fund lets such lines be matched without a person."""

    @transition(
        state,
        source=[L.MATCHED, L.SET_ASIDE],
        target=RETURN_VALUE(L.UNMATCHED, L.SET_ASIDE),
        permission=policy.MAY_MATCH,
        custom={"label": _("Undo")},
    )
    def undo_match(self, *, back_to: str) -> str:
        """What was booked is reversed; the line waits again where it waited before."""
        if back_to == L.UNMATCHED:
            self.reason_code = ""
        return back_to

    @transition(
        state,
        source=[L.UNMATCHED, L.PROPOSED],
        target=L.SET_ASIDE,
        permission=policy.MAY_MATCH,
        custom={"label": _("Set aside and ask")},
    )
    def set_aside_line(self, *, reason_code: str) -> None:
        """Nobody knows it yet; it waits in suspense with a reason."""
        self.reason_code = reason_code
