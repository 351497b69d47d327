"""By when a request is due, stored so that lists can narrow and sort by it, and never other than the clock says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.decisions.models import Holiday
from tests import stories
from tests.stories import by, now
from workflow.actions import clarification, eligibility
from workflow.decision_clock import clock_of
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]

TUESDAY = datetime(2026, 10, 20, 8, tzinfo=UTC)


@pytest.fixture
def at_the_beginning(house):
    with clock.at(TUESDAY):
        yield


@pytest.mark.usefixtures("at_the_beginning")
class TestWhatIsStored:
    @pytest.mark.parametrize("priority", ["P2", "P3", "P4"])
    def test_is_what_the_clock_says(self, priority):
        made = now(stories.an_endorsed_request(priority=priority))

        assert made.due_at == clock_of(made).due_at

    def test_is_nothing_for_a_draft_and_for_what_waits_for_endorsement(self):
        assert now(stories.a_draft()).due_at is None
        assert now(stories.a_submitted_request()).due_at is None

    def test_is_nothing_while_the_mission_has_it_and_time_is_left(self):
        assert now(stories.an_asked_request(priority="P2")).due_at is None

    def test_is_later_by_the_time_the_mission_took(self):
        made = stories.an_asked_request(priority="P2")
        with clock.at(TUESDAY + timedelta(hours=30)):
            question = made.questions.get()
            clarification.answer(request_id=made.pk, answers={question.number: "A letter."}, **by("Amina"))

        assert now(made).due_at == TUESDAY + timedelta(hours=72 + 30)

    def test_is_when_it_went_late_while_the_clock_stands_still(self):
        made = stories.a_taken_request(priority="P2")
        with clock.at(TUESDAY + timedelta(hours=80)):
            stories.ask(made)

        assert now(made).due_at == TUESDAY + timedelta(hours=72)

    def test_is_nothing_after_the_decision(self):
        assert now(stories.an_approved_request()).due_at is None

    def test_is_the_end_of_the_day_of_the_reports(self):
        made = now(stories.a_reporting_request())

        assert made.due_at == datetime.combine(made.reports_due_on + timedelta(days=1), time(), UTC)

    def test_costs_a_save_nothing_that_changes_none_of_it(self):
        made = now(stories.a_taken_request(priority="P3"))
        with CaptureQueriesContext(connection) as asked:
            made.save()

        assert [one["sql"] for one in asked if "decisions_decision" in one["sql"] and "SELECT" in one["sql"][:6]] == []


@pytest.mark.usefixtures("at_the_beginning")
class TestTheDatabase:
    def test_refuses_a_request_that_headquarters_must_decide_and_that_is_never_due(self):
        made = stories.a_taken_request()
        with pytest.raises(IntegrityError), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(due_at=None)

        assert now(made).due_at is not None

    def test_refuses_a_due_time_of_what_has_ended(self):
        made = stories.a_refused_request()
        with pytest.raises(IntegrityError), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(due_at=TUESDAY)

        assert now(made).due_at is None


@pytest.mark.usefixtures("at_the_beginning")
class TestKeepingThemTrue:
    def test_after_a_new_holiday_moves_what_runs_in_working_days_and_counts_it(self, capsys):
        hours, days = stories.an_endorsed_request(priority="P2"), stories.an_endorsed_request(priority="P3")
        before = now(days).due_at
        Holiday.objects.create(day=date(2026, 10, 22), name="A day of the house")
        call_command("keep_due_times")

        assert now(days).due_at == before + timedelta(days=1)
        assert now(hours).due_at == TUESDAY + timedelta(hours=72)
        assert capsys.readouterr().out == "1 due times were otherwise\n"

    def test_twice_changes_nothing_the_second_time(self, capsys):
        made = stories.an_endorsed_request(priority="P3")
        AssistanceRequest.objects.filter(pk=made.pk).update(due_at=TUESDAY)
        call_command("keep_due_times")
        kept = now(made).due_at
        call_command("keep_due_times")

        assert kept == now(made).due_at == clock_of(now(made)).due_at
        assert capsys.readouterr().out == "1 due times were otherwise\n0 due times were otherwise\n"


class TestAnUrgentRequest:
    def test_stays_due_while_the_mission_answers(self):
        with clock.at(TUESDAY):
            urgent = stories.an_urgent_request()
            eligibility.take(request_id=urgent.pk, **by("Bruno"))
            stories.ask(urgent)

        assert now(urgent).due_at == TUESDAY + timedelta(hours=24)
