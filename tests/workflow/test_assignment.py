"""A request is proposed to the reviewer with the least to decide who may, and a refusal is reviewed once by others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.roles import Role
from gaf.refusals import NotPermitted
from gaf.standing_in import hand_over
from tests import stories
from tests.cast import criteria, mission, people, person, somebody
from tests.refused import refused
from tests.stories import by, now, told
from tests.workflow.pages.headquarters.visits import signed_in, text_of, visit
from workflow.actions import closing, eligibility
from workflow.assignment import least_loaded, ties
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")


def refuse(made: AssistanceRequest, reviewer: str = "Bruno") -> AssistanceRequest:
    """Found not eligible by this reviewer."""
    stories.answer_all_criteria(made, "NO", reviewer=reviewer)
    return eligibility.refuse_eligibility(
        request_id=made.pk, reason_code="ALTERNATIVE", reason="No.", referral="There.", **by(reviewer)
    )


def appeal(made: AssistanceRequest, reason_code: str = "REVIEW") -> AssistanceRequest:
    """The head of unit asks to look at the refusal again."""
    return closing.reopen(request_id=made.pk, reason_code=reason_code, reason="Look again.", **by("Idriss"))


class TestTheProposal:
    def test_goes_to_the_reviewer_with_the_least_to_decide(self):
        people("Beatriz", "Bruno")
        first = stories.an_endorsed_request()
        second = stories.an_endorsed_request()

        assert (first.proposed_for, second.proposed_for) == (person("Beatriz"), person("Bruno"))
        eligibility.take(request_id=second.pk, **by("Beatriz"))
        assert now(second).proposed_for is None
        assert least_loaded(first) == person("Bruno")

    def test_passes_by_who_is_away(self):
        people("Beatriz", "Bruno")
        today = clock.today()
        hand_over(
            role=Role.ELIGIBILITY_REVIEWER,
            deputies=[person("Bruno")],
            starts_on=today,
            ends_on=today,
            actor=person("Beatriz"),
            at=clock.now(),
        )

        assert stories.an_endorsed_request().proposed_for == person("Bruno")

    def test_passes_by_who_served_in_the_mission(self):
        people("Bruno")
        served = somebody("Abdou", Role.ELIGIBILITY_REVIEWER)
        served.assignments.update(starts_on=date(2026, 6, 1))
        assign_role(
            person=served,
            role=Role.CASE_WORKER,
            mission=mission("NE"),
            starts_on=date(2025, 1, 1),
            ends_on=date(2026, 5, 31),
        )

        assert stories.an_endorsed_request().proposed_for == person("Bruno")

    def test_is_to_nobody_and_told_to_all_where_nobody_may(self):
        criteria()
        assert stories.an_endorsed_request().proposed_for is None

    def test_is_no_right_and_no_duty(self):
        people("Beatriz", "Bruno")
        made = stories.an_endorsed_request()
        eligibility.take(request_id=made.pk, **by("Bruno"))

        assert now(made).taken_by == person("Bruno")

    def test_asks_no_more_of_the_database_for_many_reviewers(self):
        people("Beatriz", "Bruno")
        made = stories.an_endorsed_request()

        def cost() -> int:
            with CaptureQueriesContext(connection) as read:
                least_loaded(made)
            return len(read)

        few = cost()
        for number in range(6):
            somebody(f"Reviewer{number}", Role.ELIGIBILITY_REVIEWER)
        assert cost() == few <= 6

    def test_stands_first_in_the_inbox(self):
        people("Beatriz", "Bruno")
        stories.an_endorsed_request(priority="P2")
        second = stories.an_endorsed_request(priority="P4")
        page = text_of(signed_in("Bruno").get("/inbox/"))

        assert page.index(second.reference) < page.index("proposed to you") < page.index("proposed to Beatriz")


class TestAConflict:
    def test_can_be_declared_before_the_case_is_taken_and_the_next_gets_it(self):
        people("Beatriz", "Bruno")
        made = stories.an_endorsed_request()
        eligibility.recuse(request_id=made.pk, reason="I know the family.", **by("Beatriz"))

        assert (now(made).taken_by, now(made).proposed_for) == (None, person("Bruno"))
        with refused("COI-01", NotPermitted):
            eligibility.take(request_id=made.pk, **by("Beatriz"))

    def test_declared_after_it_was_taken_gives_it_to_the_next(self):
        people("Beatriz", "Bruno")
        made = stories.a_taken_request()
        eligibility.recuse(request_id=made.pk, reason="I know the family.", **by("Bruno"))

        assert now(made).proposed_for == person("Beatriz")
        assert told("request_to_review") == {"Beatriz"}

    def test_is_pointed_to_on_the_page_where_it_is_declared(self):
        made = refuse(stories.a_taken_request())
        appeal(made, "NEW_FACTS")

        assert [tie.code for tie in ties(now(made), person("Bruno"))] == ["BEFORE"]
        page = text_of(visit("Bruno", made, "take/"))
        assert "You may have a tie" in page
        assert "You decided on this request before." in page
        assert "Declare a conflict and leave it to another" in page

    def test_t61_is_pointed_to_whoever_served_there_before_they_can_take_it(self):
        served = somebody("Abdou", Role.ELIGIBILITY_REVIEWER)
        served.assignments.update(starts_on=date(2023, 1, 1))
        long_ago = {"starts_on": date(2021, 1, 1), "ends_on": date(2022, 12, 31)}
        assign_role(person=served, role=Role.CASE_WORKER, mission=mission("NE"), **long_ago)
        made = stories.an_endorsed_request()
        client = signed_in("Abdou")

        page = text_of(client.get(f"/requests/{made.reference}/take/"))
        unsaid = client.post(f"/requests/{made.reference}/take/?save=1", {"seen_version": now(made).version})

        assert "You served in a mission of this request before." in page
        assert (unsaid.status_code, now(made).taken_by) == (422, None)
        eligibility.take(request_id=made.pk, actor=served, at=clock.now())
        assert stories.last_decision(made).facts == {"ties": ["SERVED"]}

    def test_is_not_spoken_of_where_there_is_no_tie(self):
        people("Bruno")
        made = stories.an_endorsed_request()

        assert "You may have a tie" not in text_of(visit("Bruno", made, "take/"))

    def test_is_pointed_to_before_the_case_can_be_taken_from_a_list(self):
        made = refuse(stories.a_taken_request())
        appeal(made, "NEW_FACTS")
        before = stories.everything()
        pressed = {"seen_version": now(made).version, "from_list": "1", "no_tie": "on"}
        page = signed_in("Bruno").post(f"/requests/{made.reference}/take/?save=1", pressed)

        assert "You may have a tie" in text_of(page)
        assert stories.everything() == before

    def test_that_is_none_lets_a_case_be_taken_from_a_list(self):
        people("Bruno")
        made = stories.an_endorsed_request()
        pressed = {"seen_version": made.version, "from_list": "1", "no_tie": "on"}
        page = signed_in("Bruno").post(f"/requests/{made.reference}/take/?save=1", pressed)

        assert page.status_code == 302
        assert now(made).taken_by == person("Bruno")

    def test_ties_that_were_pointed_out_are_kept_with_the_decision(self):
        made = refuse(stories.a_taken_request())
        appeal(made, "NEW_FACTS")
        eligibility.take(request_id=made.pk, **by("Bruno"))

        assert stories.last_decision(made).facts == {"ties": ["BEFORE"]}


class TestAnAppeal:
    def test_goes_to_somebody_who_did_not_decide_it(self):
        people("Beatriz", "Bruno")
        made = appeal(refuse(stories.a_taken_request()))

        assert (made.state, made.proposed_for) == ("ELIGIBILITY_REVIEW", person("Beatriz"))
        assert told("request_reopened") == {"Beatriz"}
        with refused("APPEAL-01", NotPermitted):
            eligibility.take(request_id=made.pk, **by("Bruno"))
        eligibility.take(request_id=made.pk, **by("Beatriz"))
        assert now(made).taken_by == person("Beatriz")

    def test_is_made_once(self):
        people("Beatriz", "Bruno")
        made = appeal(refuse(stories.a_taken_request()))
        eligibility.take(request_id=made.pk, **by("Beatriz"))
        refuse(made, "Beatriz")

        with refused("APPEAL-02"):
            appeal(made)
        assert now(made).state == "INELIGIBLE"

    def test_is_not_what_new_facts_are(self):
        people("Beatriz", "Bruno")
        made = appeal(refuse(stories.a_taken_request()), "NEW_FACTS")
        eligibility.take(request_id=made.pk, **by("Bruno"))

        assert now(made).taken_by == person("Bruno")

    def test_is_not_decided_by_a_deputy_who_refused_it(self):
        people("Beatriz", "Bruno")
        made = appeal(refuse(stories.a_taken_request()))
        eligibility.take(request_id=made.pk, **by("Beatriz"))
        hand_over(
            role=Role.ELIGIBILITY_REVIEWER,
            deputies=[person("Bruno")],
            starts_on=clock.today(),
            ends_on=clock.today() + timedelta(days=3),
            actor=person("Beatriz"),
            at=clock.now(),
        )

        with refused("APPEAL-01", NotPermitted):
            eligibility.confirm_eligibility(request_id=made.pk, **by("Bruno"))
