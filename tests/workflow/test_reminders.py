"""Whoever has something due is reminded: before, at the hour and after it, each step once, and after a silence once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.decisions.models import Holiday
from gaf.outbox.outbox import drain
from gaf.outbox.sweeps import sweep_everything
from tests import stories
from tests.cast import criteria, mission, people
from tests.stories import by, now
from tests.workflow.conftest import MORNING
from workflow.actions import eligibility
from workflow.actions.reminding import remind
from workflow.models import AssistanceRequest, Reminder

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THURSDAY = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("house", "everybody")


@pytest.fixture
def everybody() -> None:
    people("Amina", "Idriss", "Moussa", "Bruno", "Beatriz", "Chen", "Marie", "Helena", "Omar")
    criteria()


def told_at(moment: datetime) -> list[tuple[str, str]]:
    """Who is reminded when the worker sweeps at this moment, and of what."""
    with clock.at(moment):
        drain()
        mail.outbox.clear()
        remind(moment)
        drain()
    return sorted((one.to[0].split("@")[0], one.subject.split(": ", 1)[1]) for one in mail.outbox)


def taken(priority: str, at: datetime = MORNING) -> AssistanceRequest:
    with clock.at(at):
        return stories.a_taken_request(priority=priority)


class TestTheLadder:
    def test_goes_from_the_assignee_to_deputies_to_the_head(self):
        taken("P2")
        due = MORNING + 72 * HOUR

        assert told_at(due - 7 * HOUR) == []
        assert told_at(due - 6 * HOUR) == [("bruno", "due soon")]
        assert told_at(due) == [("bruno", "due now")]
        assert told_at(due + 2 * HOUR) == [("beatriz", "overdue"), ("bruno", "overdue")]
        assert told_at(due + 6 * HOUR) == [
            ("beatriz", "overdue"),
            ("bruno", "overdue"),
            ("helena", "overdue, and passed on to you"),
        ]

    def test_tells_nobody_twice(self):
        taken("P2")
        due = MORNING + 72 * HOUR
        told_at(due)

        assert told_at(due) == []
        assert told_at(due + HOUR) == []
        assert told_at(due + 3 * HOUR) != []
        assert told_at(due + 4 * HOUR) == []

    def test_says_after_a_silence_how_things_stand_now_and_no_more(self):
        taken("P2")

        told = told_at(MORNING + 40 * DAY)
        assert [subject for _who, subject in told] == ["overdue", "overdue", "overdue, and passed on to you"]
        assert Reminder.objects.count() == 1
        assert told_at(MORNING + 41 * DAY) == []

    def test_ends_when_it_was_done(self):
        made = taken("P2")
        with clock.at(MORNING + 10 * HOUR):
            stories.answer_all_criteria(made, "NO")
            stories.refuse(made)

        assert told_at(MORNING + 72 * HOUR) == []

    def test_begins_anew_when_the_request_comes_to_rest_elsewhere(self):
        made = taken("P2")
        told_at(MORNING + 72 * HOUR)
        with clock.at(MORNING + 73 * HOUR):
            stories.answer_all_criteria(made)
            eligibility.confirm_eligibility(request_id=made.pk, **by("Bruno"))

        assert told_at(MORNING + 73 * HOUR + 14 * DAY) == [("amina", "due now")]

    def test_of_what_nobody_took_goes_from_who_should_to_everybody_who_may(self):
        stories.an_endorsed_request(priority="P2")

        assert told_at(MORNING + 66 * HOUR) == [("beatriz", "due soon")]
        assert told_at(MORNING + 74 * HOUR) == [("beatriz", "overdue"), ("bruno", "overdue")]


class TestTheTimeItIsCountedIn:
    def test_leaves_out_the_weekend_of_headquarters(self):
        """Five working days from Tuesday at 9 end on Tuesday; one working day before that is Monday, not Saturday."""
        taken("P3")

        assert told_at(MORNING + 5 * DAY) == []
        assert told_at(MORNING + 6 * DAY + HOUR) == [("bruno", "due soon")]

    def test_keeps_the_hour_in_geneva_when_the_clocks_are_set_back(self):
        """On 25 October 2026 an hour is given back: nine in Geneva summer time comes an hour later in UTC."""
        taken("P3")

        assert told_at(MORNING + 7 * DAY) == [("bruno", "due soon")]
        assert told_at(MORNING + 7 * DAY + HOUR) == [("bruno", "due now")]

    def test_leaves_out_a_holiday(self):
        Holiday.objects.create(day="2026-10-27", name="A day of the house")
        taken("P3")

        assert told_at(MORNING + 7 * DAY + 2 * HOUR) == []
        assert told_at(MORNING + 8 * DAY + HOUR) == [("bruno", "due now")]

    def test_of_a_mission_is_its_own_week(self):
        """Kuwait rests on Friday and Saturday: three working days from Thursday noon end on Tuesday."""
        people("Dalal", "Yousef")
        with clock.at(THURSDAY):
            stories.a_submitted_request(author="Dalal", code="KW", priority="P3")

        assert mission("KW").weekend == "Fri-Sat"
        assert told_at(THURSDAY + 4 * DAY - HOUR) == []
        assert told_at(THURSDAY + 4 * DAY) == [("yousef", "due soon")]
        assert told_at(THURSDAY + 5 * DAY) == [("yousef", "due now")]

    def test_waits_with_a_reminder_until_the_mission_works_again(self):
        with clock.at(THURSDAY):
            stories.a_submitted_request(priority="P3")

        assert told_at(THURSDAY + 9 * DAY) == []  # a Saturday in Niamey
        assert told_at(THURSDAY + 11 * DAY) != []

    def test_never_rests_for_a_life_in_danger(self):
        saturday = datetime(2026, 10, 17, 22, 0, tzinfo=UTC)
        with clock.at(saturday):
            urgent = stories.an_urgent_request(allowed="424.00")
            eligibility.take(request_id=urgent.pk, **by("Bruno"))

        assert told_at(saturday + 18 * HOUR) == [("bruno", "due soon")]
        assert ("amina", "due soon") in told_at(saturday + 66 * HOUR)

    def test_of_reports_is_two_weeks_one_week_and_none_before_and_goes_up_after(self):
        reporting = stories.a_reporting_request()
        due = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)  # the end of the day in Niamey
        assert now(reporting).reports_due_on == due.date()

        owners = ["amina", "moussa"]
        assert [who for who, _subject in told_at(due - 14 * DAY)] == owners
        assert [who for who, _subject in told_at(due - 7 * DAY)] == owners
        assert told_at(due) == [(who, "due now") for who in owners]
        assert [who for who, _subject in told_at(due + 7 * DAY)] == ["amina", "idriss", "moussa"]
        assert ("helena", "overdue, and passed on to you") in told_at(due + 14 * DAY)


class TestTheWorker:
    def test_reminds_with_every_sweep(self):
        taken("P2")
        with clock.at(MORNING + 72 * HOUR):
            sweep_everything()

        assert Reminder.objects.get().step == 2

    def test_of_two_only_one_takes_a_step(self):
        made = taken("P2")
        remind(MORNING + 72 * HOUR)
        one = Reminder.objects.get()

        with pytest.raises(IntegrityError), transaction.atomic():
            Reminder.objects.create(
                assistance=made, task=one.task, since=one.since, step=one.step, due_at=one.due_at, sent_at=one.sent_at
            )
        assert remind(MORNING + 72 * HOUR) == 0

    def test_asks_no_more_of_the_database_for_many_requests(self, django_assert_max_num_queries):
        for _one in range(8):
            taken("P2")
        remind(MORNING + 72 * HOUR)
        with django_assert_max_num_queries(12):
            assert remind(MORNING + 72 * HOUR) == 0

    def test_says_nothing_of_the_case(self):
        made = taken("P2")
        told_at(MORNING + 72 * HOUR)

        assert mail.outbox[0].body.splitlines()[0] == made.reference
        assert mail.outbox[0].body.strip().endswith(f"/requests/{made.reference}/")
