"""Matching: what of a bank line went to which record of ours, what was suggested, and the rules people approved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy, postings
from finance.states import MatchRuleState
from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField

R = MatchRuleState
MOST_BAND = 1_000  # a tenth of the amount: what differs more is no difference of rates


class LiveMatches(models.Manager["Match"]):
    """The matches that stand; those that were undone stay in `Match.ever`."""

    def get_queryset(self) -> QuerySet[Match]:
        """Without what was undone."""
        return super().get_queryset().filter(undone_at=None)


class Match(models.Model):
    """What of one line of the bank went to one record of ours, and where a difference was booked.

    A batch is several matches of one line, a split several matches of one record. `minor` is the line's side (signed as
    the line is), `item_minor` what of the record's expected amount it settles. The database lets neither side be
    exceeded. A match is undone, never removed.
    """

    class Kind(models.TextChoices):
        DISBURSEMENT = "DISBURSEMENT", _("disbursement")
        RETURN = "RETURN", _("returned disbursement")
        FEE = "FEE", _("bank fee")
        REFUND = "REFUND", _("refund")
        RECEIPT = "RECEIPT", _("receipt")
        INTEREST = "INTEREST", _("interest")

    class BooksTo(models.TextChoices):
        BANK_FEE = "bank_fee", _("bank fee")
        EXCHANGE = "exchange", _("exchange difference")

    line = models.ForeignKey("finance.StatementLine", on_delete=models.PROTECT, related_name="matches")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    disbursement = models.ForeignKey(
        "finance.Disbursement", null=True, on_delete=models.PROTECT, related_name="matches"
    )
    refund = models.ForeignKey("finance.RefundDue", null=True, on_delete=models.PROTECT, related_name="matches")
    receipt = models.ForeignKey("finance.Receipt", null=True, on_delete=models.PROTECT, related_name="matches")
    rule = models.ForeignKey("finance.MatchRule", null=True, on_delete=models.PROTECT, related_name="matches")
    journal = models.ForeignKey("finance.Journal", on_delete=models.PROTECT, related_name="+")
    minor = models.BigIntegerField(default=0)
    item_minor = models.BigIntegerField(default=0)
    difference_minor = models.BigIntegerField(default=0)
    books_to = models.CharField(max_length=10, blank=True, choices=BooksTo.choices)
    confirms = models.BooleanField(default=False)  # whether the disbursement was confirmed by this
    moves = models.BooleanField(default=False)  # whether the disbursement came back by this
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_journal = models.ForeignKey("finance.Journal", null=True, on_delete=models.PROTECT, related_name="+")

    objects = LiveMatches()
    ever: models.Manager[Match] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "disbursement", "kind"],
                condition=Q(undone_at=None, disbursement__isnull=False),
                name="line_matched_once_with_a_disbursement",
            ),
            models.UniqueConstraint(
                fields=["disbursement", "kind"],
                condition=Q(kind="RETURN", undone_at=None),
                name="disbursement_returned_once",
            ),
            models.UniqueConstraint(
                fields=["receipt"], condition=Q(undone_at=None, receipt__isnull=False), name="receipt_matched_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="REFUND", refund__isnull=False)
                | Q(kind="RECEIPT", receipt__isnull=False)
                | Q(kind__in=["DISBURSEMENT", "RETURN"], disbursement__isnull=False)
                | Q(kind__in=["FEE", "INTEREST"]),
                name="match_names_its_record",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None, undone_journal=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undone_journal__isnull=False),
                name="match_is_undone_by_somebody_with_a_journal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.kind}"


class Proposal(models.Model):
    """What matching suggests for one open line, with its reasons. Suggestions are thought anew; they decide nothing.

    `items` and `rivals` are lists of `{"kind", "key"}`; `lines` the identities of the other lines of a split.
    """

    line = models.OneToOneField("finance.StatementLine", on_delete=models.CASCADE, related_name="proposal")
    tier = models.SmallIntegerField()
    automatic = models.BooleanField(default=False)
    items = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    rivals = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    scores = models.JSONField(default=list)
    difference_minor = models.BigIntegerField(default=0)
    books_to = models.CharField(max_length=10, blank=True)
    rule = models.ForeignKey("finance.MatchRule", null=True, on_delete=models.CASCADE, related_name="+")
    classified = models.CharField(max_length=16, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.line_id} tier {self.tier}"


# The account that a rule books to, and its name; where a record of ours says the account, a rule names none.
BOOKS_TO: dict[str, tuple[str, Any]] = {
    "BANK_FEE": (postings.BANK_FEES, _("Bank fees")),
    "INTEREST": (postings.INTEREST, _("Interest received")),
    "EXCHANGE": (postings.EXCHANGE_DIFFERENCES, _("Realised exchange differences")),
}


class MatchRule(Record):
    """One version of a rule that says what a line is, or how far the exchange may differ. Two people put it in force.

    `band_bp` is of an exchange rule only: basis points of the expected amount.
    """

    class Classifies(models.TextChoices):
        BANK_FEE = "BANK_FEE", _("a bank fee")
        INTEREST = "INTEREST", _("interest")
        RETURN = "RETURN", _("money that came back")
        EXCHANGE = "EXCHANGE", _("an exchange difference")
        RECEIPT = "RECEIPT", _("money of a donor")
        TRANSFER = "TRANSFER", _("a transfer between our accounts")

    key = models.CharField(max_length=20)
    number = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=80)
    classifies = models.CharField(max_length=16, choices=Classifies.choices)
    incoming = models.BooleanField(default=False)
    contains = models.JSONField(default=list, blank=True)
    pattern = models.CharField(max_length=120, blank=True)
    counterparty_account = models.CharField(max_length=64, blank=True)  # a keyed hash
    currency = models.CharField(max_length=3, blank=True)
    least_minor = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(default=0)  # nothing: no limit
    band_bp = models.PositiveSmallIntegerField(default=0)
    automatic = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    tested = models.JSONField(default=dict)  # covered, right, wrong: counts and the keys of the wrong lines
    state = StateField(default=R.DRAFT, choices=R.choices, protected=True, max_length=10)

    class Meta:
        ordering = ["key", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="match_rule_version_once"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="ACTIVE"), name="match_rule_one_version_active"),
            models.CheckConstraint(
                condition=Q(activated_by=None) | ~Q(activated_by=F("author")), name="match_rule_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(classifies="EXCHANGE", incoming=False, band_bp__gte=1, band_bp__lte=MOST_BAND)
                | (~Q(classifies="EXCHANGE") & Q(band_bp=0)),
                name="match_rule_band_is_of_the_exchange",
            ),
            models.CheckConstraint(
                condition=~Q(classifies="RETURN") | Q(incoming=True), name="match_rule_return_comes_in"
            ),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`MR-2026-00001/2`."""
        return f"{self.key}/{self.number}"

    def describe(self) -> dict[str, Any]:
        """Its conditions, as its decisions keep them."""
        return {
            "classifies": self.classifies,
            "incoming": self.incoming,
            "contains": self.contains,
            "pattern": self.pattern,
            "counterparty_account": self.counterparty_account,
            "currency": self.currency,
            "least_minor": self.least_minor,
            "most_minor": self.most_minor,
            "band_bp": self.band_bp,
            "automatic": self.automatic,
        }

    @property
    def account(self) -> tuple[str, Any] | None:
        """Code and name of the ledger account it books to; none where a record of ours says so."""
        return BOOKS_TO.get(self.classifies)

    @property
    def band(self) -> Decimal:
        """The band of an exchange rule in percent."""
        return Decimal(self.band_bp) / 100

    @property
    def least(self) -> Money | None:
        """The smallest amount it fits; none where any currency is meant."""
        return Money(self.least_minor, self.currency) if self.currency else None

    @property
    def most(self) -> Money | None:
        """The largest amount it fits; none where there is no limit."""
        return Money(self.most_minor, self.currency) if self.currency and self.most_minor else None

    @transition(
        state,
        source=[R.DRAFT, R.TESTED],
        target=R.TESTED,
        permission=policy.MAY_WRITE_MATCH_RULE,
        custom={"label": _("Test on past lines")},
    )
    def test_match_rule(self, *, found: dict[str, Any]) -> None:
        """It was run on lines that people matched before."""
        self.tested = found

    @transition(
        state,
        source=R.TESTED,
        target=R.ACTIVE,
        permission=policy.MAY_ACTIVATE_MATCH_RULE,
        custom={"label": _("Put in force")},
    )
    def activate_match_rule(self, *, by: Any) -> None:
        """Somebody else than its author puts it in force."""
        self.activated_by = by

    @transition(
        state,
        source=[R.DRAFT, R.TESTED, R.ACTIVE],
        target=R.RETIRED,
        permission=policy.MAY_ACTIVATE_MATCH_RULE,
        custom={"label": _("Retire")},
    )
    def retire_match_rule(self) -> None:
        """It says nothing any more."""
