"""Working time at headquarters: Monday to Friday in Geneva, without the holidays that are kept as rows.

A working day counts as 24 hours, from midnight to midnight in Geneva: a day's time that begins on Friday at 17:00 ends
on Monday at 17:00.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

GENEVA = ZoneInfo("Europe/Zurich")
_SATURDAY = 5
# A calendar without a single working day in two years is a mistake in its rows.
_FARTHEST = 731


@dataclass(frozen=True)
class WorkingTime:
    """The calendar of headquarters; `holidays` are days on which nobody has to work there."""

    holidays: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether headquarters works on this day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; nothing when the second comes first."""
        total, at = timedelta(0), start
        while at < end:
            until = min(_end_of_day(at), end)
            if self.is_working(_day(at)):
                total += until - at
            at = until
        return total

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The moment when so much working time has passed since `start`."""
        at, left = start, span
        for _day_passed in range(_FARTHEST):
            until = _end_of_day(at)
            if self.is_working(_day(at)):
                if at + left <= until:
                    return at + left
                left -= until - at
            at = until
        raise ValueError("no working days in two years")


def _day(moment: datetime) -> date:
    return moment.astimezone(GENEVA).date()


def _end_of_day(moment: datetime) -> datetime:
    return datetime.combine(_day(moment) + timedelta(days=1), time(), GENEVA).astimezone(UTC)
