"""What somebody with all published figures of a table and a linear programme knows of those that are hidden.

The figures of a line add up to its total, and none is below nothing; that is all that is known. Whole numbers
throughout: a row is kept times a common divisor, so that nothing is lost by rounding.
"""

from __future__ import annotations

from fractions import Fraction

from workflow.statistics.suppression import TOTAL, Place, SafeTable

Row = list[int]


def equations(table: SafeTable) -> tuple[list[Place], list[Row]]:
    """The hidden figures, and each sum they stand in: one row each, the known side last."""
    hidden = sorted((place for place, count in table.counts.items() if count is None), key=str)
    at = {place: number for number, place in enumerate(hidden)}
    sums: dict[tuple[int, Place], Row] = {}
    for place, count in table.counts.items():
        for dimension, value in enumerate(place):
            line = (dimension, (*place[:dimension], TOTAL, *place[dimension + 1 :]))
            row = sums.setdefault(line, [0] * (len(hidden) + 1))
            sign = -1 if value is TOTAL else 1
            if count is None:
                row[at[place]] += sign
            else:
                row[-1] -= sign * count
    return hidden, [row for row in sums.values() if any(row[:-1])]


class Solver:
    """A simplex over the hidden figures of one table, by Bland's rule, so that it ends."""

    def __init__(self, rows: list[Row], width: int) -> None:
        self._rows: list[Row] = [row[:] for row in rows]
        self._basis: list[int] = []
        self._divisor = 1
        self.low = [Fraction(10**12)] * width
        self.high = [Fraction(-1)] * width
        self._solve(width)
        self._make_feasible()
        self._look()

    def _solve(self, width: int) -> None:
        """Gauss and Jordan: as many figures as there are independent sums are told by the others."""
        free = self._rows
        for column in range(width):
            at = next((at for at in range(len(self._basis), len(free)) if free[at][column]), None)
            if at is not None:
                first = len(self._basis)
                free[first], free[at] = free[at], free[first]
                self._basis.append(column)
                self._pivot(first, column)
        del free[len(self._basis) :]

    def _pivot(self, at: int, column: int) -> None:
        """Let a figure be told by this row; the row's divisor becomes everybody's."""
        if self._rows[at][column] < 0:
            self._rows[at] = [-value for value in self._rows[at]]
        own, divisor = self._rows[at], self._divisor
        by = own[column]
        for number, row in enumerate(self._rows):
            if number != at:
                part = row[column]
                self._rows[number] = [(a * by - part * b) // divisor for a, b in zip(row, own, strict=True)]
        self._basis[at], self._divisor = column, by

    def _make_feasible(self) -> None:
        """No figure below nothing: the dual simplex without a price."""
        while True:
            below = [(self._basis[at], at) for at, row in enumerate(self._rows) if row[-1] < 0]
            if not below:
                return
            at = min(below)[1]
            self._pivot(at, next(column for column, value in enumerate(self._rows[at][:-1]) if value < 0))

    def _look(self) -> None:
        """Every point the solver stands on may be the truth: what each figure is there, it may be."""
        values = [Fraction(0)] * len(self.low)
        for at, column in enumerate(self._basis):
            values[column] = Fraction(self._rows[at][-1], self._divisor)
        self.low = [min(pair) for pair in zip(self.low, values, strict=True)]
        self.high = [max(pair) for pair in zip(self.high, values, strict=True)]

    def _step(self, column: int) -> bool:
        """Let one figure grow as far as the others allow; False when nothing holds it."""
        bounds = [
            (Fraction(row[-1], row[column]), self._basis[at], at)
            for at, row in enumerate(self._rows)
            if row[column] > 0
        ]
        if not bounds:
            return False
        self._pivot(min(bounds)[2], column)
        self._look()
        return True

    def _row_of(self, figure: int) -> Row | None:
        return self._rows[self._basis.index(figure)] if figure in self._basis else None

    def _next(self, figure: int, sign: int) -> int | None:
        row = self._row_of(figure)
        if row is None:
            return figure if sign > 0 else None  # it stands at nothing, the least there is
        return next(
            (column for column, value in enumerate(row[:-1]) if value * sign < 0 and column not in self._basis), None
        )

    def is_open(self, figure: int, wide: int) -> bool:
        """Whether a figure can be anything over a span so wide; when not, `low` and `high` are all that it can be."""
        for sign in (1, -1):
            while self.high[figure] - self.low[figure] < wide:
                column = self._next(figure, sign)
                if column is None:
                    break
                if not self._step(column):
                    return True
        return self.high[figure] - self.low[figure] >= wide
