"""Endorsing: the text stands, the criteria bind, and whoever wrote it does not endorse it."""

from __future__ import annotations

import pytest

from gaf import clock
from gaf.accounts.roles import Role
from gaf.refusals import Incomplete, NotPermitted
from tests.cast import CRITERIA, criteria, people, person, somebody
from tests.refused import refused
from tests.stories import a_submitted_request, an_endorsed_request, an_urgent_request, by, now, told
from workflow.actions.criteria import publish_criteria_set
from workflow.actions.drafting import edit_situation
from workflow.actions.endorsement import endorse

pytestmark = pytest.mark.usefixtures("house")


class TestEndorsing:
    def test_brings_it_to_a_reviewer_and_starts_the_clock(self):
        people("Bruno", "Beatriz")

        endorsed = an_endorsed_request()

        assert endorsed.state == "ELIGIBILITY_REVIEW"
        assert endorsed.endorsed_at == endorsed.review_began_at == clock.now()
        assert told("request_to_review") == {"Beatriz"}
        assert told("request_received") == {"Amina"}

    def test_binds_the_criteria_in_force_and_no_later_ones(self):
        bound = criteria()
        endorsed = an_endorsed_request()

        publish_criteria_set(criteria=CRITERIA[:1], source="criteria page 2", **by("Farid"))

        assert now(endorsed).criteria_set == bound

    def test_is_refused_to_a_head_of_unit_who_wrote_it(self):
        criteria()
        sent = a_submitted_request(author="Idriss")

        with refused("SOD-02", NotPermitted):
            endorse(request_id=sent.pk, **by("Idriss"))

    def test_is_refused_to_a_head_of_unit_who_changed_one_word(self):
        from tests.stories import a_draft
        from workflow.actions.intake import submit

        criteria()
        made = a_draft()
        edit_situation(request_id=made.pk, situation="Another word.", **by("Idriss"))
        sent = submit(request_id=made.pk, **by("Amina"))

        with refused("SOD-02", NotPermitted):
            endorse(request_id=sent.pk, **by("Idriss"))

    def test_is_open_to_a_second_head_of_unit_of_the_mission(self):
        criteria()
        sent = a_submitted_request(author="Idriss")
        second = somebody("Halima", Role.HEAD_OF_UNIT, "NE")

        assert endorse(request_id=sent.pk, actor=second, at=clock.now()).state == "ELIGIBILITY_REVIEW"

    @pytest.mark.parametrize("name", ["Amina", "Fadi", "Moussa", "Bruno", "Helena", "Omar", "Tunde"])
    def test_is_refused_to_everybody_else(self, name):
        criteria()
        sent = a_submitted_request()

        with refused("ROLE-02", NotPermitted):
            endorse(request_id=sent.pk, **by(name))

    def test_is_refused_while_no_criteria_are_in_force(self):
        sent = a_submitted_request()

        with refused("ENDORSE-01", Incomplete):
            endorse(request_id=sent.pk, **by("Idriss"))


class TestEndorsingAnUrgentRequestLater:
    def test_does_not_move_it_and_its_text_stands_from_then_on(self):
        urgent = an_urgent_request()
        edit_situation(request_id=urgent.pk, situation="What happened, in full.", **by("Amina"))

        endorsed = endorse(request_id=urgent.pk, **by("Idriss"))

        assert (endorsed.state, endorsed.endorsed_at) == ("ELIGIBILITY_REVIEW", clock.now())
        with refused("WRITE-02"):
            edit_situation(request_id=urgent.pk, situation="Later.", **by("Amina"))

    def test_tells_the_reviewer_who_has_it(self):
        from workflow.actions.eligibility import take

        urgent = an_urgent_request()
        take(request_id=urgent.pk, **by("Bruno"))

        endorse(request_id=urgent.pk, **by("Idriss"))

        assert told("urgent_endorsed") == {"Bruno"}

    def test_happens_once(self):
        endorsed = endorse(request_id=an_urgent_request().pk, **by("Idriss"))

        with refused("ENDORSE-02", NotPermitted):
            endorse(request_id=endorsed.pk, **by("Idriss"))

    def test_is_nothing_that_an_ordinary_request_needs(self):
        endorsed = an_endorsed_request()
        person("Idriss")

        with refused("ENDORSE-02", NotPermitted):
            endorse(request_id=endorsed.pk, **by("Idriss"))
