"""Advances by age, from movements alone: no database is needed to say how old money is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from finance.advances import Movement, aged, column_of

TODAY = date(2026, 11, 23)


def paid(days: int, minor: int, number: str = "") -> Movement:
    """So many cents paid (or taken off, negative) so many days ago."""
    return Movement(TODAY - timedelta(days=days), minor, number)


@pytest.mark.parametrize(
    ("days", "column"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (400, 3), (-1, 0)]
)
def test_a_payment_stands_in_the_column_of_its_age(days, column):
    assert column_of(days) == column


class TestWhatIsOutstanding:
    def test_stands_by_the_age_of_each_payment(self):
        found = aged("R", [paid(5, 100), paid(45, 200), paid(75, 300), paid(120, 400)], TODAY)

        assert (found.minor, found.oldest_on) == ([100, 200, 300, 400], TODAY - timedelta(days=120))

    def test_loses_what_was_accepted_from_the_oldest(self):
        found = aged("R", [paid(120, 400), paid(45, 200), paid(1, -450)], TODAY)

        assert (found.minor, found.oldest_on) == ([0, 150, 0, 0], TODAY - timedelta(days=45))

    def test_loses_a_payment_that_came_back_from_itself(self):
        found = aged("R", [paid(120, 400, "P-1"), paid(45, 200, "P-2"), paid(40, -200, "P-2")], TODAY)

        assert found.minor == [0, 0, 0, 400]

    def test_is_nothing_when_all_is_accounted_for(self):
        found = aged("R", [paid(120, 400), paid(3, -400)], TODAY)

        assert (found.total.minor, found.oldest_on) == (0, None)

    def test_hides_no_difference(self):
        assert aged("R", [paid(120, 400), paid(3, -500)], TODAY).minor == [-100, 0, 0, 0]
