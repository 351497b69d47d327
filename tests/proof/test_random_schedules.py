"""Random schedules of the money: whatever people, workers, banks and faults do, nothing is lost or doubled."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.machine import limits, machine_on
from tests.proof.simulator import play

pytestmark = pytest.mark.proof
PARTS, SEEDS = 40, 50


class TestOfEverySeed:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_the_schedule_leaves_the_money_right(self, stage, part):
        for seed in range(part * SEEDS, (part + 1) * SEEDS):
            play(stage, seed, steps=None)


class TestWhatHypothesisThinksOf:
    def test_leaves_the_money_right(self, stage):
        run_state_machine_as_test(machine_on(stage), settings=limits())


class TestASchedule:
    def test_is_told_by_its_seed_alone(self, stage):
        assert [play(stage, 5).story for _time in range(2)] == [play(stage, 5).story] * 2
        assert play(stage, 5).story != play(stage, 6).story
