"""One process of the nightly run: a harness, a first seed, and how long or how often; prints one line of JSON."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator

from tests.proof.simulator import Theatre, play, theatre
from tests.proof.sweep import RAILS, Rehearsal, rehearse, run_once
from tests.proof.truths import Violation

Run = Callable[[Theatre, int], None]
HARNESSES = ("schedules", "crash points", "pairs", "restores", "interleavings", "kills")


def _schedule(stage: Theatre, seed: int) -> None:
    play(stage, seed)


def _forgetful(stage: Theatre, seed: int) -> None:
    play(stage, seed, forgets=True)


class _Paths:
    """The golden path of each rail, rehearsed once."""

    def __init__(self) -> None:
        self._rehearsed: dict[str, Rehearsal] = {}

    def of(self, stage: Theatre, rail: str) -> Rehearsal:
        """The path of one rail."""
        if rail not in self._rehearsed:
            self._rehearsed[rail] = rehearse(stage, rail)
        return self._rehearsed[rail]


class _Points:
    """Every point of both rails, reads too, in a shuffled order."""

    def __init__(self) -> None:
        self.paths = _Paths()
        self.cells: list[tuple[str, int, int]] = []

    def __call__(self, stage: Theatre, seed: int) -> None:
        if not self.cells:
            for rail in RAILS:
                points = len(self.paths.of(stage, rail).passed)
                self.cells += [(rail, at, kind) for at in range(1, points + 1) for kind in range(4)]
            random.Random(0).shuffle(self.cells)
        rail, at, kind = self.cells[seed % len(self.cells)]
        run_once(stage, rail, self.paths.of(stage, rail), at, kind)


class _Pairs:
    """Two strikes in one payment: the second while everybody mends what the first one broke."""

    def __init__(self) -> None:
        self.paths = _Paths()

    def __call__(self, stage: Theatre, seed: int) -> None:
        chance = random.Random(seed)
        rail = chance.choice(RAILS)
        at, kind = 1 + chance.randrange(250), chance.randrange(4)
        then = (1 + chance.randrange(80), chance.randrange(4))
        run_once(stage, rail, self.paths.of(stage, rail), at, kind, then)


def runs_of(harness: str) -> Run:
    """What one seed means to a harness in memory."""
    return {"schedules": _schedule, "restores": _forgetful, "crash points": _Points(), "pairs": _Pairs()}[harness]


def seeds(first: int, count: int, seconds: float) -> Iterator[int]:
    """One seed after the other until there were enough or the time is over."""
    ends = time.monotonic() + seconds
    for seed in range(first, first + count):
        if time.monotonic() > ends:
            return
        yield seed


def in_memory(harness: str, first: int, count: int, seconds: float) -> dict[str, object]:
    """Survived, and what was violated by which seed."""
    survived, violations, run = 0, [], runs_of(harness)
    with theatre() as stage:
        for seed in seeds(first, count, seconds):
            try:
                run(stage, seed)
                survived += 1
            except Violation as violation:
                violations.append(f"{seed}: {str(violation).splitlines()[0]}")
    return {"harness": harness, "survived": survived, "violations": violations}


def main() -> None:
    """`python -m tests.proof nightly schedules --first 0 --count 100 --seconds 60`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("harness", choices=HARNESSES)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=60)
    said = parser.parse_args()
    if said.harness == "interleavings":
        from tests.proof.scenarios import survive as work
    elif said.harness == "kills":
        from tests.proof.killing import survive as work
    else:
        print(json.dumps(in_memory(said.harness, said.first, said.count, said.seconds)))
        return
    print(json.dumps({"harness": said.harness} | work(said.first, said.count, said.seconds)))
