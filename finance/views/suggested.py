"""What matching suggests beside each open line, read for a whole page of lines in a fixed number of questions.

A suggestion whose record was matched in the meantime is not shown: the act would refuse it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from finance.models import Disbursement, Match, MatchRule, Proposal, Receipt, RefundDue, StatementLine
from finance.views.reasons import in_words
from gaf.money import Money

K = Match.Kind


@dataclass
class Record:
    """One record of ours in a row: its kind and key, where it is shown, what it is worth."""

    kind: str
    key: str
    url: str = ""
    money: Money | None = None

    @property
    def label(self) -> str:
        """The record in words: “disbursement P-2026-00031”."""
        return f"{K(self.kind).label} {self.key}".strip()


@dataclass
class Suggested:
    """One suggestion: the records, the reasons in words, the points, and what one press would do."""

    records: list[Record] = field(default_factory=list)
    rivals: list[Record] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    points: list[tuple[str, int]] = field(default_factory=list)
    difference: Money | None = None
    books_to: str = ""
    classified: str = ""

    @property
    def one_press(self) -> bool:
        """Whether one press may do it: records are named, and nothing else fits as well."""
        return bool(self.records) and not self.rivals

    @property
    def as_fee(self) -> bool:
        """Whether a rule calls the line a bank fee."""
        return self.classified == MatchRule.Classifies.BANK_FEE

    @property
    def called(self) -> str:
        """What a rule calls the line."""
        return str(MatchRule.Classifies(self.classified).label) if self.classified else ""

    @property
    def press(self) -> str:
        """The words on its button."""
        if self.difference and self.books_to == "bank_fee":
            return _("Match, the rest as bank fee")
        if self.difference and self.books_to == "exchange":
            return _("Match, the rest as exchange")
        if self.records and self.records[0].kind == K.RETURN:
            return _("Mark returned")
        return _("Match these") if len(self.records) > 1 or self.also else _("Match")


def suggested(lines: Sequence[StatementLine], certain: Container[int] = ()) -> dict[int, Suggested]:
    """The suggestion of each line, by the line's number in the database; lines without one are left out.

    Of lines that are `certain` by their own reference only what speaks against it is read.
    """
    rows = list(Proposal.objects.filter(line__in=[line.pk for line in lines]))
    rows = [row for row in rows if row.line_id not in certain or row.rivals]
    known = _records([told for row in rows for told in (*row.items, *row.rivals)])
    by_pk = {line.pk: line for line in lines}
    open_parts = _open_parts(rows)
    found: dict[int, Suggested] = {}
    for row in rows:
        one = _read(row, by_pk[row.line_id], known)
        if one is not None and all(part in open_parts for part in row.lines):
            found[row.line_id] = one
    return found


def _open_parts(rows: list[Proposal]) -> set[str]:
    """Of the other lines of splits, those that are still open."""
    parts = {part for row in rows for part in row.lines}
    if not parts:
        return set()
    lines = Proposal.objects.filter(line__state__in=["UNMATCHED", "PROPOSED"]).exclude(lines=[])
    return {identity[:16] for identity in lines.values_list("line__identity", flat=True)} & parts


def _read(row: Proposal, line: StatementLine, known: dict[tuple[str, str], Record]) -> Suggested | None:
    records = [known.get((told["kind"], told["key"])) for told in row.items]
    rivals = [known.get((told["kind"], told["key"])) for told in row.rivals]
    standing = [record for record in records if record is not None]
    if len(standing) != len(records) or not (standing or any(rivals) or row.classified):
        return None
    return Suggested(
        records=standing,
        rivals=[record for record in rivals if record is not None],
        also=list(row.lines),
        reasons=in_words(row.reasons, line.currency),
        points=[(str(part), int(points)) for part, points in row.scores],
        difference=Money(abs(row.difference_minor), line.currency) if row.difference_minor else None,
        books_to=row.books_to,
        classified=row.classified,
    )


def _records(told: list[dict[str, str]]) -> dict[tuple[str, str], Record]:
    """The records that can still be matched, by kind and key."""
    keys = {one["key"] for one in told}
    found: dict[tuple[str, str], Record] = {}
    if not keys:
        return found
    standing = Match.objects.filter(disbursement=OuterRef("pk"))
    for row in Disbursement.objects.filter(number__in=keys).annotate(
        debited=Exists(standing.filter(kind=K.DISBURSEMENT)), returned=Exists(standing.filter(kind=K.RETURN))
    ):
        for kind, taken in ((K.DISBURSEMENT, row.debited), (K.RETURN, row.returned)):
            if not taken:
                found[(kind, row.number)] = Record(kind, row.number, f"/disbursements/{row.number}/", row.money)
    kinds_told = {one["kind"] for one in told}
    for refund in RefundDue.objects.filter(key__in=keys, received_at=None) if K.REFUND in kinds_told else ():
        found[(K.REFUND, refund.key)] = Record(K.REFUND, refund.key, money=refund.money)
    matched = Match.objects.filter(receipt__isnull=False).values("receipt")
    receipts = Receipt.objects.filter(key__in=keys).exclude(pk__in=matched)
    for receipt in receipts if K.RECEIPT in kinds_told else ():
        cash = Money(receipt.minor, receipt.currency)
        found[(K.RECEIPT, receipt.key)] = Record(K.RECEIPT, receipt.key, money=cash)
    return found
