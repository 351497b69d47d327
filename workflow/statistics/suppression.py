"""Which figures of a table of persons are hidden, so that no small one can be worked out from the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from django.utils.translation import gettext_lazy as _

from gaf.refusals import Refusal
from gaf.thresholds import threshold

TOTAL = None
"""Stands in a place where a figure adds up all values of that dimension."""

MOST_DIMENSIONS = 3
AMOUNTS_TO_THE_NEAREST = 100

Place = tuple[str | None, ...]
Box = list[Place]


@dataclass(frozen=True)
class SafeTable:
    """A table whose small figures are hidden; a hidden figure stands as None, whatever it was hidden for."""

    k: int
    counts: dict[Place, int | None]

    def amount_at(self, place: Place, amount: int) -> int | None:
        """An amount in whole units to the nearest 100; withheld where the number of persons is hidden."""
        if self.counts.get(place) is None:
            return None
        half = AMOUNTS_TO_THE_NEAREST // 2
        return (amount + half) // AMOUNTS_TO_THE_NEAREST * AMOUNTS_TO_THE_NEAREST


def for_the_public(persons: Mapping[tuple[str, ...], int], on: date | None = None) -> SafeTable:
    """The table as anybody may see it, by the threshold in force on that day."""
    return suppress(persons, threshold("small_cell_k_public", on))


def for_the_house(persons: Mapping[tuple[str, ...], int], on: date | None = None) -> SafeTable:
    """The table as the data steward may see it, by the lower threshold in force on that day."""
    return suppress(persons, threshold("small_cell_k_internal", on))


def suppress(persons: Mapping[tuple[str, ...], int], k: int) -> SafeTable:
    """Hide each figure from 1 to k − 1, and with each as many others as leave it at least k wide."""
    values = _values(persons)
    figures = _with_totals(persons, values)
    hidden: set[Place] = set()
    # Small figures first, so that one box often covers the next.
    for place in sorted(
        (place for place, count in figures.items() if 0 < count < k), key=lambda p: (figures[p], str(p))
    ):
        hidden.update(_cheapest_box(place, figures, values, hidden, k))
    return SafeTable(k, {place: None if place in hidden else count for place, count in figures.items()})


def _values(persons: Mapping[tuple[str, ...], int]) -> list[list[str]]:
    depths = {len(place) for place in persons}
    if len(depths) > 1 or not depths <= set(range(1, MOST_DIMENSIONS + 1)):
        raise Refusal(
            "STAT-01",
            str(_("No table was made.")),
            str(_("A table of persons has one, two or three dimensions.")),
            str(_("Leave out a dimension.")),
        )
    return [sorted(set(column)) for column in zip(*persons, strict=True)]


def _with_totals(persons: Mapping[tuple[str, ...], int], values: list[list[str]]) -> dict[Place, int]:
    figures: dict[Place, int] = dict.fromkeys(product(*[[*column, TOTAL] for column in values]), 0)
    for place, count in persons.items():
        for sum_of in product(*[(value, TOTAL) for value in place]):
            figures[sum_of] += count
    return figures


def _cheapest_box(place: Place, figures: dict[Place, int], values: list[list[str]], hidden: set[Place], k: int) -> Box:
    """The corners to hide with a small figure: fewest new ones first, then those that tell the least."""
    partners = [[value for value in [*column, TOTAL] if value != place[at]] for at, column in enumerate(values)]
    boxes = (_box(place, other) for other in product(*partners))
    possible = [box for box in boxes if _leaves_room(place, box, figures, k)]
    # There is always one: the box whose other side is a total everywhere has no falling corner.
    return min(possible, key=lambda box: _cost(box, figures, hidden))


def _box(place: Place, other: Place) -> Box:
    return list(product(*zip(place, other, strict=True)))


def _leaves_room(place: Place, box: Box, figures: dict[Place, int], k: int) -> bool:
    """Whether k more at the place can be made up for: each corner that would then fall holds at least k."""
    return all(figures[corner] >= k for corner in box if _falls(place, corner))


def _falls(place: Place, corner: Place) -> bool:
    # Beside a value, its neighbour makes up for it; a total goes up with it.
    swaps = sum(a != b and a is not TOTAL and b is not TOTAL for a, b in zip(place, corner, strict=True))
    return swaps % 2 == 1


def _cost(box: Box, figures: dict[Place, int], hidden: set[Place]) -> tuple[int, int, str]:
    fresh = [corner for corner in box if corner not in hidden]
    return len(fresh), sum(figures[corner] for corner in fresh), str(box)
