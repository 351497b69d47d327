"""Assessments: four levels of factors inform, immediate needs propose, and the worker's judgement counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from gaf import clock
from tests import stories
from tests.cast import mission
from tests.refused import refused
from tests.stories import by, last_decision, now
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of
from workflow.actions.assessing import AssessmentText, assess, context_of, review_context
from workflow.models import Assessment, AssistanceRequest
from workflow.protection.determinants import Factor, Judged, Need, band, level_scores, score

pytestmark = pytest.mark.usefixtures("house")
DAY = {"assessed_on_0": "1", "assessed_on_1": "10", "assessed_on_2": "2026", "assessment_language": "fr"}


def record(assistance: AssistanceRequest, raise_priority: bool = False, **said: Any) -> AssistanceRequest:
    """Amina assesses; moderate, with nothing else said."""
    usual: dict[str, Any] = {"assessed_on": clock.today(), "language": "fr", "judged": "MODERATE", "factors": {}}
    text = AssessmentText(**{**usual, **said})
    return assess(request_id=assistance.pk, assessment=text, raise_priority=raise_priority, **by("Amina"))


class TestTheFigure:
    def test_is_the_weighted_mean_of_the_levels_that_were_assessed(self):
        factors = {"I-HEALTH": 3, "I-EDU": -1, "H-SUPPORT": 0, "S-PROT": 3}

        assert level_scores(factors) == {"I": Decimal(2) / 6, "H": 0, "S": 1}
        assert score(factors) == Decimal("0.354")  # (0.40 × 1/3 + 0.25 × 0 + 0.15 × 1) ÷ 0.80

    def test_is_none_where_nothing_was_assessed(self):
        assert score({}) is None

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("-0.001", "LOW"),
            ("0", "MODERATE"),
            ("0.25", "MODERATE"),
            ("0.251", "HIGH"),
            ("0.5", "HIGH"),
            ("1", "EXTREME"),
        ],
    )
    def test_falls_in_a_band(self, value, expected):
        assert band(Decimal(value)) == expected

    @given(st.dictionaries(st.sampled_from(Factor.values), st.integers(-3, 3), min_size=1))
    def test_stays_between_minus_one_and_one(self, factors):
        assert -1 <= score(factors) <= 1

    @given(st.dictionaries(st.sampled_from(Factor.values), st.integers(-3, 2), min_size=1), st.data())
    def test_never_falls_when_a_risk_grows(self, factors, data):
        code = data.draw(st.sampled_from(sorted(factors)))

        assert score({**factors, code: factors[code] + 1}) >= score(factors)


class TestAnAssessment:
    def test_is_kept_in_versions_and_never_edited(self):
        made = stories.a_draft()
        record(made, factors={"I-HEALTH": 1})
        record(made, judged="HIGH", factors={"I-HEALTH": 3}, reason="Worse since Monday.")

        assert [(row.number, row.judged) for row in made.assessments.all()] == [(1, "MODERATE"), (2, "HIGH")]
        with pytest.raises(IntegrityError, match="ASSESS-04"), transaction.atomic():
            made.assessments.update(judged="LOW")

    @pytest.mark.parametrize("judged", Judged.values)
    def test_decides_nothing_by_its_figure(self, judged):
        made = stories.an_endorsed_request()
        before = (made.state, made.priority, made.categories)

        record(made, judged=judged, factors={"I-HEALTH": 3, "H-VIOL": 3}, reason="As judged.")

        after = now(made)
        assert (after.state, after.priority, after.categories) == before

    def test_two_bands_from_the_figure_owes_a_reason(self):
        made = stories.a_draft()
        with refused("ASSESS-02"):
            record(made, judged="LOW", factors={"I-HEALTH": 3})

        record(made, judged="LOW", factors={"I-HEALTH": 3}, reason="He is well cared for.")

        row = Assessment.objects.get()
        assert row.departs
        assert row.reason_text == "He is well cared for."

    @pytest.mark.parametrize("need", Need.values)
    def test_with_an_immediate_need_proposes_the_first_priority(self, need):
        made = stories.a_draft()
        with refused("ASSESS-03"):
            record(made, needs=[need])

        record(made, raise_priority=True, needs=[need])

        assert now(made).priority == "P1"
        assert last_decision(made).facts["priority_before"] == "P2"

    def test_leaves_the_priority_where_somebody_wrote_why_it_can_wait(self):
        made = stories.a_draft()

        record(made, needs=["DETAINED"], reason="Released tonight.")

        assert now(made).priority == "P2"

    def test_never_lowers_a_priority(self):
        made = stories.a_draft(priority="P1")

        record(made)

        assert now(made).priority == "P1"

    @pytest.mark.parametrize("said", [{"factors": {"X-1": 1}}, {"factors": {"I-AGE": 4}}, {"judged": "MILD"}])
    def test_knows_no_word_that_is_not_on_the_lists(self, said):
        made = stories.a_draft()

        with refused("ASSESS-01"):
            record(made, **said)


class TestTheContextSheet:
    def test_of_a_mission_fills_in_what_a_new_assessment_says_of_its_surroundings(self):
        review_context(mission_id=mission("NE").pk, factors={"C-RECRUIT": 3, "S-PROT": -1}, **by("Amina"))
        made = stories.a_draft()

        page = signed_in("Amina").get(f"/requests/{made.reference}/assess/").content.decode()

        assert page.count(" selected") - page.count("selected>Choose") >= 2
        assert context_of(mission("NE").pk) == {"C-RECRUIT": 3, "S-PROT": -1}

    def test_is_the_missions_own(self):
        with refused("CONTEXT-01"):
            review_context(mission_id=mission("NE").pk, factors={}, **by("Rima"))
        assert signed_in("Rima").get("/context/NE/").status_code == 404

    def test_holds_community_and_society_only(self):
        with refused("ASSESS-01"):
            review_context(mission_id=mission("NE").pk, factors={"I-AGE": 1}, **by("Amina"))


class TestThePages:
    def test_show_the_figure_beside_the_judgement_and_never_instead_of_it(self):
        made = stories.an_endorsed_request()
        form = {"I-HEALTH": "1", "H-VIOL": "1", "judged": "HIGH", "reason": "", "wishes": "To learn sewing.", **DAY}
        assert press("Amina", made, "assess/", **form).status_code == 302

        page = text_of(signed_in("Amina").get(f"/requests/{made.reference}/protection/"))

        assert "Judged: High" in page
        assert "The factors come to 0.333 (High), from 2 assessed; demonstration weights." in page
        assert "To learn sewing." in page

    def test_show_what_a_person_wants_to_the_missions_alone(self):
        made = stories.an_endorsed_request()
        record(made, wishes="To learn sewing.")

        assert "sewing" not in text_of(signed_in("Bruno").get(f"/requests/{made.reference}/protection/"))
