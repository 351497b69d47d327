"""Plays one schedule again and tells its story."""

from __future__ import annotations

import argparse

from tests.proof.simulator import play, theatre
from tests.proof.truths import Violation


def main() -> int:
    """`python -m tests.proof replaying SEED`; 1 when something is violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--forgets", action="store_true")
    said = parser.parse_args()
    with theatre() as stage:
        try:
            story = play(stage, said.seed, forgets=True if said.forgets else None).story
        except Violation as violation:
            print(violation)
            return 1
    print("\n".join(story))
    print(f"seed {said.seed}: nothing is lost, doubled or unexplained")
    return 0
