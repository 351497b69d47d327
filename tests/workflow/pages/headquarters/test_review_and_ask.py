"""Reviewing beside the request, and asking about named parts."""

from __future__ import annotations

import pytest
from django.db.models import F

from gaf.decisions.models import Decision
from gaf.sealing import unseal
from tests import stories
from tests.stories import everything, now
from tests.workflow.pages.headquarters.visits import form_on, press, send, signed_in, text_of, url_of, visit
from workflow.actions import eligibility
from workflow.models import AssistanceRequest, EligibilityAnswer
from workflow.views import review

pytestmark = pytest.mark.usefixtures("house")


def yes_to(assistance) -> dict[str, str]:
    """Yes to every criterion."""
    return {f"answer__{criterion.pk}": "YES" for criterion in assistance.criteria_set.criteria.all()}


class TestTheReview:
    def test_shows_the_request_beside_the_criteria_it_is_bound_to(self):
        page = text_of(visit("Bruno", stories.a_taken_request(), "review/"))
        assert "Left without shelter after an escape." in page
        assert "1. Is there a link to migration?" in page
        assert "Criteria, set 1: 0 of 3 answered" in page
        assert "Read: Other help asked" in page

    def test_offers_not_relevant_only_where_the_criterion_may_be(self):
        page = visit("Bruno", stories.a_taken_request(), "review/").content.decode()
        assert page.count('value="NOT_RELEVANT"') == 1

    def test_saves_all_answers_together_and_shows_them_again(self):
        made = stories.a_taken_request()
        answer = press("Bruno", made, "review/", **yes_to(made))
        assert (answer.status_code, answer["Location"]) == (302, url_of(made, "review/"))
        assert list(EligibilityAnswer.objects.values_list("answer", flat=True)) == ["YES"] * 3
        assert (
            form_on(visit("Bruno", made, "review/"))["fields"][f"answer-{made.criteria_set.criteria.first().pk}"]
            == "YES"
        )

    @pytest.mark.parametrize("then", ["refuse_eligibility", "ask"])
    def test_saves_and_goes_on_to_the_decision(self, then):
        made = stories.a_taken_request()
        answer = press("Bruno", made, "review/", then=then, **yes_to(made))
        assert answer["Location"] == url_of(made, f"{then.replace('_', '-')}/")

    def test_confirms_that_it_is_eligible_on_the_same_page_with_its_word(self):
        made = stories.a_taken_request()
        page = text_of(visit("Bruno", made, "review/"))
        assert "The mission is told, and asked for plan and budget." in page
        said = {"then": "confirm_eligibility", "reason": "Nobody else helps her.", **yes_to(made)}
        answer = press("Bruno", made, "review/", **said)

        assert (answer.status_code, answer["Location"]) == (302, url_of(made))
        assert now(made).state == "PLAN_AND_BUDGET"
        decision = Decision.objects.get(act="confirm_eligibility")
        assert unseal(decision.reason) == "Nobody else helps her."
        assert set(decision.facts["answers"].values()) == {"YES"}

    def test_keeps_the_answers_when_something_is_missing_and_says_what(self):
        made = stories.a_taken_request()
        first = made.criteria_set.criteria.first().pk
        said = {"then": "confirm_eligibility", "reason": "Nobody else helps her.", **yes_to(made)}
        answer = press("Bruno", made, "review/", **{**said, f"answer__{first}": ""})

        page = text_of(answer)
        assert answer.status_code == 422
        assert "The answers are saved." in page
        assert "Nobody else helps her." in answer.content.decode()
        assert made.eligibility_answers.count() == 2
        assert now(made).state == "ELIGIBILITY_REVIEW"
        form = form_on(answer)
        form["fields"][f"answer-{first}"] = "YES"
        again = send(signed_in("Bruno"), url_of(made, "review/"), form, then="confirm_eligibility")
        assert (again.status_code, now(made).state) == (302, "PLAN_AND_BUDGET")

    def test_confirms_nothing_on_a_stale_page(self):
        made = stories.a_taken_request()
        before = everything()
        answer = press("Bruno", made, "review/", seen_version="1", then="confirm_eligibility", **yes_to(made))
        assert answer.status_code == 409
        assert everything() == before

    def test_confirms_nothing_when_the_mission_writes_between_the_answers_and_the_decision(self, monkeypatch):
        made = stories.a_taken_request()

        def answered_and_written_in(**said):
            saved = eligibility.answer_criteria(**said)
            AssistanceRequest.objects.filter(pk=made.pk).update(version=F("version") + 1)
            return saved

        monkeypatch.setattr(review, "answer_criteria", answered_and_written_in)
        answer = press("Bruno", made, "review/", then="confirm_eligibility", **yes_to(made))
        assert answer.status_code == 409
        assert now(made).state == "ELIGIBILITY_REVIEW"
        assert not Decision.objects.filter(act="confirm_eligibility").exists()

    def test_goes_nowhere_else_whatever_is_asked(self):
        made = stories.a_taken_request()
        answer = press("Bruno", made, "review/", then="//elsewhere.example", **yes_to(made))
        assert answer["Location"] == url_of(made, "review/")

    def test_asks_a_note_for_a_no_and_saves_nothing_without_it(self):
        made = stories.a_taken_request()
        first = made.criteria_set.criteria.first().pk
        before = everything()
        answer = press("Bruno", made, "review/", **{**yes_to(made), f"answer__{first}": "NO"})
        assert answer.status_code == 422
        assert "Criterion 1: a no needs a note for the file." in text_of(answer)
        assert everything() == before
        assert not EligibilityAnswer.objects.exists()

    def test_refuses_an_answer_that_is_none(self):
        made = stories.a_taken_request()
        first = made.criteria_set.criteria.first().pk
        assert press("Bruno", made, "review/", **{f"answer__{first}": "NOT_RELEVANT"}).status_code == 422
        assert not EligibilityAnswer.objects.exists()

    def test_of_a_stale_page_keeps_the_note_and_saves_nothing(self):
        made = stories.a_taken_request()
        first = made.criteria_set.criteria.first().pk
        note = "A programme exists, and nobody asked it."
        answer = press("Bruno", made, "review/", seen_version="1", **{f"answer__{first}": "NO", f"note__{first}": note})
        assert answer.status_code == 409
        assert note in text_of(answer)
        assert not EligibilityAnswer.objects.exists()

    def test_belongs_to_whoever_took_it(self):
        made = stories.a_taken_request()
        assert "Rule TAKE-01" in text_of(visit("Beatriz", made, "review/"))
        assert visit("Beatriz", made, "review/").status_code == 403
        assert visit("Omar", made, "review/").status_code == 403
        assert visit("Sofía", made, "review/").status_code == 404
        assert visit("Bruno", stories.an_eligible_request(), "review/").status_code == 409


