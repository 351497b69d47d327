"""Working time: at headquarters Monday to Friday in Geneva, without the holidays that are kept as rows; in a mission
the days of its own week.

A working day counts as 24 hours, from midnight to midnight there: a day's time that begins on Friday at 17:00 ends on
Monday at 17:00.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gaf.decisions.models import Holiday

GENEVA = ZoneInfo("Europe/Zurich")
SATURDAY_AND_SUNDAY = frozenset({5, 6})
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
OPENS_AT = 8
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
# A calendar without a single working day in two years is a mistake in its rows.
_FARTHEST = 731


@dataclass(frozen=True)
class WorkingTime:
    """A calendar; `holidays` are days on which nobody has to work there, `weekend` the weekdays without work."""

    holidays: frozenset[date]
    zone: ZoneInfo = GENEVA
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def is_working(self, day: date) -> bool:
        """Whether there is work on this day."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def works_at(self, moment: datetime) -> bool:
        """Whether this moment falls on a working day there."""
        return self.is_working(self._day(moment))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; nothing when the second comes first."""
        if start >= end:
            return timedelta(0)
        first, last = self._day(start), self._day(end)
        if first == last:
            return end - start if self.is_working(first) else timedelta(0)
        total = self._end_of_day(start) - start if self.is_working(first) else timedelta(0)
        if self.is_working(last):
            total += end - self._midnight(last)
        return total + self._whole_days(first + timedelta(days=1), last)

    def _whole_days(self, first: date, last: date) -> timedelta:
        """The working time from one midnight to another. Weeks are counted, not walked through, but for those with a
        holiday; each day is as long as it is, also where the clocks change."""
        total, day = timedelta(0), first
        while day < last:
            if day.weekday() == 0 and day + _WEEK <= last and day not in self._weeks_with_holidays:
                total, day = total + _plain_week(self.zone, self.weekend, day), day + _WEEK
                continue
            if self.is_working(day):
                total += _length(self.zone, day)
            day += _DAY
        return total

    @functools.cached_property
    def _weeks_with_holidays(self) -> frozenset[date]:
        """The Mondays of the weeks that have one."""
        return frozenset(day - timedelta(days=day.weekday()) for day in self.holidays)

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The moment when so much working time has passed since `start`."""
        at, left = start, span
        for _day_passed in range(_FARTHEST):
            until = self._end_of_day(at)
            if self.works_at(at):
                if at + left <= until:
                    return at + left
                left -= until - at
            at = until
        raise ValueError("no working days in two years")

    def next_opening(self, moment: datetime) -> datetime:
        """Eight in the morning there on the first working day whose morning is still to come."""
        local = moment.astimezone(self.zone)
        day = local.date() if local.hour < OPENS_AT else local.date() + timedelta(days=1)
        for _day_passed in range(_FARTHEST):
            if self.is_working(day):
                return datetime.combine(day, time(OPENS_AT), self.zone)
            day += timedelta(days=1)
        raise ValueError("no working days in two years")

    def before(self, end: datetime, span: timedelta) -> datetime:
        """The moment from which on so much working time passed until `end`."""
        at, left = end, span
        for _day_passed in range(_FARTHEST):
            since = self._start_of_day(at)
            if self.is_working(self._day(since)):
                if at - left >= since:
                    return at - left
                left -= at - since
            at = since
        raise ValueError("no working days in two years")

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _midnight(self, day: date) -> datetime:
        """When a day begins there."""
        return _midnight(self.zone, day)

    def _end_of_day(self, moment: datetime) -> datetime:
        return self._midnight(self._day(moment) + timedelta(days=1))

    def _start_of_day(self, moment: datetime) -> datetime:
        """The midnight before a moment; for a midnight, the one before it."""
        return datetime.combine(self._day(moment - timedelta(microseconds=1)), time(), self.zone).astimezone(UTC)


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _length(zone: ZoneInfo, day: date) -> timedelta:
    return _midnight(zone, day + _DAY) - _midnight(zone, day)


@functools.lru_cache(maxsize=4096)
def _plain_week(zone: ZoneInfo, weekend: frozenset[int], monday: date) -> timedelta:
    """The working time of a week without a holiday; counted once for all who ask."""
    days = (monday + timedelta(days=place) for place in range(7) if place not in weekend)
    return sum((_length(zone, day) for day in days), timedelta(0))


def headquarters_calendar() -> WorkingTime:
    """The calendar of headquarters, its holidays among the rows."""
    return WorkingTime(frozenset(Holiday.objects.values_list("day", flat=True)))


def mission_calendar(time_zone: str, weekend: str) -> WorkingTime:
    """The week of a mission: its zone, and its weekend as the reference data has it (“Fri-Sat”)."""
    return WorkingTime(frozenset(), ZoneInfo(time_zone), frozenset(_WEEKDAYS.index(day) for day in weekend.split("-")))
