"""Questions on named parts of a request: only those parts open, and every question is answered once."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from gaf.refusals import Incomplete, NotPermitted
from tests.cast import person
from tests.refused import refused
from tests.stories import (
    NO_FUNDS,
    a_budget_to_approve,
    a_taken_request,
    an_asked_request,
    ask,
    by,
    last_decision,
    lines_of,
    now,
    told,
)
from workflow.actions.clarification import QuestionText, answer
from workflow.actions.clarification import ask as ask_many
from workflow.actions.drafting import edit_situation
from workflow.actions.planning import edit_lines
from workflow.queries import open_sections

pytestmark = pytest.mark.usefixtures("house")


class TestAsking:
    def test_gives_the_request_to_the_mission(self):
        asked = an_asked_request()

        assert (asked.state, asked.asked_from) == ("CLARIFICATION", "ELIGIBILITY_REVIEW")
        assert told("question_asked") == {"Amina", "Idriss"}
        assert last_decision(asked).facts == {"about": ["ALTERNATIVES"]}

    def test_seals_the_question(self):
        asked = an_asked_request()

        question = asked.questions.get()
        assert question.question_text == "What exactly was answered?"
        assert "answered" not in question.question

    def test_needs_a_part_and_a_question(self):
        taken = a_taken_request()

        with refused("ASK-01", Incomplete):
            ask_many(request_id=taken.pk, questions=[], **by("Bruno"))
        with refused("ASK-01", Incomplete):
            ask_many(request_id=taken.pk, questions=[QuestionText("CONSENT", " ")], **by("Bruno"))
        with refused("ASK-01", Incomplete):
            ask_many(request_id=taken.pk, questions=[QuestionText("STATE", "Why?")], **by("Bruno"))

    def test_belongs_in_review_to_the_reviewer_who_has_it_and_in_budget_review_to_approvers(self):
        taken = a_taken_request()
        with refused("TAKE-01", NotPermitted):
            ask(taken, "Beatriz")
        with refused("ROLE-02", NotPermitted):
            ask(taken, "Chen")

        budget = a_budget_to_approve()
        with refused("ROLE-02", NotPermitted):
            ask(budget, "Bruno")
        assert ask(budget, "Chen").asked_from == "BUDGET_REVIEW"


class TestAnswering:
    def test_opens_only_the_parts_that_were_asked_about(self):
        asked = an_asked_request()

        assert open_sections(asked) == {"ALTERNATIVES", "DOCUMENTS"}
        edit_situation(request_id=asked.pk, alternatives=[NO_FUNDS, NO_FUNDS], **by("Amina"))
        with refused("WRITE-02"):
            edit_situation(request_id=asked.pk, situation="Another.", **by("Amina"))

    def test_brings_it_back_to_the_reviewer(self):
        asked = an_asked_request()

        answered = answer(request_id=asked.pk, answers={1: "Refused on Monday."}, **by("Amina"))

        assert (answered.state, answered.asked_from) == ("ELIGIBILITY_REVIEW", "")
        assert answered.taken_by == person("Bruno")
        assert told("question_answered") == {"Bruno"}
        assert answered.questions.get().answer_text == "Refused on Monday."

    def test_brings_a_budget_back_to_the_approver_with_its_changed_lines(self):
        asked = ask(a_budget_to_approve(), "Chen", "LINES")
        first = lines_of(asked)[0]

        edit_lines(request_id=asked.pk, lines=[], remove=[first.pk], **by("Amina"))
        answered = answer(request_id=asked.pk, answers={1: "Shelter is free."}, **by("Amina"))

        assert answered.state == "BUDGET_REVIEW"
        assert [line.key for line in lines_of(answered)] == ["L2"]

    def test_needs_every_question_answered(self):
        taken = a_taken_request()
        both = [QuestionText("CONSENT", "Where is it?"), QuestionText("ALTERNATIVES", "Who was asked?")]
        asked = ask_many(request_id=taken.pk, questions=both, **by("Bruno"))

        with refused("ASK-02", Incomplete) as caught:
            answer(request_id=asked.pk, answers={1: "Here."}, **by("Amina"))

        assert caught.value.obstacles == ["Question 2 is not answered."]

    def test_numbers_questions_on_through_every_round(self):
        asked = an_asked_request()
        answer(request_id=asked.pk, answers={1: "Refused."}, **by("Amina"))

        again = ask(now(asked))

        assert [question.number for question in again.questions.all()] == [1, 2]
        assert [question.is_open for question in again.questions.all()] == [False, True]

    def test_is_refused_to_headquarters_and_to_other_missions(self):
        asked = an_asked_request()

        for name in ("Bruno", "Helena", "Rima"):
            with refused("ROLE-02", NotPermitted):
                answer(request_id=asked.pk, answers={1: "Yes."}, **by(name))


@pytest.mark.both
class TestWhatTheDatabaseHolds:
    def test_an_answer_is_never_changed(self):
        asked = an_asked_request()
        answer(request_id=asked.pk, answers={1: "Refused."}, **by("Amina"))

        with pytest.raises(DatabaseError, match="QUESTION-01"), transaction.atomic():
            asked.questions.update(answer="another")

    def test_a_question_is_never_removed(self):
        asked = an_asked_request()

        with pytest.raises(DatabaseError, match="QUESTION-01"), transaction.atomic():
            asked.questions.all().delete()
