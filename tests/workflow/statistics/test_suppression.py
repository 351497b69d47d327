"""No small figure of a table is shown, and none can be worked out from the figures that are."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest

from gaf.refusals import Refusal
from workflow.statistics.suppression import TOTAL, SafeTable, for_the_house, for_the_public, suppress

SHAPES = [(2,), (4,), (7,), (2, 2), (3, 4), (5, 2), (2, 2, 2), (3, 2, 3), (2, 4, 3)]


def a_table(chance: Random, shape: tuple[int, ...]) -> dict[tuple[str, ...], int]:
    """Many zeros, many small figures, some large: what a small fund's tables look like."""
    places = product(*[[f"v{n}" for n in range(size)] for size in shape])
    return {place: chance.choice([0, 0, 1, 2, 5, 10, 11, 12, 30, chance.randint(0, 90)]) for place in places}


def equations(table: SafeTable) -> tuple[list, list[list[Fraction]]]:
    """What everybody knows: each line of the table adds up to its total. One row each, the known side last."""
    hidden = sorted((place for place, count in table.counts.items() if count is None), key=str)
    at = {place: number for number, place in enumerate(hidden)}
    rows = []
    for total in table.counts:
        for dimension in [number for number, value in enumerate(total) if value is TOTAL]:
            row = [Fraction(0)] * (len(hidden) + 1)
            for place, count in table.counts.items():
                if place[:dimension] + place[dimension + 1 :] != total[:dimension] + total[dimension + 1 :]:
                    continue
                sign = -1 if place == total else 1
                if count is None:
                    row[at[place]] += sign
                else:
                    row[-1] -= sign * count
            if any(row[:-1]):
                rows.append(row)
    return hidden, rows


def reduced(rows: list[list[Fraction]], width: int) -> dict[int, list[Fraction]]:
    """Gauss and Jordan, exactly: each leading figure with the row that holds it."""
    rows, basis = [row[:] for row in rows], {}
    for column in range(width):
        row = next((row for row in rows if row[column]), None)
        if row is None:
            continue
        rows.remove(row)
        row = [value / row[column] for value in row]
        rows = [[a - other[column] * b for a, b in zip(other, row, strict=True)] for other in rows]
        for lead, other in basis.items():
            basis[lead] = [a - other[column] * b for a, b in zip(other, row, strict=True)]
        basis[column] = row
    return basis


def pivot(rows: list[list[Fraction]], basis: list[int], at: int, column: int) -> None:
    rows[at] = [value / rows[at][column] for value in rows[at]]
    for number, row in enumerate(rows):
        if number != at and row[column]:
            rows[number] = [a - row[column] * b for a, b in zip(row, rows[at], strict=True)]
    if at < len(basis):
        basis[at] = column


def least(rows: list[list[Fraction]], basis: list[int], cost: list[Fraction]) -> Fraction | None:
    """Bland's simplex in fractions on rows already solved for their basis; None when there is no bound."""
    rows = [row[:] for row in rows] + [[*cost, Fraction(0)]]
    for at, column in enumerate(basis):
        pivot(rows, [*basis], at, column)
    width = len(cost)
    while (column := next((c for c in range(width) if rows[-1][c] < 0), None)) is not None:
        ratios = [(row[-1] / row[column], basis[at], at) for at, row in enumerate(rows[:-1]) if row[column] > 0]
        if not ratios:
            return None
        pivot(rows, basis, min(ratios)[2], column)
    return -rows[-1][-1]


def interval(table: SafeTable, place: tuple) -> tuple[Fraction, Fraction | None]:
    """What an attacker with all figures shown and a linear programme knows of one hidden figure."""
    hidden, rows = equations(table)
    rows = [row if row[-1] >= 0 else [-value for value in row] for row in reduced(rows, len(hidden)).values()]
    width, count = len(hidden), len(rows)
    wide = [[*row[:-1], *[Fraction(int(a == b)) for b in range(count)], row[-1]] for a, row in enumerate(rows)]
    # A large price on what was added stands for the first phase.
    price = [Fraction(0)] * width + [Fraction(10**9)] * count
    bounds = []
    for sign in (1, -1):
        cost = price[:]
        cost[hidden.index(place)] += sign
        found = least(wide, list(range(width, width + count)), cost)
        bounds.append(None if found is None else sign * found)
    return bounds[0], bounds[1]


class TestATable:
    @pytest.mark.parametrize("k", [5, 11])
    @pytest.mark.parametrize("tables", [150, pytest.param(1500, marks=pytest.mark.nightly)])
    def test_shows_no_small_figure_and_gives_none_away_exactly(self, k: int, tables: int) -> None:
        chance, recovered, shown = Random(k), 0, 0
        for turn in range(tables):
            table = suppress(a_table(chance, SHAPES[turn % len(SHAPES)]), k)
            shown += sum(count is not None and 0 < count < k for count in table.counts.values())
            hidden, rows = equations(table)
            recovered += sum(sum(value != 0 for value in row[:-1]) == 1 for row in reduced(rows, len(hidden)).values())

        assert (shown, recovered) == (0, 0)

    @pytest.mark.parametrize("k", [5, 11])
    @pytest.mark.parametrize("tables", [9, pytest.param(45, marks=pytest.mark.nightly)])
    def test_leaves_every_hidden_figure_at_least_k_wide_to_a_linear_programme(self, k: int, tables: int) -> None:
        chance, narrow = Random(100 + k), []
        for turn in range(tables):
            table = suppress(a_table(chance, SHAPES[turn % len(SHAPES)]), k)
            for place in [place for place, count in table.counts.items() if count is None][:6]:
                low, high = interval(table, place)
                if high is not None and high - low < k:
                    narrow.append((turn, place, low, high))

        assert narrow == []

    def test_that_hides_only_small_figures_would_give_them_away(self) -> None:
        """The attacker is worth something: without the second step he finds the figure."""
        careless = SafeTable(11, {("a",): None, ("b",): 20, (TOTAL,): 23})

        assert interval(careless, ("a",)) == (3, 3)

    def test_shows_zeros_and_large_figures_as_they_are(self) -> None:
        table = suppress({("a",): 0, ("b",): 11, ("c",): 40}, 11)

        assert table.counts == {("a",): 0, ("b",): 11, ("c",): 40, (TOTAL,): 51}

    def test_hides_a_second_figure_with_a_small_one_and_keeps_the_total(self) -> None:
        table = suppress({("a",): 3, ("b",): 15, ("c",): 40}, 11)

        assert table.counts == {("a",): None, ("b",): None, ("c",): 40, (TOTAL,): 58}

    def test_withholds_an_amount_where_the_persons_are_hidden_and_rounds_the_others(self) -> None:
        table = suppress({("a",): 3, ("b",): 15, ("c",): 40}, 11)

        assert [table.amount_at((value,), 1250) for value in "abc"] == [None, None, 1300]

    @pytest.mark.parametrize("place", [("a", "b", "c", "d"), ()])
    def test_has_one_to_three_dimensions(self, place: tuple) -> None:
        with pytest.raises(Refusal) as no:
            suppress({place: 30}, 11)

        assert no.value.code == "STAT-01"


@pytest.mark.usefixtures("house")
class TestTheThreshold:
    def test_is_eleven_for_the_public_and_five_in_the_house(self) -> None:
        persons = {("a",): 7, ("b",): 15}

        assert for_the_public(persons).counts[("a",)] is None
        assert for_the_house(persons).counts[("a",)] == 7
