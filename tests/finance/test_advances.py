"""Advances by age, from movements given by the test: the database ages them as one would by hand."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.core.paginator import Paginator
from django.db import connection

from finance.advances import Advances, Aged, column_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Movement:
    """One line on the account of advances: when, how much (in positive), and the disbursement it is of, if one."""

    on: date
    minor: int
    number: str = ""


def paid(days: int, minor: int, number: str = "") -> Movement:
    """So many cents paid (or taken off, negative) so many days ago."""
    return Movement(TODAY - timedelta(days=days), minor, number)


def read(*, hidden: tuple[str, ...] = (), first: slice = slice(0, 0), **movements: list[Movement]) -> Advances:
    """What the database makes of the movements of some requests."""
    rows = [(reference, one) for reference, ones in movements.items() for one in ones]
    cells = "%s AS reference, CAST(%s AS {day}) AS made_on, CAST(%s AS bigint) AS place, CAST(%s AS bigint) AS minor"
    said = [
        value
        for place, (reference, one) in enumerate(rows)
        for value in (reference, one.on.isoformat(), place, one.minor, one.number)
    ]
    day = "date" if connection.vendor == "postgresql" else "text"
    text = " UNION ALL ".join(f"SELECT {cells.format(day=day)}, %s AS number" for _row in rows)
    return Advances(TODAY, hidden, (text, said), first)


def aged(*movements: Movement) -> Aged:
    """What the database makes of the movements of one request."""
    (found,) = read(R=list(movements))
    return found


def by_hand(reference: str, movements: list[Movement]) -> Aged:
    """The same, step by step: what came back off its own payment, what was accepted off the oldest."""
    left: dict[str, tuple[date, int]] = {}
    accepted = 0
    for place, one in enumerate(sorted(movements, key=lambda one: one.on)):
        own = one.number or f"without {place}"
        if one.minor > 0 or own in left:
            on, before = left.get(own, (one.on, 0))
            left[own] = (on, before + one.minor)
        else:
            accepted -= one.minor
    minor, oldest_on = [0, 0, 0, 0], None
    for on, much in left.values():
        used = min(accepted, much)
        accepted -= used
        if much > used:
            minor[column_of((TODAY - on).days)] += much - used
            oldest_on = oldest_on or on
    minor[0] -= accepted
    return Aged(reference, minor, oldest_on)


@pytest.mark.parametrize(
    ("days", "column"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (400, 3), (-1, 0)]
)
def test_a_payment_stands_in_the_column_of_its_age(days, column):
    assert column_of(days) == column
    assert aged(paid(days, 100)).minor == [100 if place == column else 0 for place in range(4)]


class TestWhatIsOutstanding:
    def test_stands_by_the_age_of_each_payment(self):
        found = aged(paid(5, 100), paid(45, 200), paid(75, 300), paid(120, 400))

        assert (found.minor, found.oldest_on) == ([100, 200, 300, 400], TODAY - timedelta(days=120))

    def test_loses_what_was_accepted_from_the_oldest(self):
        found = aged(paid(120, 400), paid(45, 200), paid(1, -450))

        assert (found.minor, found.oldest_on) == ([0, 150, 0, 0], TODAY - timedelta(days=45))

    def test_loses_a_payment_that_came_back_from_itself(self):
        found = aged(paid(120, 400, "P-1"), paid(45, 200, "P-2"), paid(40, -200, "P-2"))

        assert found.minor == [0, 0, 0, 400]

    def test_is_nothing_when_all_is_accounted_for(self):
        found = read(R=[paid(120, 400), paid(3, -400)])

        assert (list(found), [one.minor for one in found.sums]) == ([], [0, 0, 0, 0])

    def test_hides_no_difference(self):
        assert aged(paid(120, 400), paid(3, -500)).minor == [-100, 0, 0, 0]


class TestManyRequests:
    @pytest.mark.parametrize("seed", range(20))
    def test_are_aged_as_by_hand_and_added_up(self, seed):
        lot, movements = random.Random(seed), defaultdict(list)
        for place in range(60):
            reference, days = f"R{lot.randrange(12):02}", lot.randrange(130)
            number = lot.choice(["", f"P{place}"])
            sent = lot.randrange(1, 90)
            movements[reference].append(paid(days, sent, number))
            if lot.random() < 0.5:
                movements[reference].append(paid(lot.randrange(days + 1), -sent, lot.choice([number, ""])))
        expected = [by_hand(reference, ones) for reference, ones in movements.items()]
        expected = sorted(
            (one for one in expected if one.total), key=lambda one: (one.oldest_on or TODAY, one.reference)
        )
        found = read(**movements)
        assert list(found) == expected
        assert [*found[2:5], found[0]] == [*expected[2:5], expected[0]]
        begun = read(first=slice(2, 5), **movements)
        assert [*begun[2:5], *begun[5:7]] == expected[2:7]
        assert [one.minor for one in found.sums] == [sum(one.minor[place] for one in expected) for place in range(4)]

    def test_leave_out_those_that_are_hidden_but_not_their_money(self):
        movements = {"R1": [paid(5, 100)], "R2": [paid(50, 40)], "R3": [paid(100, 7)]}
        found = read(hidden=("R2",), **movements)

        assert [one.reference for one in found] == ["R3", "R1"]
        assert len(found) == 2
        assert [one.minor for one in found.sums] == [100, 40, 0, 7]


def test_a_page_is_read_in_one_question_with_all_that_is_added_up(django_assert_num_queries):
    movements = {f"R{place}": [paid(5 + place, 100)] for place in range(7)}
    page = Paginator(read(first=slice(5, 10), **movements), 5)

    with django_assert_num_queries(1):
        assert [one.reference for one in page.get_page("2")] == ["R1", "R0"]
        assert page.count == 7
