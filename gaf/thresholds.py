"""The fund's limits and deadlines, as rows in force from a date on (defaults: domain assumptions, all editable)."""

from __future__ import annotations

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
        raise Refusal("THRESHOLD-01", "Nothing was done.", f"The threshold {code} is not set.", "Run the set-up again.")
    return row.value


def usd_threshold(code: str, on: date | None = None) -> Money:
    """A threshold that is an amount in US dollars."""
    return Money(threshold(code, on), "USD")
