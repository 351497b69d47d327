"""By when headquarters must decide a request: hours day and night, or working days, standing still for the mission."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gaf import clock
from gaf.decisions.models import Holiday
from tests import stories
from tests.stories import by, now
from workflow.actions import clarification, eligibility
from workflow.decision_clock import Clocks, clock_of
from workflow.models import AssistanceRequest
from workflow.views.clock_shown import clock_words

pytestmark = pytest.mark.usefixtures("house")

TUESDAY = datetime(2026, 10, 13, 8, tzinfo=UTC)  # 10:00 in Geneva


@pytest.fixture
def at_the_beginning(house):
    with clock.at(TUESDAY):
        yield


def endorsed(priority: str) -> AssistanceRequest:
    return stories.an_endorsed_request(priority=priority)


def after(assistance: AssistanceRequest, **span: float):
    return clock_of(now(assistance), TUESDAY + timedelta(**span))


@pytest.mark.usefixtures("at_the_beginning")
class TestTheTimeToDecide:
    def test_of_a_request_within_72_hours_runs_day_and_night(self):
        clocked = after(endorsed("P2"), hours=10)

        assert (clocked.due_at, clocked.left) == (TUESDAY + timedelta(hours=72), timedelta(hours=62))
        assert not clocked.is_late

    @pytest.mark.parametrize(("priority", "days", "hours"), [("P3", 7, 0), ("P4", 14, 1)])
    def test_of_a_request_that_can_wait_runs_in_working_days(self, priority, days, hours):
        """Ten working days end after the clocks were set back: the same hour in Geneva is another one in UTC."""
        assert after(endorsed(priority), hours=1).due_at == TUESDAY + timedelta(days=days, hours=hours)

    def test_leaves_out_a_holiday(self):
        made = endorsed("P3")
        Holiday.objects.create(day="2026-10-16", name="A day of the house")

        assert after(made, hours=1).due_at == TUESDAY + timedelta(days=8)

    def test_has_not_begun_before_a_request_is_endorsed(self):
        assert clock_of(stories.a_submitted_request()) is None

    def test_says_since_when_it_is_over(self):
        clocked = after(endorsed("P2"), hours=100)

        assert clocked.is_late
        assert clocked.went_late_at == clocked.due_at == TUESDAY + timedelta(hours=72)


class TestWhileTheMissionHasIt:
    def asked_after_ten_hours(self, priority: str) -> AssistanceRequest:
        with clock.at(TUESDAY):
            made = stories.a_taken_request(priority=priority)
        with clock.at(TUESDAY + timedelta(hours=10)):
            return stories.ask(made)

    def test_the_clock_stands_still(self):
        made = self.asked_after_ten_hours("P2")
        clocked = after(made, days=30)

        assert (clocked.runs, clocked.due_at, clocked.left) == (False, None, timedelta(hours=62))

    def test_it_goes_on_with_the_answer(self):
        made = self.asked_after_ten_hours("P2")
        question = made.questions.get()
        with clock.at(TUESDAY + timedelta(hours=40)):
            clarification.answer(request_id=made.pk, answers={question.number: "A letter of Monday."}, **by("Amina"))

        assert after(made, hours=41).due_at == TUESDAY + timedelta(hours=40 + 62)

    def test_the_clock_of_a_life_in_danger_never_stands_still(self):
        with clock.at(TUESDAY):
            urgent = stories.an_urgent_request()
        with clock.at(TUESDAY + timedelta(hours=1)):
            eligibility.take(request_id=urgent.pk, **by("Bruno"))
            stories.ask(urgent)

        clocked = after(urgent, hours=20)
        assert (clocked.runs, clocked.left) == (True, timedelta(hours=4))


class TestAfterTheDecision:
    def test_nothing_is_due_and_lateness_is_remembered(self):
        with clock.at(TUESDAY):
            made = stories.a_taken_request(priority="P2")
        with clock.at(TUESDAY + timedelta(hours=80)):
            stories.answer_all_criteria(made, "NO")
            stories.refuse(made)

        clocked = after(made, days=60)
        assert (clocked.runs, clocked.due_at) == (False, None)
        assert (clocked.is_late, clocked.used) == (True, timedelta(hours=80))
        assert clock_words(now(made)) == ""


@pytest.mark.usefixtures("at_the_beginning")
class TestManyClocks:
    def test_take_no_more_queries_than_one(self, django_assert_num_queries):
        made = [now(endorsed(priority)) for priority in ("P2", "P3", "P4")]

        with django_assert_num_queries(3):
            clocks = Clocks(made)
            assert len({clocks.of(one).due_at for one in made}) == 3


class TestInWords:
    def test_names_the_hour_and_what_is_left(self):
        with clock.at(TUESDAY):
            made = endorsed("P2")
        with clock.at(TUESDAY + timedelta(hours=12)):
            words = clock_words(now(made))

        assert words == ("It is to be decided by 16 Oct 2026, 09:00 Niamey (10:00 Geneva): 2 days left.")

    def test_says_what_is_left_while_it_stands_still(self):
        with clock.at(TUESDAY):
            made = stories.ask(stories.a_taken_request(priority="P3"))

        assert clock_words(now(made)) == ("The clock stands still. 5 working days are left to headquarters.")
