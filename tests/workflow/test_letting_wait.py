"""An urgent request that can wait: the duty officer says why, the mission reads it, and writing brings it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.decisions.models import Decision, Holiday
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from gaf.working_days import headquarters_calendar
from tests.cast import people, person
from tests.refused import refused
from tests.stories import a_taken_request, an_urgent_request, ask, by, now, told
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of, visit
from workflow import worklists
from workflow.actions.allowance import let_wait
from workflow.actions.clarification import answer
from workflow.actions.eligibility import take
from workflow.actions.remarks import keep_note, send_message
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")

SATURDAY_NIGHT = datetime(2026, 10, 24, 21, 10, tzinfo=UTC)
# Summer time ends that night: eight in Geneva is seven in UTC.
MONDAY_MORNING = datetime(2026, 10, 26, 7, tzinfo=UTC)
WHY = "She is with her aunt until Monday."


def urgent_for_gloria() -> set[str]:
    """The references on the duty officer's page."""
    return {one.reference for one in worklists.urgent(person("Gloria"))}


def put_off(assistance: AssistanceRequest, who: str = "Gloria", why: str = WHY) -> AssistanceRequest:
    """The duty officer says that it can wait."""
    return let_wait(request_id=assistance.pk, reason=why, **by(who))


class TestAnUrgentRequestThatCanWait:
    def test_leaves_the_duty_officers_page_until_headquarters_works_again_and_stays_where_it_is(self):
        with clock.at(SATURDAY_NIGHT):
            made = an_urgent_request()
            put_off(made)
            assert urgent_for_gloria() == set()
        waiting = now(made)
        assert (waiting.state, waiting.waits_until, waiting.due_at) == (made.state, MONDAY_MORNING, made.due_at)
        with clock.at(MONDAY_MORNING - timedelta(minutes=1)):
            assert urgent_for_gloria() == set()
        with clock.at(MONDAY_MORNING):
            assert urgent_for_gloria() == {made.reference}

    def test_is_told_to_the_mission_at_once_with_its_reason_behind_the_link(self):
        people("Amina", "Idriss", "Moussa")
        made = an_urgent_request()
        put_off(made)

        assert told("urgent_can_wait") == {"Amina", "Idriss", "Moussa"}
        page = text_of(visit("Amina", made))
        assert "The duty officer lets it wait until" in page
        assert WHY in page
        assert "It can wait" in page

    def test_comes_back_the_moment_the_mission_sends_a_message_and_not_for_its_note(self):
        with clock.at(SATURDAY_NIGHT):
            made = an_urgent_request()
            put_off(made)
        with clock.at(SATURDAY_NIGHT + timedelta(hours=1)):
            keep_note(request_id=made.pk, text="The aunt was rung.", key="n1", **by("Amina"))
            send_message(request_id=made.pk, text="Until when is she safe?", key="m1", **by("Gloria"))
            assert urgent_for_gloria() == set()
            send_message(request_id=made.pk, text="He has found her there.", key="m2", **by("Amina"))
            assert urgent_for_gloria() == {made.reference}
            assert "The duty officer has it" in text_of(visit("Amina", made))

    def test_comes_back_with_the_answer_to_a_question(self):
        made = an_urgent_request()
        put_off(made)
        take(request_id=made.pk, **by("Bruno"))
        ask(made)
        assert urgent_for_gloria() == set()
        with clock.at(clock.now() + timedelta(minutes=5)):
            answer(request_id=made.pk, answers={1: "They found her."}, **by("Amina"))
            assert urgent_for_gloria() == {made.reference}

    def test_can_be_put_off_again_once_it_came_back(self):
        with clock.at(SATURDAY_NIGHT):
            made = an_urgent_request()
            put_off(made)
        with clock.at(MONDAY_MORNING):
            put_off(made)
        assert now(made).waits_until == MONDAY_MORNING + timedelta(days=1)

    def test_may_still_be_allowed_to_spend(self):
        made = an_urgent_request()
        put_off(made)
        opened = visit("Gloria", made, "allow-urgent-spending/")
        assert opened.status_code == 200


class TestPuttingOff:
    def test_is_refused_twice_at_once_and_the_first_stands(self):
        made = an_urgent_request()
        put_off(made)
        with refused("URGENT-08", NotPermitted):
            put_off(made, why="Again.")
        assert Decision.objects.filter(act="let_wait").count() == 1

    def test_is_refused_without_a_reason_and_nothing_waits(self):
        made = an_urgent_request()
        with refused("URGENT-09", Incomplete):
            put_off(made, why="  ")
        assert now(made).waits_until is None
        assert urgent_for_gloria() == {made.reference}

    def test_is_refused_on_what_was_never_sent_to_the_duty_officer(self):
        made = a_taken_request(priority="P1")
        with refused("URGENT-08", NotPermitted):
            put_off(made)

    def test_is_refused_once_spending_was_allowed(self):
        made = an_urgent_request(allowed="424.00")
        with refused("URGENT-02", NotPermitted):
            put_off(made)

    @pytest.mark.parametrize("who", ["Bruno", "Helena", "Amina", "Chen"])
    def test_belongs_to_the_duty_officer_alone(self, who):
        made = an_urgent_request()
        with refused("ROLE-02", NotPermitted):
            put_off(made, who=who)
        assert now(made).waits_until is None

    def test_is_refused_on_a_page_that_is_stale(self):
        made = an_urgent_request()
        take(request_id=made.pk, **by("Bruno"))
        with refused("STATE-02", MovedOn):
            let_wait(request_id=made.pk, reason=WHY, seen_version=made.version, **by("Gloria"))

    def test_is_kept_whole_by_the_database(self):
        made = an_urgent_request()
        with pytest.raises(IntegrityError), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(waits_until=clock.now() + timedelta(days=1))


class TestTheDutyOfficersPage:
    def test_offers_it_with_the_moment_and_a_question_and_does_it_with_a_reason(self):
        with clock.at(SATURDAY_NIGHT):
            made = an_urgent_request()
            page = signed_in("Gloria").get("/duty/")
            assert "Not now: it can wait until 26 Oct 2026, 08:00" in text_of(page)
            assert f'href="/requests/{made.reference}/message/">Ask a question' in page.content.decode()
            assert "back at once" in text_of(visit("Gloria", made, "let-wait/"))
            assert press("Gloria", made, "let-wait/", reason="").status_code == 422
            assert press("Gloria", made, "let-wait/", reason=WHY).status_code == 302
            assert "No urgent request waits for you." in text_of(signed_in("Gloria").get("/duty/"))


class TestTheNextOpening:
    @pytest.mark.parametrize(
        ("moment", "opens"),
        [
            (datetime(2026, 10, 22, 5, 59, tzinfo=UTC), datetime(2026, 10, 22, 6, tzinfo=UTC)),
            (datetime(2026, 10, 22, 6, 0, tzinfo=UTC), datetime(2026, 10, 23, 6, tzinfo=UTC)),
            (datetime(2026, 10, 23, 22, 30, tzinfo=UTC), MONDAY_MORNING),
            (SATURDAY_NIGHT, MONDAY_MORNING),
        ],
        ids=["before eight", "at eight", "after midnight in Geneva, Friday in UTC", "over the end of summer time"],
    )
    def test_is_eight_in_geneva_on_the_next_working_morning(self, moment, opens):
        assert headquarters_calendar().next_opening(moment) == opens

    def test_leaves_out_a_holiday(self):
        Holiday.objects.create(day=MONDAY_MORNING.date(), name="A day without work")
        assert headquarters_calendar().next_opening(SATURDAY_NIGHT) == MONDAY_MORNING + timedelta(days=1)
