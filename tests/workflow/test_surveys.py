"""The sustainability survey: three dimensions and a composite, versions that never change, answers that are sealed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from gaf import clock
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests.refused import refused
from tests.stories import by
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from tests.workflow.returning import (
    DEMONSTRATION,
    a_return,
    a_shop_at_home,
    a_survey,
    all_with,
    ask,
    depart,
    fill,
    questions,
    two_missions,
)
from workflow.actions.surveys import Asked, record_survey
from workflow.models import AssistedReturn, Survey, SurveyQuestion, SurveyResult
from workflow.survey_scores import band_of, scores_of

house = pytest.mark.usefixtures("house")


def question(code: str, dimension: str, weight: str = "1", composite: str = "1", parts: Any = None) -> Any:
    return SimpleNamespace(
        code=code,
        dimension=dimension,
        weight=Decimal(weight),
        composite_weight=Decimal(composite),
        counts_in=parts or [dimension, "COMPOSITE"],
    )


class TestScores:
    def test_are_weighted_means_and_the_composite_has_weights_of_its_own(self):
        asked = [
            question("A", "ECONOMIC", weight="3", composite="1"),
            question("B", "ECONOMIC", weight="1", composite="1"),
            question("C", "SOCIAL", weight="1", composite="6"),
        ]
        found = scores_of(asked, {"A": "1", "B": "0", "C": "0.5"})

        assert (found.economic, found.social, found.psychosocial) == (Decimal("0.750"), Decimal("0.500"), None)
        assert found.composite == Decimal("0.500")  # (1 + 0 + 6 x 0.5) / 8, and not the mean of .75 and .5

    def test_leave_out_what_a_person_prefers_not_to_answer_on_both_sides(self):
        asked = [question("A", "SOCIAL"), question("B", "SOCIAL"), question("C", "SOCIAL")]

        assert scores_of(asked, {"A": "1", "B": "0.5", "C": "NONE"}).social == Decimal("0.750")
        assert scores_of(asked, {"A": "1", "B": "0.5", "C": "0"}).social == Decimal("0.500")

    def test_are_none_where_nothing_was_answered(self):
        found = scores_of([question("A", "SOCIAL")], {"A": "NONE"})

        assert (found.social, found.composite) == (None, None)

    def test_count_a_question_only_where_it_counts(self):
        asked = [question("A", "SOCIAL", parts=["SOCIAL"]), question("B", "SOCIAL", parts=["COMPOSITE"])]
        found = scores_of(asked, {"A": "1", "B": "0.25"})

        assert (found.social, found.composite) == (Decimal("1.000"), Decimal("0.250"))

    @pytest.mark.parametrize(
        ("score", "band"),
        [
            ("0", "INTENSIVE"),
            ("0.329", "INTENSIVE"),
            ("0.33", "MODERATE"),
            ("0.66", "MODERATE"),
            ("0.661", "SELF_SUFFICIENT"),
            ("1", "SELF_SUFFICIENT"),
        ],
    )
    def test_are_read_in_three_bands(self, score, band):
        assert band_of(Decimal(score)) == band


@house
class TestVersions:
    def test_of_the_demonstration_have_fifteen_questions_of_equal_weight_in_three_languages(self):
        made = a_survey()
        rows = list(made.questions.all())

        assert made.is_demonstration
        assert len(rows) == 15
        assert {row.weight for row in rows} == {Decimal(1)}
        assert {row.dimension for row in rows} == {"ECONOMIC", "SOCIAL", "PSYCHOSOCIAL"}
        assert all(len({row.text_en, row.text_fr, row.text_es}) == 3 for row in rows)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"weight": "0"},
            {"weight": "heavy"},
            {"composite_weight": "-1"},
            {"scale": "STARS"},
            {"dimension": "LUCK"},
            {"counts_in": "SOCIAL"},
            {"fr": ""},
            {"code": "FOOD"},
            {"extra": "x"},
            {"en": "x" * 301},
        ],
        ids=lambda wrong: str(wrong)[:22],
    )
    def test_are_loaded_whole_or_not_at_all(self, wrong):
        rows = [{**row, **wrong} if row["code"] == "INCOME" else row for row in questions()]

        with refused("SURVEY-05", Incomplete):
            a_survey(rows=rows)
        assert (Survey.objects.count(), SurveyQuestion.objects.count()) == (0, 0)

    def test_have_a_number_of_their_own(self):
        a_survey()

        with refused("SURVEY-05", Incomplete):
            a_survey()
        assert Survey.objects.count() == 1

    @pytest.mark.both
    def test_never_change_and_take_no_more_questions(self):
        made = a_survey()
        first = made.questions.all()[0]

        for change in (
            lambda: SurveyQuestion.objects.filter(pk=first.pk).update(weight=5),
            lambda: Survey.objects.filter(pk=made.pk).update(is_demonstration=False),
            lambda: SurveyQuestion.objects.filter(pk=first.pk).delete(),
        ):
            with pytest.raises((IntegrityError, DatabaseError), match="SURVEY-01"), transaction.atomic():
                change()
        first.pk, first.code, first.position = None, "MORE", 16
        with pytest.raises((IntegrityError, DatabaseError), match="SURVEY-01"), transaction.atomic():
            first.save(force_insert=True)

    def test_come_from_a_file_in_either_form(self, tmp_path):
        as_json = tmp_path / "official.json"
        as_json.write_text(json.dumps([{**row, "counts_in": row["counts_in"].split()} for row in questions()]))
        call_command("load_survey", DEMONSTRATION, "--number=1", "--from=2026-01-01", "--source=own", "--demonstration")
        call_command("load_survey", as_json, "--number=2", "--from=2026-02-01", "--source=official")

        assert list(Survey.objects.order_by("number").values_list("number", "is_demonstration")) == [
            (1, True),
            (2, False),
        ]

    @pytest.mark.parametrize("content", ["{", "[1]", '{"a": 1}', "", "\xff"])
    def test_from_a_file_that_is_none_load_nothing(self, tmp_path, content):
        path = tmp_path / "broken.json"
        path.write_text(content, encoding="latin-1")

        with pytest.raises(CommandError):
            call_command("load_survey", path, "--number=1", "--from=2026-01-01", "--source=own")
        assert not Survey.objects.exists()

    def test_from_a_file_with_a_wrong_question_say_which(self, tmp_path):
        path = tmp_path / "wrong.csv"
        path.write_text(DEMONSTRATION.read_text().replace("WORK,ECONOMIC,YES,1,1", "WORK,ECONOMIC,YES,none,1"))

        with pytest.raises(CommandError, match="Question 4: weight is a number above 0"):
            call_command("load_survey", path, "--number=1", "--from=2026-01-01", "--source=own")
        assert not Survey.objects.exists()


@pytest.mark.both
@house
class TestAnswers:
    def test_are_sealed_with_the_scores_beside_them(self):
        a_survey()
        ask(a_shop_at_home(), all_with("0", {"INCOME": "0.75", "JUSTICE": "NONE"}))
        row = SurveyResult.objects.get()

        assert "INCOME" not in row.answers
        assert json.loads(row.answers_text)["INCOME"] == "0.75"
        assert (row.economic, row.social, row.psychosocial) == (Decimal("0.150"), Decimal(0), Decimal(0))
        assert row.composite == Decimal("0.054")  # .75 of fourteen answers

    @pytest.mark.parametrize(
        "answers",
        [{"INCOME": ""}, {"INCOME": "2"}, {"INCOME": "0.3"}, {"WORK": "0.5"}],
        ids=["missing", "beyond", "between steps", "half a yes"],
    )
    def test_that_cannot_be_given_are_refused(self, answers):
        a_survey()
        made = a_shop_at_home()

        with refused("SURVEY-03"):
            ask(made, all_with("1", answers))
        assert not SurveyResult.objects.exists()

    @pytest.mark.parametrize(
        "said",
        [
            {"moment": "NEVER"},
            {"outcome": "GONE"},
            {"person_key": "nobody"},
            {"asked_on": date(2026, 1, 2)},
            {"asked_on": date(2027, 1, 2)},
        ],
        ids=str,
    )
    def test_of_nobody_or_at_no_time_are_refused(self, said):
        a_survey()
        made = a_shop_at_home()

        with refused("SURVEY-03"):
            ask(made, all_with("1"), **said)
        assert not SurveyResult.objects.exists()

    @pytest.mark.parametrize("outcome", ["NOT_REACHED", "NOT_PRESENT", "REFUSED"])
    def test_that_nobody_gave_have_an_outcome_and_no_score(self, outcome):
        a_survey()
        made = a_shop_at_home()
        ask(made, {}, outcome=outcome)
        row = SurveyResult.objects.get()

        assert (row.outcome, row.composite, row.answers) == (outcome, None, "")
        ask(made, all_with("1"))
        assert SurveyResult.objects.filter(outcome="ANSWERED").count() == 1

    def test_are_given_once_at_a_moment(self):
        a_survey()
        made = a_shop_at_home()
        ask(made, all_with("1"))

        with refused("SURVEY-04"):
            ask(made, all_with("0"))
        assert SurveyResult.objects.get().composite == Decimal(1)

    def test_need_a_survey_in_force(self):
        a_survey(in_force_from=date(2026, 12, 1))
        made = a_shop_at_home()

        with refused("SURVEY-06"):
            ask(made, all_with("1"))
        assert not SurveyResult.objects.exists()

    def test_keep_their_scores_when_a_new_version_comes(self):
        a_survey()
        made = a_shop_at_home()
        answers = all_with("0", {"INCOME": "1"})
        ask(made, answers)
        before = SurveyResult.objects.values_list("survey__number", "economic", "composite").get()
        heavier = [{**row, "weight": "9"} if row["code"] == "INCOME" else row for row in questions()]
        a_survey(2, rows=heavier, in_force_from=clock.today())
        ask(made, answers, moment="MIDLINE")

        assert (
            SurveyResult.objects.values_list("survey__number", "economic", "composite").get(moment="BASELINE") == before
        )
        assert SurveyResult.objects.get(moment="MIDLINE").economic == Decimal("0.692")  # 9 of 13

    def test_are_not_edited_even_past_the_code(self):
        a_survey()
        ask(a_shop_at_home(), all_with("1"))

        with pytest.raises((IntegrityError, DatabaseError), match="SURVEY-02"), transaction.atomic():
            SurveyResult.objects.update(composite=0)
        with pytest.raises((IntegrityError, DatabaseError), match="SURVEY-02"), transaction.atomic():
            SurveyResult.objects.all().delete()

    def test_are_asked_by_the_mission_there_and_after_the_arrival(self):
        a_survey()
        made = depart(a_return())
        asked = Asked(made.assistance.persons.get().key, "BASELINE", "ANSWERED", clock.today(), all_with("1"))

        with refused("STATE-02", MovedOn):
            record_survey(return_id=made.pk, asked=asked, **by("Rima"))
        assert not SurveyResult.objects.exists()


@house
class TestPages:
    def a_compared_return(self) -> AssistedReturn:
        a_survey()
        two_missions()
        made = a_shop_at_home()
        ask(made, all_with("0.25", dict.fromkeys(("BORROW", "WORK", "PAPERS", "STAY"), "0")))
        ask(made, {}, moment="MIDLINE", outcome="NOT_REACHED")
        ask(made, all_with("1"), moment="ENDLINE")
        return made

    def test_compare_the_three_moments_under_the_badge(self):
        made = self.a_compared_return()
        text = text_of(signed_in("Amina").get(f"/assisted-returns/{made.assistance.reference}/surveys/"))

        for words in ("Demonstration weights", "0.183", "needs intensive help", "1.000", "Not reached", "own wording"):
            assert words in text
        assert "How do you find what your household lives on?" in text

    def test_show_scores_but_no_answers_to_who_does_not_read_the_text(self):
        made = self.a_compared_return()
        text = text_of(signed_in("Omar").get(f"/assisted-returns/{made.assistance.reference}/surveys/"))

        assert "0.183" in text
        assert "sealed for your role" in text
        assert "How do you find what your household lives on?" not in text

    def test_have_no_badge_where_the_weights_are_official(self):
        a_survey(is_demonstration=False)
        made = a_shop_at_home()
        ask(made, all_with("1"))

        assert "Demonstration weights" not in text_of(
            signed_in("Amina").get(f"/assisted-returns/{made.assistance.reference}/surveys/")
        )

    def test_record_a_survey_from_the_form(self):
        a_survey()
        made = a_shop_at_home()
        day = {"asked_on_0": "20", "asked_on_1": "10", "asked_on_2": "2026"}
        answers = {f"answer-{code}": share for code, share in all_with("1").items()}
        said = {"moment": "BASELINE", "outcome": "ANSWERED", **day, **answers}
        page = "record-survey/"
        missing = fill("Amina", made, page, **{**said, "answer-WORK": ""})

        assert missing.status_code == 422
        assert "Do you work now?" in text_of(missing)
        assert fill("Amina", made, page, **said).status_code == 302
        assert SurveyResult.objects.get().composite == Decimal(1)

    def test_let_nobody_else_record_one(self):
        a_survey()
        two_missions()
        made = a_shop_at_home()

        for who in ("Bruno", "Helena", "Omar"):
            assert signed_in(who).get(f"/assisted-returns/{made.assistance.reference}/record-survey/").status_code in (
                403,
                404,
            )
        with refused("ROLE-02", NotPermitted):
            record_survey(
                return_id=made.pk,
                asked=Asked("", "BASELINE", "REFUSED", clock.today() - timedelta(days=1)),
                **by("Bruno"),
            )
        assert not SurveyResult.objects.exists()
