"""The bank's own word: statements that prove their balance, and lines that are matched, set aside, or open."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, transition

from finance import policy
from finance.states import StatementLineState, StatementState
from gaf.accounts.models import User
from gaf.money import Money
from gaf.records import Record
from gaf.sealing import unseal
from gaf.state_field import StateField

L = StatementLineState


class Statement(Record):
    """What the bank said about one account and period. Imported whole: it proves its balance and continues the last
    one; or it waits for a second look, with what was found, and nothing of it is matched until then.

    A report (intraday, advice, or a list without both balances) brings lines and proves nothing; a later statement
    does. `sequence` is the order of import here, `bank_number` the bank's own number.
    """

    key_through = ("bank_account",)

    class Kind(models.TextChoices):
        STATEMENT = "STATEMENT", _("statement")
        REPORT = "REPORT", _("report without a proof")

    bank_account = models.ForeignKey("finance.BankAccount", on_delete=models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.STATEMENT)
    state = StateField(default=StatementState.IMPORTED, choices=StatementState.choices, protected=True, max_length=12)
    sequence = models.PositiveIntegerField()
    statement_id = models.CharField(max_length=40)
    bank_number = models.PositiveBigIntegerField(null=True)
    from_day = models.DateField()
    to_day = models.DateField()
    opening_minor = models.BigIntegerField(null=True)
    closing_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    file_sha256 = models.CharField(max_length=64)
    file = models.ForeignKey("finance.StatementFile", null=True, on_delete=models.PROTECT, related_name="statements")
    content_hash = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list)  # [{"code": "gap", …}]: why it waits for a second look
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["bank_account_id", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["bank_account", "sequence"], name="statement_once_in_sequence"),
            models.UniqueConstraint(
                fields=["bank_account", "content_hash"], condition=~Q(content_hash=""), name="statement_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="REPORT") | Q(opening_minor__isnull=False, closing_minor__isnull=False),
                name="statement_has_balances",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("imported_by")), name="second_look_is_another_person"
            ),
            models.CheckConstraint(
                condition=Q(state="REVIEWED", reviewed_by__isnull=False) | (~Q(state="REVIEWED") & Q(reviewed_by=None)),
                name="reviewed_statement_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_account.code} {self.statement_id}"

    def decision_subject(self) -> str:
        """`STMT-GVA-12`: the account and the order of import."""
        return f"STMT-{self.bank_account.code}-{self.sequence}"

    def seal_owner(self) -> str:
        """The account's key."""
        return f"BANK-{self.bank_account.code}"

    @property
    def opening(self) -> Money:
        """What the bank said at the start. Raises ValueError for a report that does not say it."""
        return self._said(self.opening_minor)

    @property
    def closing(self) -> Money:
        """What the bank said at the end. Raises ValueError for a report that does not say it."""
        return self._said(self.closing_minor)

    def _said(self, minor: int | None) -> Money:
        if minor is None:
            raise ValueError("a report without balances has none to ask for")
        return Money(minor, self.currency)

    @transition(
        state,
        source=StatementState.NEEDS_REVIEW,
        target=StatementState.REVIEWED,
        permission=policy.MAY_ACCEPT_STATEMENT,
        custom={"label": _("Accept after a second look")},
    )
    def accept_statement(self, *, reviewed_by: User, at: datetime) -> None:
        """A second person looked at what was found; its lines may be matched from now on."""
        self.reviewed_by, self.reviewed_at = reviewed_by, at


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
    is_reversal = models.BooleanField(default=False)
    charges_minor = models.BigIntegerField(null=True)  # what the bank says it took, for information
    charges_currency = models.CharField(max_length=3, blank=True)
    batch_key = models.CharField(max_length=80, blank=True, db_index=True)  # the message or payment it was ordered in
    counterparty = models.TextField(blank=True)  # sealed
    counterparty_account_hash = models.CharField(max_length=64, blank=True, db_index=True)
    text = models.TextField(blank=True)  # sealed
    state = StateField(default=L.UNMATCHED, choices=L.choices, protected=True, max_length=10)
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
        state, source=L.HELD, target=L.UNMATCHED, permission=policy.BY_THE_SYSTEM, custom={"label": _("Let go")}
    )
    def let_line_go(self) -> None:
        """Its statement was accepted after a second look."""

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
