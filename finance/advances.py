"""Advances: what was paid and is not accounted for yet, request by request, by the age of each disbursement.

Read from the ledger account of advances alone: what is sent goes in, what comes back or is accepted goes out, the
oldest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from finance import postings
from finance.models import JournalLine, Match
from gaf.money import Money

# Days up to which an advance stands in a column; older ones stand in the last.
AGES = (30, 60, 90)


@dataclass(frozen=True)
class Movement:
    """One line on the account of advances: when, how much (in positive), and the disbursement it is of, if one."""

    on: date
    minor: int
    number: str = ""


@dataclass
class Aged:
    """What is outstanding on one request, in US cents by age: to 30, to 60, to 90 days, and over."""

    reference: str
    minor: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    oldest_on: date | None = None

    @property
    def columns(self) -> list[Money]:
        """The four ages, in US dollars."""
        return [Money(minor, "USD") for minor in self.minor]

    @property
    def total(self) -> Money:
        """All of it, in US dollars."""
        return Money(sum(self.minor), "USD")


@dataclass
class _Left:
    """A payment, and what of it is not accounted for."""

    paid: Movement
    minor: int


def aged(reference: str, movements: Sequence[Movement], today: date) -> Aged:
    """Age what is left of each payment: a payment that came back is taken off itself, what was accepted off the oldest.

    What no payment is left for (by the books it cannot be) is not hidden: it stands in the first column.
    """
    left: list[_Left] = []
    accepted = 0
    for movement in sorted(movements, key=lambda one: one.on):
        if movement.minor > 0:
            left.append(_Left(movement, movement.minor))
            continue
        own = next((one for one in left if movement.number and one.paid.number == movement.number), None)
        if own is not None:
            own.minor += movement.minor
        else:
            accepted -= movement.minor
    result = Aged(reference)
    for one in left:
        used = min(accepted, one.minor)
        accepted -= used
        if one.minor > used:
            result.minor[column_of((today - one.paid.on).days)] += one.minor - used
            result.oldest_on = result.oldest_on or one.paid.on
    result.minor[0] -= accepted
    return result


def column_of(days: int) -> int:
    """The column an advance of this age stands in."""
    return next((place for place, most in enumerate(AGES) if days <= most), len(AGES))


def _lines() -> Iterable[tuple[str, Movement]]:
    returned = dict(Match.objects.filter(kind="RETURN").values_list("journal_id", "disbursement__number"))
    rows = JournalLine.objects.filter(account__code=postings.ADVANCES).select_related("journal")
    for row in rows.order_by("journal__number"):
        number = returned.get(row.journal_id) or _number(row.journal.kind, row.journal.key)
        yield row.journal.reference, Movement(row.journal.at.date(), row.minor, number)


def _number(kind: str, key: str) -> str:
    """The disbursement of a journal that sends, or takes back what never left."""
    return key.split(":")[1] if kind in ("send", "unsend") else ""


def advances(today: date) -> list[Aged]:
    """Every request with money that is not accounted for, the oldest first."""
    by_request: dict[str, list[Movement]] = defaultdict(list)
    for reference, movement in _lines():
        by_request[reference].append(movement)
    found = [aged(reference, movements, today) for reference, movements in by_request.items()]
    return sorted((one for one in found if one.total), key=lambda one: (one.oldest_on or today, one.reference))
