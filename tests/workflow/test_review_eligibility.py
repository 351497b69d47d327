"""Eligibility review: one reviewer takes it, answers each criterion, and decides."""

from __future__ import annotations

from datetime import date

import pytest

from gaf.accounts.actions import assign_role
from gaf.accounts.roles import Role
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from gaf.sealing import unseal
from tests.cast import mission, people, person, somebody
from tests.refused import refused
from tests.stories import (
    a_refused_request,
    a_taken_request,
    an_eligible_request,
    an_endorsed_request,
    an_urgent_request,
    answer_all_criteria,
    by,
    last_decision,
    now,
    refuse,
    told,
)
from workflow.actions.eligibility import (
    CriterionAnswer,
    answer_criteria,
    confirm_eligibility,
    recuse,
    refuse_eligibility,
    take,
)
from workflow.models import EligibilityAnswer

pytestmark = pytest.mark.usefixtures("house")


class TestTakingARequest:
    def test_shows_who_has_it_and_does_not_move_it(self):
        taken = a_taken_request()

        assert (taken.state, taken.taken_by) == ("ELIGIBILITY_REVIEW", person("Bruno"))

    def test_is_refused_while_another_has_it(self):
        taken = a_taken_request()

        with refused("TAKE-02", NotPermitted):
            take(request_id=taken.pk, **by("Beatriz"))

    def test_is_refused_to_a_reviewer_who_served_in_the_mission_within_two_years(self):
        former = somebody("Ousmane", Role.ELIGIBILITY_REVIEWER)
        former.assignments.update(starts_on=date(2026, 6, 1))
        endorsed = an_endorsed_request()
        assign_role(
            person=former,
            role=Role.CASE_WORKER,
            mission=mission("NE"),
            starts_on=date(2024, 1, 1),
            ends_on=date(2026, 5, 31),
        )

        with refused("COI-02", NotPermitted):
            take(request_id=endorsed.pk, actor=former, at=endorsed.moved_at)

    @pytest.mark.parametrize("name", ["Amina", "Idriss", "Gloria", "Chen", "Helena", "Omar"])
    def test_is_refused_to_everybody_but_reviewers(self, name):
        endorsed = an_endorsed_request()

        with refused("ROLE-02", NotPermitted):
            take(request_id=endorsed.pk, **by(name))


class TestDeclaringAConflict:
    def test_hands_it_back_for_good_and_tells_the_others(self):
        people("Bruno", "Beatriz")
        taken = a_taken_request()

        handed_back = recuse(request_id=taken.pk, reason="A relative works there.", **by("Bruno"))

        assert handed_back.taken_by is None
        with refused("COI-01", NotPermitted):
            take(request_id=taken.pk, **by("Bruno"))
        assert take(request_id=taken.pk, **by("Beatriz")).taken_by == person("Beatriz")

    def test_is_refused_to_somebody_who_does_not_have_it(self):
        taken = a_taken_request()

        with refused("TAKE-01", NotPermitted):
            recuse(request_id=taken.pk, reason="None.", **by("Beatriz"))


