"""The bench at a size for every day: nothing wrong by itself, nearly all found, ahead of three other rule sets."""

from collections import Counter

import pytest

from finance.management.commands.bench_matching import TARGETS, measure
from finance.matching.bench.generator import make_world
from finance.matching.bench.score import score
from finance.matching.shapes import Proposal, Reason


@pytest.fixture(scope="module")
def figures():
    return measure(2_000, seed=3)


class TestMatching:
    def test_books_nothing_wrong_by_itself(self, figures):
        assert figures["gaf"]["wrong_automatic"] == 0
        assert figures["gaf"]["money_wrongly_posted_usd_minor"] == 0

    @pytest.mark.parametrize(("figure", "least"), TARGETS.items())
    def test_reaches_its_targets(self, figures, figure, least):
        assert figures["gaf"][figure] >= least

    def test_is_ahead_of_all_three_rule_sets_on_every_figure(self, figures):
        assert set(figures["others"]) == {"odoo", "erpnext", "pretix"}
        assert figures["ahead_of_all"] is True

    def test_stores_a_row_for_every_line_it_answers(self, figures):
        assert figures["rows_stored"] == sum(figures["gaf"]["tiers"].values())


class TestTheMix:
    def test_is_what_is_told(self):
        world = make_world(2_000, seed=5)
        kinds = Counter(len(truth.items) for truth in world.truth.values())

        assert len(world.items) == 2_000
        assert len(world.lines) == 2_000
        assert len(world.lines) - len(world.truth) == 40  # noise
        assert sum(n for size, n in kinds.items() if size > 1) == 20  # batches of two to six, of 80 payments
        assert len({key for truth in world.truth.values() for key in truth.items}) == 1_960  # the others are open

    def test_is_the_same_for_the_same_seed_and_another_for_another(self):
        assert make_world(400, seed=1) == make_world(400, seed=1)
        assert make_world(400, seed=1) != make_world(400, seed=2)


class TestTheScore:
    def test_counts_a_wrong_line_with_its_money(self):
        world = make_world(400, seed=1)
        line = next(line for line in world.lines if line.currency == "USD" and line.key in world.truth)
        wrong = next(item.key for item in world.items if item.key not in world.truth[line.key].items)

        found = score(world, [Proposal((line.key,), (wrong,), 0, True, (Reason("x"),))])

        assert found["wrong_automatic"] == 1
        assert found["precision_automatic"] == 0.0
        assert found["money_wrongly_posted_usd_minor"] == abs(line.minor)
