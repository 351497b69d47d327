"""A source of choices that gives the same ones for the same seed on every machine (splitmix64)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Dice:
    """Choices from a seed. Never used for keys: `gaf.ids` makes those."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK

    def next(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, end: int) -> int:
        """A whole number from 0 to end - 1."""
        return self.next() % end

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.next() % (high - low + 1)

    def percent(self, chance: int) -> bool:
        """True in so many cases of a hundred."""
        return self.next() % 100 < chance

    def pick(self, choices: Sequence[T]) -> T:
        """One of these."""
        return choices[self.next() % len(choices)]

    def shuffle(self, row: list[T]) -> None:
        """Put a list into another order, in place."""
        for last in range(len(row) - 1, 0, -1):
            other = self.next() % (last + 1)
            row[last], row[other] = row[other], row[last]
