"""Advances: what was paid and is not accounted for yet, request by request, by the age of each disbursement.

Read from the ledger account of advances alone: what is sent goes in, what comes back or is accepted goes out, the
oldest first. The database ages and adds it all up, so that a page reads only its own rows, however much is out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, overload

from django.db import connection
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, StrIndex, Substr, TruncDate

from finance import postings
from finance.models import JournalLine, Match
from gaf.money import Money

# Days up to which an advance stands in a column; older ones stand in the last.
AGES = (30, 60, 90)

# What comes back, or never left, is taken off its own payment; what is accepted is taken off the oldest. What no
# payment is left for (by the books it cannot be) is not hidden: it stands in the first column. `place` tells one
# payment without a number from another, and which of one day came first.
_AGED = """
WITH moves AS ({moves}),
paid AS (
  SELECT reference,
    CASE WHEN number <> '' THEN number WHEN minor > 0 THEN CAST(place AS varchar(40)) ELSE '' END AS own,
    MIN(CASE WHEN minor > 0 THEN made_on END) AS made_on, MIN(CASE WHEN minor > 0 THEN place END) AS place,
    SUM(minor) AS minor, MAX(minor) AS most
  FROM moves GROUP BY 1, 2
),
accepted AS (SELECT reference, -SUM(minor) AS minor FROM paid WHERE most < 0 GROUP BY reference),
upto AS (
  SELECT p.reference, p.made_on, p.minor, COALESCE(a.minor, 0) AS accepted,
    SUM(p.minor) OVER (PARTITION BY p.reference ORDER BY p.made_on, p.place ROWS UNBOUNDED PRECEDING) AS upto
  FROM paid p LEFT JOIN accepted a ON a.reference = p.reference WHERE p.most > 0
),
remains AS (
  SELECT reference, made_on, CASE
    WHEN upto <= accepted THEN 0 WHEN upto - accepted < minor THEN upto - accepted ELSE minor END AS minor
  FROM upto
  UNION ALL
  SELECT reference, NULL, MIN(CASE WHEN whole < 0 THEN whole ELSE 0 END)
  FROM (SELECT reference, SUM(minor) AS whole FROM moves GROUP BY reference) AS every GROUP BY reference
),
aged AS (
  SELECT reference, MIN(CASE WHEN minor > 0 THEN made_on END) AS oldest_on, SUM(minor) AS minor,
    SUM(CASE WHEN made_on IS NULL OR made_on >= %s THEN minor ELSE 0 END) AS first,
    SUM(CASE WHEN made_on < %s AND made_on >= %s THEN minor ELSE 0 END) AS second,
    SUM(CASE WHEN made_on < %s AND made_on >= %s THEN minor ELSE 0 END) AS third,
    SUM(CASE WHEN made_on < %s THEN minor ELSE 0 END) AS fourth
  FROM remains GROUP BY reference HAVING SUM(minor) <> 0
)
"""
_SUMS = "SELECT COALESCE(SUM(first), 0), COALESCE(SUM(second), 0), COALESCE(SUM(third), 0), COALESCE(SUM(fourth), 0)"
_ROWS = "SELECT reference, oldest_on, first, second, third, fourth FROM aged"
_OLDEST = " ORDER BY COALESCE(oldest_on, %s), reference LIMIT %s OFFSET %s"


@dataclass(frozen=True)
class Aged:
    """What is outstanding on one request, in US cents by age: to 30, to 60, to 90 days, and over."""

    reference: str
    minor: list[int]
    oldest_on: date | None = None

    @property
    def columns(self) -> list[Money]:
        """The four ages, in US dollars."""
        return [Money(minor, "USD") for minor in self.minor]

    @property
    def total(self) -> Money:
        """All of it, in US dollars."""
        return Money(sum(self.minor), "USD")


Moves = tuple[str, Sequence[Any]]


class Advances(Sequence[Aged]):
    """Every request with money that is not accounted for, the oldest first, but for those that are `hidden`.

    It is read page by page. Its sums are those of the account, what is hidden among them.
    """

    def __init__(self, today: date, hidden: Collection[str] = (), moves: Moves | None = None) -> None:
        """`moves` says what moved instead of the ledger: reference, made_on, place, minor, number."""
        self._today, self._hidden = today, list(hidden)
        text, self._given = moves or _moves().query.sql_with_params()
        self._aged = _AGED.format(moves=text)

    def __len__(self) -> int:
        return int(self._summed[0])

    @overload
    def __getitem__(self, rows: int) -> Aged: ...
    @overload
    def __getitem__(self, rows: slice) -> list[Aged]: ...
    def __getitem__(self, rows: int | slice) -> Aged | list[Aged]:
        """The rows from one place to another, or the row of one place."""
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        start = rows.start or 0
        stop = len(self) if rows.stop is None else rows.stop
        today = connection.ops.adapt_datefield_value(self._today)
        found = self._asked(_ROWS + self._open("WHERE") + _OLDEST, [*self._hidden, today, stop - start, start])
        return [
            Aged(reference, [int(one) for one in minor], _day(oldest_on) if oldest_on else None)
            for reference, oldest_on, *minor in found
        ]

    @property
    def sums(self) -> list[Money]:
        """What is outstanding in each column, of all requests."""
        return [Money(int(minor), "USD") for minor in self._summed[1:]]

    @cached_property
    def _summed(self) -> Sequence[Any]:
        counted = f"{_SUMS} FROM aged".replace(
            "SELECT ", f"SELECT COUNT(CASE WHEN 1 = 1{self._open('AND')} THEN 1 END), "
        )
        return self._asked(counted, self._hidden)[0]

    def _open(self, word: str) -> str:
        """The condition that leaves out what is hidden."""
        places = ", ".join("%s" for _one in self._hidden)
        return f" {word} reference NOT IN ({places})" if places else ""

    def _asked(self, question: str, said: Sequence[Any]) -> list[Sequence[Any]]:
        first, second, third = (self._today - timedelta(days=days) for days in AGES)
        days = [connection.ops.adapt_datefield_value(day) for day in (first, first, second, second, third, third)]
        with connection.cursor() as cursor:
            cursor.execute(self._aged + question, [*self._given, *days, *said])
            return list(cursor.fetchall())


def column_of(days: int) -> int:
    """The column in which what is so many days old stands."""
    return next((place for place, most in enumerate(AGES) if days <= most), len(AGES))


def _moves() -> QuerySet[Any, Any]:
    """The lines on the account of advances, each with the disbursement it is of, if one."""
    returned = Match.objects.filter(kind="RETURN", journal=OuterRef("journal")).values("disbursement__number")[:1]
    rest = Substr("journal__key", StrIndex("journal__key", Value(":")) + 1)
    own = Substr(rest, 1, StrIndex(rest, Value(":")) - 1)  # send:P-2026-00001:…
    sent = Case(When(journal__kind__in=("send", "unsend"), then=own), default=Value(""), output_field=CharField())
    rows = JournalLine.objects.filter(account__code=postings.ADVANCES).order_by()
    return rows.annotate(
        reference=F("journal__reference"),
        made_on=TruncDate("journal__at"),
        place=F("journal__number"),
        number=Coalesce(Subquery(returned), sent),
    ).values("reference", "made_on", "place", "minor", "number")


def _day(told: Any) -> date:
    return told if isinstance(told, date) else date.fromisoformat(str(told))
