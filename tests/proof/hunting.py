"""Puts a bug in and lets its harness look for it: how many schedules until it is found?"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from tests.proof.bugs import BUGS, Bug
from tests.proof.simulator import Theatre, play, theatre
from tests.proof.sweep import rehearse, sweep
from tests.proof.truths import Violation

BUDGET = 2000


@dataclass(frozen=True)
class Found:
    """What the hunt for one bug came to; `by` is empty where nothing was found."""

    bug: Bug
    schedules: int
    by: str

    def in_words(self) -> str:
        """One row of the table."""
        end = f"after {self.schedules:>4}" if self.by else f"NOT in {self.schedules}"
        return f"{self.bug.name:<52} {self.bug.harness:<14} {end}   {self.by[:70]}"


def hunt(stage: Theatre, bug: Bug, budget: int = BUDGET, first: int = 0) -> Found:
    """Let the harness that the bug names look for it, from this seed on, or from this point of the sweep."""
    with bug.put_in():
        if bug.harness.startswith("sweep"):
            return _by_sweep(stage, bug, bug.harness.split()[1], first)
        for tried in range(1, budget + 1):
            try:
                play(
                    stage,
                    first + tried - 1,
                    also=bug.acts,
                    on_wire=bug.on_wire,
                    on_points=bug.on_points,
                    forgets=bug.forgets,
                )
            except Violation as violation:
                return Found(bug, tried, str(violation).split("\n")[0].split(": ", 1)[1])
    return Found(bug, budget, "")


def _by_sweep(stage: Theatre, bug: Bug, rail: str, first: int) -> Found:
    stage.faults.reads_count = False
    try:
        rehearsal = rehearse(stage, rail)
        tried = 0
        for at in range(max(first, 1), len(rehearsal.passed) + 1):
            found = sweep(stage, rail, rehearsal, [at])
            tried += sum(found.cells.values())
            if found.violations:
                return Found(bug, tried, found.violations[0].split("\n")[0])
        return Found(bug, tried, "")
    finally:
        stage.faults.reads_count = True


def main() -> int:
    """`python -m tests.proof hunting BUDGET`: the table of all bugs; 1 when one was not found."""
    budget = int(sys.argv[1]) if len(sys.argv) > 1 else BUDGET
    not_found = 0
    with theatre() as stage:
        for bug in BUGS:
            found = hunt(stage, bug, budget)
            not_found += not found.by
            print(found.in_words(), flush=True)
    print(f"{len(BUGS) - not_found} of {len(BUGS)} bugs found")
    return 1 if not_found else 0
