"""The fund's limits and deadlines, as rows in force from a date on (defaults: domain assumptions, all editable)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from gaf import clock
from gaf.decisions.models import Threshold
from gaf.money import Money
from gaf.refusals import Refusal

_ALL = "all"
_Rows = list[tuple[str, date, int]]
# What was read in the piece that is being done; a dictionary that is empty at first, none outside of a piece.
_read: ContextVar[dict[str, _Rows] | None] = ContextVar("thresholds_read", default=None)


@contextmanager
def thresholds_read_once() -> Iterator[None]:
    """Within this, the first question for a threshold reads them all, and no other asks again."""
    kept = _read.get()
    token = _read.set({} if kept is None else kept)
    try:
        yield
    finally:
        _read.reset(token)


def threshold(code: str, on: date | None = None) -> int:
    """The value in force on a day (today when not said). Raises Refusal THRESHOLD-01 when nobody ever set it."""
    return thresholds([code], on)[code]


def thresholds(codes: Iterable[str], on: date | None = None) -> dict[str, int]:
    """Several of them in one query. Raises Refusal THRESHOLD-01 when one was never set."""
    wanted, day = list(codes), on or clock.today()
    found = {code: value for code, begins, value in _rows_of(wanted) if begins <= day}
    for code in wanted:
        if code not in found:
            raise _not_set(code)
    return {code: found[code] for code in wanted}


def _rows_of(codes: list[str]) -> _Rows:
    """At least the rows of these, the oldest first."""
    rows = Threshold.objects.order_by("effective_from").values_list("code", "effective_from", "value")
    kept = _read.get()
    if kept is None:
        return list(rows.filter(code__in=codes))
    if _ALL not in kept:
        kept[_ALL] = list(rows)
    return kept[_ALL]


def _not_set(code: str) -> Refusal:
    return Refusal("THRESHOLD-01", "Nothing was done.", f"The threshold {code} is not set.", "Run the set-up again.")


def usd_threshold(code: str, on: date | None = None) -> Money:
    """A threshold that is an amount in US dollars."""
    return Money(threshold(code, on), "USD")
