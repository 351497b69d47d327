"""Working time at headquarters: Monday to Friday in Geneva, without holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gaf.decisions.models import Holiday
from gaf.reference_data import load_holidays
from gaf.working_days import WorkingTime

FRIDAYS = frozenset({4, 5})
PLAIN = WorkingTime(frozenset())
EASTER = WorkingTime(frozenset({date(2026, 4, 3), date(2026, 4, 6)}))


def at(words: str) -> datetime:
    """UTC; Geneva is one hour ahead in winter and two in summer."""
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


class TestTimeBetween:
    @pytest.mark.parametrize(
        ("start", "end", "hours"),
        [
            ("2026-11-24 09:00", "2026-11-24 17:00", 8),
            ("2026-11-27 16:00", "2026-11-30 16:00", 24),  # Friday to Monday
            ("2026-11-28 08:00", "2026-11-29 20:00", 0),  # a week-end
            ("2026-11-24 17:00", "2026-11-24 09:00", 0),  # backwards
        ],
    )
    def test_counts_whole_days_from_monday_to_friday(self, start, end, hours):
        assert PLAIN.between(at(start), at(end)) == timedelta(hours=hours)

    def test_leaves_out_holidays(self):
        assert EASTER.between(at("2026-04-02 10:00"), at("2026-04-07 10:00")) == timedelta(days=1)

    def test_begins_its_days_at_midnight_in_geneva(self):
        # Sunday 23:30 UTC is Monday 00:30 in Geneva.
        assert PLAIN.between(at("2026-11-29 23:30"), at("2026-11-30 00:30")) == timedelta(hours=1)

    @pytest.mark.parametrize("calendar", [PLAIN, EASTER, WorkingTime(frozenset(), ZoneInfo("Asia/Beirut"), FRIDAYS)])
    @pytest.mark.parametrize("hours", [0, 5, 30, 24 * 9, 24 * 100, 24 * 700 + 7])
    def test_over_many_weeks_is_what_its_days_come_to_one_by_one(self, calendar, hours):
        # Clocks change on a working Sunday in Beirut, and on one without work in Geneva.
        start = at("2025-03-20 11:30")
        end, at_a_time = start + timedelta(hours=hours), start
        walked = timedelta(0)
        while at_a_time < end:
            until = min(at_a_time + timedelta(minutes=30), end)
            walked += until - at_a_time if calendar.works_at(at_a_time) else timedelta(0)
            at_a_time = until
        assert calendar.between(start, end) == walked


class TestTheMomentAfter:
    def test_five_working_days_end_at_the_same_hour_a_week_later(self):
        assert PLAIN.after(at("2026-11-24 15:00"), timedelta(days=5)) == at("2026-12-01 15:00")

    def test_a_day_that_begins_before_easter_ends_after_it(self):
        assert EASTER.after(at("2026-04-02 15:00"), timedelta(days=1)) == at("2026-04-07 15:00")

    def test_keeps_the_hour_in_geneva_when_the_clocks_change_on_the_way(self):
        # Summer time ends on 25 October 2026: 15:00 in Geneva is 13:00 UTC before and 14:00 after.
        assert PLAIN.after(at("2026-10-23 13:00"), timedelta(days=1)) == at("2026-10-26 14:00")

    @pytest.mark.parametrize("hours", [1, 10, 30, 100, 500])
    def test_is_where_so_much_working_time_has_passed(self, hours):
        start, span = at("2026-03-30 21:15"), timedelta(hours=hours)

        assert EASTER.between(start, EASTER.after(start, span)) == span

    def test_a_calendar_without_working_days_is_an_error_and_no_endless_search(self):
        never = WorkingTime(frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(1200)))

        with pytest.raises(ValueError, match="no working days"):
            never.after(at("2026-03-01 09:00"), timedelta(days=1))


@pytest.mark.django_db
class TestHolidays:
    def test_are_rows_that_people_may_add_to(self):
        load_holidays()
        Holiday.objects.create(day="2026-11-30", name="A day of the house")
        load_holidays()

        assert Holiday.objects.filter(day__year=2026).count() == 10
        assert str(Holiday.objects.get(day="2026-09-10")) == "2026-09-10: Geneva fast"
