"""Questions are answered on one page, each beside the part it is about."""

from __future__ import annotations

import pytest

from tests import stories
from tests.workflow.pages.mission.browsing import fill, forms_of, send, signed_in, url_of, words
from workflow.actions.clarification import QuestionText, ask
from workflow.actions.drafting import edit_situation

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def asked():
    made = stories.a_taken_request()
    questions = [QuestionText("SITUATION", "Since when?"), QuestionText("ALTERNATIVES", "What was the answer?")]
    return ask(request_id=made.pk, questions=questions, **stories.by("Bruno"))


class TestAnswering:
    def test_shows_each_question_and_the_part_as_it_is(self, asked):
        page = words(signed_in("Amina").get(url_of(asked, "answer/")))
        assert "2 questions from the GAF team" in page
        assert "Since when?" in page
        assert "Left without shelter after an escape." in page
        assert "A national programme · 12 Oct 2026 · No funds" in page

    def test_changes_a_part_and_comes_back(self, asked):
        amina = signed_in("Amina")
        answer = fill(amina, url_of(asked, "edit/situation/?then=answer"), {"situation": "Since Monday."})
        assert answer.url == url_of(asked, "answer/")
        assert stories.now(asked).situation_text == "Since Monday."

    def test_opens_only_the_parts_asked_about(self, asked):
        amina = signed_in("Amina")
        page = amina.get(url_of(asked, "edit/situation/"))
        assert "categories" not in forms_of(page)[-1][1]
        assert "Only what headquarters asked about can be changed now." in words(page)
        assert amina.get(url_of(asked, "edit/person/")).status_code == 409

    def test_sends_the_answers_back_to_who_asked(self, asked):
        said = {"answer_1": "Since Monday.", "answer_2": "They have no funds\r\nthis year."}
        answer = fill(signed_in("Amina"), url_of(asked, "answer/"), said)
        assert answer.url == url_of(asked)
        assert stories.now(asked).state == "ELIGIBILITY_REVIEW"
        assert [q.answer_text for q in asked.questions.all()] == ["Since Monday.", "They have no funds\nthis year."]

    def test_pressed_twice_sends_them_once(self, asked):
        amina = signed_in("Amina")
        page = amina.get(url_of(asked, "answer/"))
        first, second = (send(amina, page, {"answer_1": "One.", "answer_2": "Two."}) for _press in range(2))
        assert first.url == second.url == url_of(asked)
        assert stories.now(asked).version == asked.version + 1

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"answer_1": "Since Monday."}, "Answer “Answer to question 2”."),
            ({"answer_1": "Since Monday.", "answer_2": "   "}, "Answer “Answer to question 2”."),
            ({"answer_1": "Since Monday.", "answer_2": "x" * 3001}, "at most 3000 characters"),
            ({"answer_1": "Since Monday.", "answer_2": "\x00"}, "Null characters are not allowed."),
        ],
    )
    def test_comes_back_with_the_reason_and_what_was_typed(self, asked, said, why):
        before = stories.everything()
        answer = fill(signed_in("Amina"), url_of(asked, "answer/"), said)
        assert answer.status_code == 422
        assert why in words(answer)
        assert forms_of(answer)[-1][1]["answer_1"] == ["Since Monday."]
        assert stories.everything() == before

    def test_from_a_stale_page_keeps_the_text_and_moves_nothing(self, asked):
        amina = signed_in("Amina")
        page = amina.get(url_of(asked, "answer/"))
        edit_situation(request_id=asked.pk, situation="Changed in another window.", **stories.by("Amina"))
        before = stories.everything()
        answer = send(amina, page, {"answer_1": "An answer with many words in it.", "answer_2": "Two."})
        assert answer.status_code == 409
        assert "An answer with many words in it." in words(answer)
        assert stories.everything() == before

    def test_is_not_open_when_nothing_was_asked(self):
        made = stories.a_taken_request()
        assert signed_in("Amina").get(url_of(made, "answer/")).status_code == 409
