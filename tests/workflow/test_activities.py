"""Activities: planned for somebody of one's own side by a day, ended once, followed by the next step of their type."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock, navigation
from gaf.accounts.models import RoleAssignment
from gaf.refusals import MovedOn, NotPermitted
from tests import stories
from tests.cast import person
from tests.finance.raw_sql import refused_by, run
from tests.refused import refused
from tests.stories import by
from tests.workflow.pages.headquarters.visits import press, send, signed_in, text_of, url_of, visit
from workflow.actions.activities import (
    Planned,
    cancel_activity,
    finish_activity,
    plan_activity,
    remind_of_activities,
)
from workflow.models import Activity, ActivityStep, ActivityType, AssistanceRequest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def today(days: int = 0) -> date:
    return clock.today() + timedelta(days=days)


def planned(made: AssistanceRequest, by_whom: str, for_whom: str = "", days: int = 0, **said: Any) -> Activity:
    """A call, to be made by somebody in some days."""
    work = Planned(said.get("type", "CALL"), person(for_whom or by_whom).pk, today(days), said.get("note", "Ring her."))
    key = said.get("key", f"{Activity.objects.count():032d}")
    return plan_activity(request_id=made.pk, planned=work, key=key, **by(by_whom))


def late(made: AssistanceRequest, who: str, days: int = 2) -> Activity:
    """An activity whose day passed so many days ago."""
    with clock.at(clock.now() - timedelta(days=days)):
        return planned(made, who)


class TestPlanning:
    def test_keeps_what_by_whom_and_when_and_tells_whoever_is_to_do_it(self):
        made = stories.a_taken_request()
        activity = planned(made, "Bruno", "Chen", days=3)
        assert (activity.person.name, activity.due_on, activity.note_text) == ("Chen", today(3), "Ring her.")
        assert activity.note.startswith(f"s1:{made.case_id}:")
        assert stories.told("activity_planned") == {"Chen"}

    def test_tells_nobody_of_what_they_planned_for_themselves(self):
        planned(stories.a_taken_request(), "Bruno")
        assert stories.told("activity_planned") == set()

    @pytest.mark.parametrize(
        ("who", "whom"), [("Bruno", "Amina"), ("Amina", "Bruno"), ("Bruno", "Divya"), ("Amina", "Rima")]
    )
    def test_is_for_ones_own_side_and_for_readers_of_the_text_only(self, who, whom):
        made = stories.a_taken_request()
        person(whom)
        with refused("ACTIVITY-04", NotPermitted):
            planned(made, who, whom)
        assert Activity.objects.count() == 0

    @pytest.mark.parametrize("who", ["Divya", "Esi", "Omar", "Rima", "Farid"])
    def test_is_refused_to_those_who_do_not_read_the_text(self, who):
        made = stories.a_taken_request()
        person(who)
        with refused("ROLE-02", NotPermitted):
            planned(made, who)
        assert Activity.objects.count() == 0

    def test_needs_a_day_that_has_not_passed_and_a_known_type(self):
        made = stories.a_taken_request()
        with refused("ACTIVITY-03"):
            planned(made, "Bruno", days=-1)
        with refused("ACTIVITY-03"):
            planned(made, "Bruno", type="NAP")
        assert Activity.objects.count() == 0

    def test_happens_once_however_often_the_button_is_pressed(self):
        made = stories.a_taken_request()
        assert planned(made, "Bruno", key="a" * 32).pk == planned(made, "Bruno", key="a" * 32).pk
        assert [row.number for row in Activity.objects.all()] == [1]


class TestEnding:
    def test_done_keeps_what_came_of_it_and_who_says_so(self):
        activity = planned(stories.a_taken_request(), "Bruno", "Chen")
        finish_activity(activity_id=activity.pk, outcome="She agrees.", **by("Bruno"))
        row = Activity.objects.get()
        assert (row.is_open, row.ended_by.name, row.outcome_text) == (False, "Bruno", "She agrees.")

    def test_done_plans_the_next_step_after_it(self):
        made = stories.a_taken_request()
        activity = planned(made, "Bruno")
        step = Planned("DOCUMENT", person("Chen").pk, today(2), "The consent form.")
        finish_activity(activity_id=activity.pk, next_step=step, **by("Bruno"))
        row = Activity.objects.get(number=2)
        assert (row.type, row.person.name, row.due_on, row.after) == ("DOCUMENT", "Chen", today(2), activity)
        assert stories.told("activity_planned") == {"Chen"}

    def test_is_undone_whole_when_the_next_step_is_refused(self):
        activity = planned(stories.a_taken_request(), "Bruno")
        with refused("ACTIVITY-04", NotPermitted):
            step = Planned("DOCUMENT", person("Amina").pk, today(2))
            finish_activity(activity_id=activity.pk, next_step=step, **by("Bruno"))
        assert Activity.objects.get().is_open

    def test_cancelled_says_why_and_tells_whoever_was_to_do_it(self):
        activity = planned(stories.a_taken_request(), "Bruno", "Chen")
        cancel_activity(activity_id=activity.pk, outcome="She came by.", **by("Bruno"))
        row = Activity.objects.get()
        assert (row.done_at, row.is_open, row.outcome_text) == (None, False, "She came by.")
        assert stories.told("activity_cancelled") == {"Chen"}

    @pytest.mark.parametrize("end", [finish_activity, cancel_activity])
    def test_happens_once(self, end):
        activity = planned(stories.a_taken_request(), "Bruno")
        finish_activity(activity_id=activity.pk, **by("Bruno"))
        with refused("ACTIVITY-05", MovedOn):
            end(activity_id=activity.pk, outcome="Again.", **by("Chen"))
        assert Activity.objects.get().outcome == ""

    @pytest.mark.parametrize("end", [finish_activity, cancel_activity])
    @pytest.mark.parametrize(("whose", "who"), [("Bruno", "Amina"), ("Amina", "Bruno")])
    def test_belongs_to_the_side_that_planned_it(self, end, whose, who):
        activity = planned(stories.a_taken_request(), whose)
        with refused("ACTIVITY-02", NotPermitted):
            end(activity_id=activity.pk, **by(who))
        assert Activity.objects.get().is_open

    def test_every_type_has_a_row_that_says_what_comes_after_it(self):
        assert set(ActivityStep.objects.values_list("type", flat=True)) == set(ActivityType.values)


class TestReminding:
    def test_happens_once_on_the_day_and_also_later_when_nothing_ran_on_it(self):
        made = stories.a_taken_request()
        planned(made, "Bruno")
        late(made, "Amina")
        planned(made, "Idriss", days=1)
        assert (remind_of_activities(), remind_of_activities()) == (2, 0)
        assert stories.told("activity_due") == {"Bruno", "Amina"}

    def test_spares_who_may_not_see_the_request_any_more_and_what_has_ended(self):
        made = stories.a_taken_request()
        planned(made, "Chen")
        RoleAssignment.objects.filter(person=person("Chen")).update(ends_on=today(-1))
        finish_activity(activity_id=planned(made, "Bruno").pk, **by("Bruno"))
        assert (remind_of_activities(), stories.told("activity_due")) == (0, set())


@pytest.mark.both
class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        ["due_on = '2027-01-01'", "person_id = planned_by_id + 1", "note = 's1:x:y'", "type = 'VISIT'", "number = 9"],
    )
    def test_refuses_a_change_of_the_plan_by_activity_01(self, change):
        planned(stories.a_taken_request(), "Bruno")
        with refused_by("ACTIVITY-01"):
            run(f"UPDATE workflow_activity SET {change}")

    def test_refuses_a_second_end_and_removal_by_activity_01(self):
        activity = planned(stories.a_taken_request(), "Bruno")
        finish_activity(activity_id=activity.pk, **by("Bruno"))
        with refused_by("ACTIVITY-01"):
            run("UPDATE workflow_activity SET done_at = NULL, ended_by_id = NULL")
        with refused_by("ACTIVITY-01"):
            run("DELETE FROM workflow_activity")

    def test_refuses_done_and_cancelled_at_once_and_an_end_by_nobody(self):
        planned(stories.a_taken_request(), "Bruno")
        with refused_by("activity_done_or_cancelled"):
            run("UPDATE workflow_activity SET done_at = planned_at, cancelled_at = planned_at, ended_by_id = person_id")
        with refused_by("activity_says_who_ended_it"):
            run("UPDATE workflow_activity SET done_at = planned_at")


class TestTheListOfAPerson:
    def test_tells_overdue_from_today_from_later(self):
        made = stories.a_taken_request()
        late(made, "Bruno"), planned(made, "Bruno"), planned(made, "Bruno", days=5), planned(made, "Chen")
        page = text_of(signed_in("Bruno").get("/activities/"))
        order = [page.index(words) for words in ("Activities 3", "Overdue 1", "Today 1", "Later 1")]
        assert order == sorted(order)
        assert page.count(made.reference) == 3

    def test_counts_in_the_bar_what_is_due(self):
        made = stories.a_taken_request()
        late(made, "Bruno"), planned(made, "Bruno"), planned(made, "Bruno", days=5)
        (entry,) = [one for one in navigation.entries_for(person("Bruno")) if one.url == "/activities/"]
        assert entry.count == 2
        assert "/activities/" not in {one.url for one in navigation.entries_for(person("Chen"))}

    def test_forgets_what_is_on_requests_out_of_sight(self):
        made = stories.a_taken_request()
        planned(made, "Amina")
        RoleAssignment.objects.filter(person=person("Amina")).update(ends_on=today(-1))
        assert "/activities/" not in {one.url for one in navigation.entries_for(person("Amina"))}
        assert signed_in("Amina").get("/activities/").status_code == 404

    def test_that_is_empty_says_what_fills_it(self):
        assert "Nothing is planned for you." in text_of(signed_in("Bruno").get("/activities/"))

    def test_asks_the_same_with_many_rows_and_fifteen_times_at_most(self):
        made, client = stories.a_taken_request(), signed_in("Bruno")
        counts = []
        for _round in range(2):
            planned(made, "Bruno"), planned(made, "Bruno")
            with CaptureQueriesContext(connection) as asked:
                client.get("/activities/")
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 15


class TestTheRecord:
    def test_shows_open_activities_of_the_readers_side_and_what_was_done_on_the_timeline(self):
        made = stories.a_taken_request()
        planned(made, "Bruno", "Chen", note="Ask the donor.")
        finish_activity(activity_id=planned(made, "Bruno").pk, outcome="She agrees.", **by("Bruno"))
        page = text_of(visit("Chen", made))
        assert "Ask the donor." in page
        assert "20 Oct 2026 · today" in page
        assert "Call: done · Bruno" in page
        assert "She agrees." in page
        mission = text_of(visit("Amina", made))
        assert ("Ask the donor." in mission, "She agrees." in mission) == (False, False)
        assert "Ask the donor." not in text_of(visit("Omar", made))

    def test_asks_twenty_five_times_at_most_when_closed_with_everything_on_it(self):
        made, client = stories.a_closed_request(), signed_in("Helena")
        for place in range(3):
            finish_activity(activity_id=planned(made, "Helena", days=place).pk, outcome="Fine.", **by("Helena"))
            planned(made, "Helena", days=place)
        client.get(url_of(made))
        with CaptureQueriesContext(connection) as asked:
            client.get(url_of(made))
        assert len(asked) <= 25


class TestThePages:
    def test_plan_one_and_end_it_with_the_step_that_is_proposed(self):
        made = stories.a_taken_request()
        person("Chen")
        answer = press(
            "Bruno",
            made,
            "plan-activity/",
            type="CALL",
            person=person("Chen").pk,
            due_on_0="22",
            due_on_1="10",
            due_on_2="2026",
            note="Ask the donor.",
        )
        assert answer.status_code == 302
        answer = press("Chen", made, "activities/1/done/", outcome="He agrees.")
        assert answer.status_code == 302
        first, second = Activity.objects.order_by("number")
        assert (first.outcome_text, second.type, second.person.name, second.due_on) == (
            "He agrees.",
            "DOCUMENT",
            "Chen",
            today(2),
        )
        page = text_of(visit("Chen", made, "activities/"))
        assert "He agrees." in page

    def test_end_one_with_nothing_after_it(self):
        made = stories.a_taken_request()
        planned(made, "Bruno")
        assert press("Bruno", made, "activities/1/done/", next_type="").status_code == 302
        assert Activity.objects.count() == 1

    def test_ask_for_the_day_of_the_next_step_and_keep_what_was_typed(self):
        made = stories.a_taken_request()
        planned(made, "Bruno", type="OTHER")
        answer = press("Bruno", made, "activities/1/done/", outcome="He agrees.", next_type="VISIT")
        assert answer.status_code == 422
        assert "Write the day it is due." in text_of(answer)
        assert "He agrees." in answer.content.decode()
        assert Activity.objects.get().is_open

    def test_answer_a_second_press_as_the_first_and_another_person_with_where_it_stands(self):
        made = stories.a_taken_request()
        planned(made, "Bruno")
        form = {"action": "?save=1", "fields": {"outcome": "", "next_type": "", "person": str(person("Bruno").pk)}}
        client, address = signed_in("Bruno"), url_of(made, "activities/1/done/")
        assert [send(client, address, form).status_code for _press in range(2)] == [302, 302]
        assert send(signed_in("Chen"), address, form).status_code == 409

    def test_cancel_one_only_with_a_reason(self):
        made = stories.a_taken_request()
        planned(made, "Bruno")
        assert press("Bruno", made, "activities/1/cancel/").status_code == 422
        assert press("Bruno", made, "activities/1/cancel/", outcome="She came by.").status_code == 302
        assert Activity.objects.get().cancelled_at is not None

    def test_are_refused_to_the_other_side_and_not_there_for_another_mission(self):
        made = stories.a_taken_request()
        planned(made, "Bruno")
        codes = [visit(name, made, "activities/1/done/").status_code for name in ("Amina", "Omar", "Sofía")]
        assert codes == [403, 403, 404]
        assert "Ring her." not in text_of(visit("Amina", made, "activities/"))
