"""Where two guards hold one thing, each holds it alone: the outer one is taken away, and the inner one speaks."""

from __future__ import annotations

import pytest

from tests.proof.bugs import BUGS, Bug
from tests.proof.simulator import Theatre, play
from tests.proof.truths import Violation
from tests.proof.world import JUMPS

pytestmark = pytest.mark.proof
# The outer guard that is off, and the word by which the inner one is known.
ALONE = {
    "separation of duties is asked by no permit": "SOD-",
    "a line may give more than it has": "COMMIT-01",
    "freeing frees what is already paid": "COMMIT-01",
    "what was stopped is given back twice": "CHECK constraint failed",
}


def _bug(name: str) -> Bug:
    return next(one for one in BUGS if one.name == name)


def _first_word(stage: Theatre, bug: Bug, most: int = 200) -> str:
    """How the first schedule ended that did not go well."""
    with bug.put_in():
        for seed in range(most):
            try:
                play(stage, seed, also=bug.acts, on_wire=bug.on_wire)
            except Violation as violation:
                return str(violation).split("\n")[0]
    return ""


@pytest.mark.parametrize(("name", "word"), ALONE.items(), ids=lambda one: one)
class TestWithoutTheOuterGuard:
    def test_the_database_itself_says_no(self, stage, name, word):
        assert word in _first_word(stage, _bug(name))


def _ending(stage: Theatre, seed: int) -> str:
    """How a schedule with broken connections ended; empty when well."""
    try:
        play(stage, seed, on_wire=("dropped_after", "stored_500"))
    except Violation as violation:
        return str(violation).split("\n")[0]
    return ""


class TestWithoutAnyLook:
    def test_the_stored_key_still_pays_once_within_a_day(self, stage, monkeypatch):
        """Looking before paying again is off, and no step of the clock is longer than an hour."""
        monkeypatch.setattr("tests.proof.world.JUMPS", [jump for jump in JUMPS if abs(jump.total_seconds()) <= 3600])
        with _bug("nobody looks before paying again").put_in():
            endings = [_ending(stage, seed) for seed in range(40)]

        assert [one for one in endings if "I4" in one] == []
