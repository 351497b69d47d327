"""Published tables against a solver that knows every figure shown: nothing small is shown and nothing is recovered."""

from __future__ import annotations

from random import Random

import pytest

from gaf.demo.protection import GivenAway, attack, attack_many, public_k
from gaf.demo.solving import Solver, equations
from tests.workflow.statistics.test_suppression import SHAPES, a_table, interval
from workflow.statistics.suppression import TOTAL, SafeTable, suppress


class TestPublishedTables:
    @pytest.mark.parametrize("tables", [300, pytest.param(10_000, marks=pytest.mark.nightly)])
    def test_give_no_figure_away_to_a_linear_programme(self, tables: int) -> None:
        found = attack_many(tables, 1)

        assert (found.k, found.tables) == (11, tables)
        assert (found.small_shown, found.recovered, found.narrowed) == (0, 0, 0)
        assert min(found.shown, found.hidden) > tables

    def test_are_the_same_from_one_seed(self) -> None:
        assert attack_many(20, 7) == attack_many(20, 7) != attack_many(20, 8)


class TestTheAttacker:
    def test_recovers_what_a_careless_table_gives_away(self) -> None:
        careless, found = SafeTable(11, {("a",): None, ("b",): 20, (TOTAL,): 23}), GivenAway(11)

        attack(careless, found)

        assert (found.recovered, found.narrowed) == (1, 1)

    def test_narrows_what_another_careless_table_hides_badly(self) -> None:
        """Two small figures that hide only each other: neither is known, and both are below ten."""
        careless = SafeTable(11, {("a",): None, ("b",): None, ("c",): 40, (TOTAL,): 48})
        found = GivenAway(11)

        attack(careless, found)

        assert (found.recovered, found.narrowed) == (0, 2)

    def test_counts_a_small_figure_that_is_shown(self) -> None:
        found = GivenAway(public_k())

        attack(SafeTable(11, {("a",): 10, ("b",): 0, ("c",): 11, (TOTAL,): 21}), found)

        assert (found.small_shown, found.shown, found.hidden) == (1, 4, 0)

    def test_finds_what_the_specifications_own_simplex_finds(self) -> None:
        chance, compared = Random(3), 0
        for turn in range(30):
            table = suppress(a_table(chance, SHAPES[turn % 5]), 11)
            hidden, sums = equations(table)
            solver = Solver(sums, len(hidden)) if hidden else None
            for figure, place in enumerate(hidden[:3]):
                low, high = interval(table, place)
                has_no_end = solver.is_open(figure, 10**9)
                compared += 1
                assert has_no_end == (high is None)
                assert has_no_end or (solver.low[figure], solver.high[figure]) == (low, high)

        assert compared > 50
