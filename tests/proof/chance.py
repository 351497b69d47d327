"""The one source of every decision of a schedule: how many choices there are goes in, which one is taken comes out."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Decides by `choose(n)`: a whole number from 0 to n - 1. Who drives it (a seed, Hypothesis) nobody else knows."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        """Decide by this function."""
        self.choose = choose

    def one_in(self, n: int) -> bool:
        """True once in `n` times."""
        return self.choose(n) == 0

    def pick(self, things: Sequence[T]) -> T:
        """One of these; there must be one."""
        return things[self.choose(len(things))]

    def some(self, things: Sequence[T], one_in: int = 2) -> list[T]:
        """A random part of these: each with a chance of one in `one_in`."""
        return [thing for thing in things if self.one_in(one_in)]


def by_seed(seed: int) -> Chance:
    """The quick driver: everything follows from a number."""
    return Chance(random.Random(seed).randrange)
