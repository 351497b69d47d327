"""What stands behind a line that the bank booked as one sum: its payments, who of ours each is, and whether they add
up. Read for a whole page of lines in a fixed number of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from finance.models import LineDetail, StatementLine
from finance.views.our_records import OurRecords
from gaf.money import Money
from gaf.sealing import unseal_all

MOST = 50


@dataclass(frozen=True)
class Part:
    """One payment inside a line."""

    money: Money | None
    counterparty: str
    reference: str
    number: str  # of the disbursement that its reference names


@dataclass
class Inside:
    """The payments inside one line, the first fifty of them, and their sum where the bank says every amount."""

    parts: list[Part] = field(default_factory=list)
    count: int = 0
    sum: Money | None = None
    adds_up: bool = False

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.parts)


def details_of(lines: Sequence[StatementLine]) -> dict[int, list[LineDetail]]:
    """The payments inside these lines as the bank told them, by the line's number in the database."""
    found: dict[int, list[LineDetail]] = {}
    for row in LineDetail.objects.filter(line__in=[line.pk for line in lines]).order_by("line_id", "number"):
        found.setdefault(row.line_id, []).append(row)
    return found


def named_inside(details: dict[int, list[LineDetail]]) -> set[str]:
    """The references of the payments that are shown."""
    return {row.end_to_end for rows in details.values() for row in rows[:MOST] if row.end_to_end}


def inside_of(
    lines: Sequence[StatementLine], details: dict[int, list[LineDetail]], records: OurRecords
) -> dict[int, Inside]:
    """The inside of each line that has one, by the line's number in the database."""
    shown = [row for rows in details.values() for row in rows[:MOST]]
    names = dict(zip([row.pk for row in shown], unseal_all(row.counterparty for row in shown), strict=True))
    ours = {row.end_to_end: row.number for row in records.disbursements}
    by_pk = {line.pk: line for line in lines}
    return {pk: _inside(by_pk[pk], rows, names, ours) for pk, rows in details.items()}


def _inside(line: StatementLine, rows: list[LineDetail], names: dict[int, str], ours: dict[str, str]) -> Inside:
    said = [row.minor for row in rows if row.minor is not None and row.currency == line.currency]
    total = Money(sum(said), line.currency) if len(said) == len(rows) else None
    parts = [
        Part(row.money, names[row.pk], row.end_to_end or row.bank_reference, ours.get(row.end_to_end, ""))
        for row in rows[:MOST]
    ]
    return Inside(parts, len(rows), total, total == line.money)
