"""How long the free money lasts: week by week what it was, and what it becomes if commitments go on as they do.

The pace is what approvals and fees took from the free money, less what came back, in the last thirteen whole weeks.
Each week is borne by the stream that ends first; what a stream has left on its last day can no longer be given out.
What donors forbid is not in it: the last money may fit fewer requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, Sum
from django.db.models.functions import TruncWeek

from finance import postings
from finance.models import Journal, JournalLine
from finance.standing import Standing
from gaf.money import Money

WEEKS_SHOWN = 26
WEEKS_OF_PACE = 13
LONGEST_WEEKS = 156
_WEEK = timedelta(days=7)
_WINDOW = 4
# Money that comes; all else that moves the free money is giving, or giving that was taken back.
_COMING = ("receipt", "advance_authority", "cover_authority", "interest")


@dataclass(frozen=True)
class Week:
    """One week that was: its Monday, what was free when it ended, and what was given out in it."""

    monday: date
    free: Money
    given: Money


@dataclass(frozen=True)
class Pace:
    """US dollars given out in a week: usually, and in the quietest and the busiest four weeks; nought is no pace."""

    usual: Money
    quietest: Money
    busiest: Money
    weeks: int


@dataclass(frozen=True)
class Forecast:
    """What becomes of the free money at one pace: Monday by Monday, the day it ends, and what streams take with them.

    `ends_on` is None where it lasts longer than three years, or nothing is given out.
    """

    weeks: list[tuple[date, Money]]
    ends_on: date | None
    falls_away: Money


@dataclass
class _Pot:
    """What is left of a stream, and its last day."""

    last: date
    left: int


def past_weeks(today: date, free: Money) -> list[Week]:
    """The last weeks up to the present one, from what is `free` now back through the ledger, oldest first.

    Weeks before the first journal are left out.
    """
    first = Journal.objects.order_by("number").values_list("at", flat=True).first()
    if first is None:
        return []
    this = _monday(today)
    oldest = max(_monday(first.date()), this - (WEEKS_SHOWN - 1) * _WEEK)
    moved = _moved_since(oldest)
    after, found = free.minor, list[Week]()
    monday = this
    while monday >= oldest:
        change, given = moved.get(monday, (0, 0))
        found.append(Week(monday, Money(after, "USD"), Money(given, "USD")))
        after -= change
        monday -= _WEEK
    return found[::-1]


def _moved_since(oldest: date) -> dict[date, tuple[int, int]]:
    """By Monday: how much more was free at the end of the week, and how much was given out in it."""
    lines = JournalLine.objects.filter(
        account__code=postings.AVAILABLE, journal__at__gte=datetime.combine(oldest, time(), UTC)
    ).order_by()
    rows = lines.annotate(week=TruncWeek("journal__at", tzinfo=UTC)).values("week")
    rows = rows.annotate(change=Sum("minor"), given=Sum("minor", filter=~Q(journal__kind__in=_COMING)))
    return {row["week"].date(): (-(row["change"] or 0), row["given"] or 0) for row in rows}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def pace_of(weeks: Sequence[Week]) -> Pace:
    """The pace of the whole weeks before the present one; of all that are shown, where the last gave nothing out."""
    whole = [week.given.minor for week in weeks[:-1]]
    given = whole[-WEEKS_OF_PACE:] if sum(whole[-WEEKS_OF_PACE:]) > 0 else whole
    if not given:
        nothing = Money.zero("USD")
        return Pace(nothing, nothing, nothing, 0)
    windows = [_mean(given[start : start + _WINDOW]) for start in range(max(len(given) - _WINDOW, 0) + 1)]
    return Pace(_usd(_mean(given)), _usd(min(windows)), _usd(max(windows)), len(given))


def _mean(minors: Sequence[int]) -> int:
    return round(sum(minors) / len(minors))


def _usd(minor: int) -> Money:
    """A pace below nought, where more came back than went, gives nothing out."""
    return Money(max(minor, 0), "USD")


def forecast(standings: Sequence[Standing], today: date, a_week: Money, more: Money | None = None) -> Forecast:
    """What becomes of the free money if so much is given out a week; `more` is money without an end that comes now."""
    pots = [
        _Pot(one.stream.ends_on or date.max, one.free.minor)
        for one in standings
        if not one.ended and one.free.minor > 0
    ]
    if more:
        pots.append(_Pot(date.max, more.minor))
    pots.sort(key=lambda pot: pot.last)
    monday = _monday(today)
    weeks, lost = [(monday, _sum(pots))], 0
    for _number in range(LONGEST_WEEKS):
        left, lost_now = _give_out(pots, a_week.minor, monday + _WEEK)
        lost += lost_now
        if left:
            day = monday + timedelta(days=7 * (a_week.minor - left) // a_week.minor)
            return Forecast([*weeks, (monday + _WEEK, Money.zero("USD"))], max(day, today), Money(lost, "USD"))
        monday += _WEEK
        weeks.append((monday, _sum(pots)))
    return Forecast(weeks, None, Money(lost, "USD"))


def _give_out(pots: list[_Pot], wanted: int, until: date) -> tuple[int, int]:
    """Take a week's money from the pots that end first; returns what could not be had, and what ended with its pot."""
    for pot in pots:
        taken = min(pot.left, wanted)
        pot.left -= taken
        wanted -= taken
    lost = sum(pot.left for pot in pots if pot.last < until)
    pots[:] = [pot for pot in pots if pot.last >= until]
    return wanted, lost


def _sum(pots: list[_Pot]) -> Money:
    return Money(sum(pot.left for pot in pots), "USD")
