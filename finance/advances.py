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
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Sum, Value, When
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
# How many there are and what they come to, and in the same question some of them: all is aged once for both.
_READ = """
SELECT '', NULL, COUNT(CASE WHEN {shown} THEN 1 END),
  COALESCE(SUM(first), 0), COALESCE(SUM(second), 0), COALESCE(SUM(third), 0), COALESCE(SUM(fourth), 0)
FROM aged
UNION ALL SELECT * FROM (
  SELECT reference, oldest_on, 0, first, second, third, fourth FROM aged WHERE {shown}
  ORDER BY COALESCE(oldest_on, %s), reference LIMIT %s OFFSET %s
) AS shown
"""


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

    It is read page by page; those it begins with (`first`) come together with how many there are. Its sums are those
    of the account, what is hidden among them.
    """

    def __init__(
        self, today: date, hidden: Collection[str] = (), moves: Moves | None = None, first: slice = slice(0, 0)
    ) -> None:
        """`moves` says what moved instead of the ledger: reference, made_on, place, minor, number."""
        self._today, self._hidden, self._first = today, list(hidden), first
        text, self._given = moves or _moves().query.sql_with_params()
        self._aged = _AGED.format(moves=text)

    def __len__(self) -> int:
        return int(self._begun[0][2])

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
        begins = start == self._first.start and stop == min(self._first.stop, len(self))
        return [_aged(row) for row in (self._begun if begins else self._read(start, stop))[1:]]

    @property
    def sums(self) -> list[Money]:
        """What is outstanding in each column, of all requests."""
        return [Money(int(minor), "USD") for minor in self._begun[0][3:]]

    @cached_property
    def _begun(self) -> list[Sequence[Any]]:
        return self._read(self._first.start, self._first.stop)

    def _read(self, start: int, stop: int) -> list[Sequence[Any]]:
        """The sums, and then the rows from one place to another."""
        places = ", ".join("%s" for _one in self._hidden)
        question = _READ.format(shown=f"reference NOT IN ({places})" if places else "1 = 1")
        first, second, third = (self._today - timedelta(days=days) for days in AGES)
        told = (first, first, second, second, third, third, self._today)
        *days, today = (connection.ops.adapt_datefield_value(day) for day in told)
        said = [*self._given, *days, *self._hidden, *self._hidden, today, max(stop - start, 0), start]
        with connection.cursor() as cursor:
            cursor.execute(self._aged + question, said)
            return list(cursor.fetchall())


def _aged(row: Sequence[Any]) -> Aged:
    reference, oldest_on, _count, *minor = row
    return Aged(reference, [int(one) for one in minor], _day(oldest_on) if oldest_on else None)


def column_of(days: int) -> int:
    """The column in which what is so many days old stands."""
    return next((place for place, most in enumerate(AGES) if days <= most), len(AGES))


def _moves() -> QuerySet[Any, Any]:
    """The lines on the account of advances of requests with something open, each with the disbursement it is of, if
    one. Most requests are accounted for, and are left out before anything is asked of their lines."""
    returned = Match.objects.filter(kind="RETURN", journal=OuterRef("journal")).values("disbursement__number")[:1]
    rest = Substr("journal__key", StrIndex("journal__key", Value(":")) + 1)
    own = Substr(rest, 1, StrIndex(rest, Value(":")) - 1)  # send:P-2026-00001:…
    sent = Case(When(journal__kind__in=("send", "unsend"), then=own), default=Value(""), output_field=CharField())
    rows = JournalLine.objects.filter(account__code=postings.ADVANCES).order_by()
    totals = rows.values("journal__reference").annotate(whole=Sum("minor"))
    rows = rows.filter(journal__reference__in=totals.exclude(whole=0).values("journal__reference"))
    return rows.annotate(
        reference=F("journal__reference"),
        made_on=TruncDate("journal__at"),
        place=F("journal__number"),
        number=Coalesce(Subquery(returned), sent),
    ).values("reference", "made_on", "place", "minor", "number")


def _day(told: Any) -> date:
    return told if isinstance(told, date) else date.fromisoformat(str(told))