class TestAnsweringCriteria:
    def test_keeps_the_note_sealed(self):
        taken = a_taken_request()
        first = taken.criteria_set.criteria.first()

        answer_criteria(request_id=taken.pk, answers=[CriterionAnswer(first.pk, "NO", "No link.")], **by("Bruno"))

        answer = EligibilityAnswer.objects.get()
        assert (answer.answer, answer.note_text) == ("NO", "No link.")
        assert "link" not in answer.note

    def test_can_be_changed_until_the_decision(self):
        taken = a_taken_request()
        answer_all_criteria(taken, "NO")
        answer_all_criteria(taken, "YES")

        assert set(EligibilityAnswer.objects.values_list("answer", flat=True)) == {"YES"}
        assert EligibilityAnswer.history.count() == 6

    def test_needs_a_note_for_a_no(self):
        taken = a_taken_request()
        first = taken.criteria_set.criteria.first()

        with refused("CRIT-05", Incomplete):
            answer_criteria(request_id=taken.pk, answers=[CriterionAnswer(first.pk, "NO")], **by("Bruno"))

    def test_knows_not_relevant_only_where_the_set_says_so(self):
        taken = a_taken_request()
        migration = taken.criteria_set.criteria.get(code="MIGRATION")
        child = taken.criteria_set.criteria.get(code="CHILD")

        answer_criteria(request_id=taken.pk, answers=[CriterionAnswer(child.pk, "NOT_RELEVANT")], **by("Bruno"))
        with refused("CRIT-06"):
            answer_criteria(request_id=taken.pk, answers=[CriterionAnswer(migration.pk, "NOT_RELEVANT")], **by("Bruno"))

    def test_is_refused_to_a_reviewer_who_has_not_taken_it(self):
        taken = a_taken_request()

        with refused("TAKE-01", NotPermitted):
            answer_all_criteria(taken, reviewer="Beatriz")


class TestConfirmingEligibility:
    def test_asks_the_mission_for_plan_and_budget(self):
        eligible = an_eligible_request()

        assert eligible.state == "PLAN_AND_BUDGET"
        assert told("eligible") == {"Amina", "Idriss"}
        assert last_decision(eligible).facts == {
            "criteria": 1,
            "answers": {"MIGRATION": "YES", "LAST_RESORT": "YES", "CHILD": "YES"},
        }

    def test_is_refused_until_every_criterion_is_answered(self):
        taken = a_taken_request()

        with refused("REVIEW-03", Incomplete) as caught:
            confirm_eligibility(request_id=taken.pk, **by("Bruno"))

        assert caught.value.obstacles == [
            "Criterion 1 is not answered: Is there a link to migration?",
            "Criterion 2 is not answered: Can no other programme help?",
            "Criterion 3 is not answered: Are child safeguards in place?",
        ]

    def test_is_refused_against_a_no(self):
        taken = a_taken_request()
        answer_all_criteria(taken, "NO")

        with refused("REVIEW-03", Incomplete):
            confirm_eligibility(request_id=taken.pk, **by("Bruno"))

    def test_is_refused_before_anybody_took_it(self):
        endorsed = an_endorsed_request()

        with refused("TAKE-01", NotPermitted):
            confirm_eligibility(request_id=endorsed.pk, **by("Bruno"))

    def test_is_refused_to_another_reviewer(self):
        taken = a_taken_request()
        answer_all_criteria(taken)

        with refused("TAKE-01", NotPermitted):
            confirm_eligibility(request_id=taken.pk, **by("Beatriz"))


class TestRefusing:
    def test_tells_the_mission_that_there_is_a_decision_and_keeps_the_reasons_sealed(self):
        refused_request = a_refused_request()

        assert refused_request.state == "INELIGIBLE"
        assert told("eligibility_decided") == {"Amina", "Idriss"}
        decision = last_decision(refused_request)
        assert decision.reason_code == "ALTERNATIVE"
        assert unseal(decision.reason) == "A national programme covers it.\n\nThe national programme."

    def test_needs_a_place_to_turn_to(self):
        taken = a_taken_request()

        with refused("REVIEW-04", Incomplete) as caught:
            refuse_eligibility(
                request_id=taken.pk, reason_code="MANDATE", reason="Outside.", referral=" ", **by("Bruno")
            )

        assert caught.value.obstacles == ["Where the person can turn is not written."]

    def test_waits_until_urgent_costs_are_reported(self):
        urgent = an_urgent_request(allowed="424.00")
        take(request_id=urgent.pk, **by("Bruno"))

        with refused("REVIEW-04", Incomplete):
            refuse(urgent)

    def test_a_second_time_is_refused(self):
        ended = a_refused_request()

        with refused("STATE-02", MovedOn):
            refuse(now(ended))
