"""The fund's limits and deadlines, as rows in force from a date on (defaults: domain assumptions, all editable)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gaf import clock
from gaf.decisions.models import Threshold
from gaf.money import Money
from gaf.refusals import Refusal


def threshold(code: str, on: date | None = None) -> int:
    """The value in force on a day (today when not said). Raises Refusal THRESHOLD-01 when nobody ever set it."""
    row = (
        Threshold.objects.filter(code=code, effective_from__lte=on or clock.today()).order_by("-effective_from").first()
    )
    if row is None:
        raise _not_set(code)
    return row.value


def thresholds(codes: Iterable[str], on: date | None = None) -> dict[str, int]:
    """Several of them in one query. Raises Refusal THRESHOLD-01 when one was never set."""
    wanted = list(codes)
    rows = Threshold.objects.filter(code__in=wanted, effective_from__lte=on or clock.today())
    found = dict(rows.order_by("effective_from").values_list("code", "value"))
    for code in wanted:
        if code not in found:
            raise _not_set(code)
    return found


def _not_set(code: str) -> Refusal:
    return Refusal("THRESHOLD-01", "Nothing was done.", f"The threshold {code} is not set.", "Run the set-up again.")


def usd_threshold(code: str, on: date | None = None) -> Money:
    """A threshold that is an amount in US dollars."""
    return Money(threshold(code, on), "USD")
