"""Two figures of how well people are protected: what published tables give away, and what the time of an answer tells.

Both attackers are written here and know all that a stranger, or somebody of another mission, can know.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import product
from math import ceil, floor, sqrt
from random import Random  # noqa: TID251  # a seed makes the same tables again; nothing secret comes of it
from statistics import quantiles

from django.test import Client

from gaf.accounts.models import User
from gaf.demo.solving import Solver, equations
from gaf.reference_data import rows
from workflow.statistics.suppression import SafeTable, suppress

MOST_VALUES = {1: 9, 2: 6, 3: 4}  # of each dimension, by the number of dimensions


def public_k() -> int:
    """The smallest figure that a public table shows, as every installation starts with it."""
    return next(int(row["value"]) for row in rows("reference/thresholds.csv") if row["code"] == "small_cell_k_public")


def a_table(chance: Random) -> dict[tuple[str, ...], int]:
    """A table as a small fund has them: one to three dimensions, many zeros, most figures small, a few large."""
    dimensions = chance.choice([1, 2, 2, 3])
    sizes = [chance.randint(2, MOST_VALUES[dimensions]) for _dimension in range(dimensions)]
    usual = chance.choice([2, 6, 15, 40])
    places = product(*[[f"v{number}" for number in range(size)] for size in sizes])
    return {place: chance.choice([0, 1, 1]) * int(usual * chance.paretovariate(1.2) - usual / 2) for place in places}


@dataclass
class GivenAway:
    """What so many tables showed, hid, and gave away."""

    k: int
    tables: int = 0
    shown: int = 0
    hidden: int = 0
    small_shown: int = 0
    recovered: int = 0
    narrowed: int = 0


def attack(table: SafeTable, found: GivenAway) -> None:
    """Add what one table gives away: small figures it shows, and what a linear programme finds of the hidden ones."""
    hidden, sums = equations(table)
    figures = [count for count in table.counts.values() if count is not None]
    found.tables += 1
    found.shown += len(figures)
    found.hidden += len(hidden)
    found.small_shown += sum(0 < count < found.k for count in figures)
    if not hidden:
        return
    solver = Solver(sums, len(hidden))
    for figure in range(len(hidden)):
        if solver.is_open(figure, found.k):
            continue
        low, high = solver.low[figure], solver.high[figure]
        found.recovered += low == high
        found.narrowed += floor(high) - ceil(low) + 1 < found.k


def attack_many(tables: int, seed: int) -> GivenAway:
    """Publish so many random tables and attack each."""
    chance, found = Random(seed), GivenAway(public_k())  # noqa: S311
    for _table in range(tables):
        attack(suppress(a_table(chance), found.k), found)
    return found


@dataclass
class Times:
    """How long answers took, in milliseconds: of a request of another mission, and of one that never was."""

    theirs: list[float] = field(default_factory=list)
    never: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How often the one took longer than the other, of all pairs: a half when time tells nothing (Mann–Whitney)."""
        order = sorted([(value, 1) for value in self.theirs] + [(value, 0) for value in self.never])
        ranks = sum(place for place, (_value, is_theirs) in enumerate(order, 1) if is_theirs)
        count = len(self.theirs)
        return (ranks - count * (count + 1) / 2) / (count * len(self.never))

    @property
    def spread(self) -> float:
        """The standard error of that share when time tells nothing."""
        return sqrt((len(self.theirs) + len(self.never) + 1) / (12 * len(self.theirs) * len(self.never)))


def time_answers(person: User, theirs: str, never: str, pairs: int, seed: int) -> Times:
    """Ask for both in turn, each pair in an order by chance, as one person to whom neither is there."""
    chance, times = Random(seed), Times()  # noqa: S311
    client = Client()
    client.force_login(person)
    for number in range(-20, pairs):
        asked = [(theirs, times.theirs), (never, times.never)]
        chance.shuffle(asked)
        for reference, kept in asked:
            begun = time.perf_counter_ns()
            answer = client.get(f"/requests/{reference}/")
            took = (time.perf_counter_ns() - begun) / 1e6
            if answer.status_code != 404:
                raise RuntimeError(f"{reference} answered {answer.status_code}")
            if number >= 0:  # the first ones warm up
                kept.append(took)
    return times


def as_rows(found: GivenAway, timed: dict[str, Times]) -> str:
    """The figures as Markdown."""
    lines = [
        "| published tables | |",
        "| --- | --- |",
        f"| tables | {found.tables:,} |",
        f"| figures shown | {found.shown:,} |",
        f"| figures hidden | {found.hidden:,} |",
        f"| figures from 1 to {found.k - 1} shown | {found.small_shown} |",
        f"| hidden figures recovered exactly | {found.recovered} |",
        f"| hidden figures narrowed to fewer than {found.k} values | {found.narrowed} |",
    ]
    if timed:
        lines += ["", "| not there | pairs | its median, middle half | never was | share that took longer |"]
        lines.append("| --- | --- | --- | --- | --- |")
    for words, times in timed.items():
        lines.append(
            f"| {words} | {len(times.theirs)} | {_middle(times.theirs)} | {_middle(times.never)} | "
            f"{times.share:.3f} (0.5 ± {times.spread:.3f} when time tells nothing) |"
        )
    return "\n".join(lines) + "\n"


def _middle(values: list[float]) -> str:
    first, second, third = quantiles(values, n=4)
    return f"{second:.2f} ms, {first:.2f}–{third:.2f}"