class TestAsking:
    def test_sends_the_questions_that_were_written(self):
        made = stories.a_taken_request()
        said = {"form__0__section": "ALTERNATIVES", "form__0__text": "Which programme, and when?"}
        answer = press("Bruno", made, "ask/", **said)
        assert (answer.status_code, answer["Location"]) == (302, url_of(made))
        assert now(made).state == "CLARIFICATION"
        asked = made.questions.get()
        assert (asked.field_code, asked.question_text) == ("ALTERNATIVES", "Which programme, and when?")

    def test_with_nothing_written_asks_for_a_question(self):
        made = stories.a_taken_request()
        before = everything()
        answer = press("Bruno", made, "ask/")
        assert answer.status_code == 422
        assert "Choose at least one part of the request" in text_of(answer)
        assert everything() == before

    def test_of_half_a_row_says_which_half_is_missing(self):
        made = stories.a_taken_request()
        before = everything()
        answer = press("Bruno", made, "ask/", form__1__text="Until when is the shelter needed?")
        page = text_of(answer)
        assert answer.status_code == 422
        assert "Line 2: Answer “About”." in page
        assert "Until when is the shelter needed?" in page
        assert everything() == before

    def test_gives_one_more_row_and_keeps_what_was_typed(self):
        made, client = stories.a_taken_request(), signed_in("Bruno")
        form = form_on(client.get(url_of(made, "ask/")))
        answer = send(
            client, url_of(made, "ask/"), form, more="1", form__0__section="HELP", form__0__text="How many nights?"
        )
        assert answer.status_code == 200
        again = form_on(answer)
        assert again["fields"]["form-0-text"].strip() == "How many nights?"
        assert again["fields"]["form-3-text"] == ""
        assert send(client, url_of(made, "ask/"), again).status_code == 302
        assert made.questions.get().field_code == "HELP"

    @pytest.mark.parametrize("total", ["", "x", "-3", "99999999999"])
    def test_with_a_broken_number_of_rows_does_not_break(self, total):
        made = stories.a_taken_request()
        before = everything()
        broken = {"form__TOTAL_FORMS": total, "form__0__section": "HELP", "form__0__text": "How many?"}
        assert press("Bruno", made, "ask/", **broken, more="1").status_code == 200
        assert press("Bruno", made, "ask/", **broken).status_code in (302, 422)
        assert now(made).state == "CLARIFICATION" or everything() == before

    def test_of_the_budget_belongs_to_the_approvers(self):
        made = stories.a_budget_to_approve()
        assert visit("Bruno", made, "ask/").status_code == 403
        said = {"form__0__section": "LINES", "form__0__text": "Why so many nights?"}
        assert press("Chen", made, "ask/", **said).status_code == 302
        assert now(made).asked_from == "BUDGET_REVIEW"
