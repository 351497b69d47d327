"""What matching suggests beside each open line, read for a whole page of lines in a fixed number of questions.

A suggestion whose record was matched in the meantime is not shown: the act would refuse it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from finance.actions.choosing import BOOKED_ALONE
from finance.models import Match, MatchRule, Proposal, StatementLine
from finance.views.our_records import OurRecords
from finance.views.reasons import in_words, part_in_words
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
    def by_rule(self) -> bool:
        """Whether a rule says what the line is, and one press books it so."""
        return self.classified in BOOKED_ALONE

    @property
    def booked_as(self) -> str:
        """The words on the button that books it so."""
        return str(K(BOOKED_ALONE[self.classified]).label).capitalize() if self.by_rule else ""

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


def proposals_of(lines: Iterable[StatementLine]) -> list[Proposal]:
    """What matching suggests for these lines, as it came with them."""
    return [line.proposal for line in lines if hasattr(line, "proposal")]


def suggested(
    lines: Sequence[StatementLine], records: OurRecords, certain: Container[int] = ()
) -> dict[int, Suggested]:
    """The suggestion of each line, by the line's number in the database; lines without one are left out.

    Of lines that are `certain` by their own reference only what speaks against it is read.
    """
    rows = [row for row in proposals_of(lines) if row.line_id not in certain or row.rivals]
    known = _by_kind(records)
    by_pk = {line.pk: line for line in lines}
    open_parts = _open_parts(rows, lines)
    found: dict[int, Suggested] = {}
    for row in rows:
        one = _read(row, by_pk[row.line_id], known)
        if one is not None and all(part in open_parts for part in row.lines):
            found[row.line_id] = one
    return found


def _open_parts(rows: list[Proposal], lines: Sequence[StatementLine]) -> set[str]:
    """Of the other lines of splits, those that are still open; only what is not on this page is asked for."""
    parts = {part for row in rows for part in row.lines}
    here = {line.identity[:16] for line in lines}
    if parts <= here:
        return parts
    others = Proposal.objects.filter(line__state__in=["UNMATCHED", "PROPOSED"]).exclude(lines=[])
    return {identity[:16] for identity in others.values_list("line__identity", flat=True)} & parts


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
        points=[(part_in_words(str(part)), int(points)) for part, points in row.scores],
        difference=Money(abs(row.difference_minor), line.currency) if row.difference_minor else None,
        books_to=row.books_to,
        classified=row.classified,
    )


def _by_kind(records: OurRecords) -> dict[tuple[str, str], Record]:
    """The records that can still be matched, by kind and key."""
    found: dict[tuple[str, str], Record] = {}
    for row in records.disbursements:
        for kind, taken in ((K.DISBURSEMENT, row.debited), (K.RETURN, row.returned)):  # type: ignore[attr-defined]
            if not taken:
                found[(kind, row.number)] = Record(kind, row.number, f"/disbursements/{row.number}/", row.money)
    for one in records.coming:
        found[(one.kind, one.key)] = Record(one.kind, one.key, money=one.money)
    return found
