"""What a first day costs, and publishing new criteria in three languages (J19, J20)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cms.models import CriteriaPage
from gaf.decisions.models import Decision
from tests.journeys.counting import Person, told
from tests.journeys.journey import write_from
from tests.journeys.travelling import a_request, conditions, sign_in, stage  # noqa: F401  # fixtures
from workflow.models import AssistanceRequest, CriteriaSet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUESTIONS = {
    "en": "Is the need tied to migration?",
    "fr": "Le besoin est-il lié à la migration ?",
    "es": "¿La necesidad está ligada a la migración?",
}


def write_a_question(farid: Person, words: str) -> None:
    """In the editor: over the first question, and kept as a draft."""
    farid.cost.acts += 1
    farid.cost.decisions += 1
    farid.cost.words_typed += len(words.split())
    farid.page.fill("input[name=criteria-0-value-question]", words)
    farid.follow("Save draft", "button")


def test_j19_new_criteria_in_three_languages(stage, sign_in):  # noqa: F811
    kept = a_request(stage, "taken")
    before = CriteriaSet.objects.count()
    farid = sign_in("farid")
    pages = {page.locale.language_code: page for page in CriteriaPage.objects.select_related("locale")}
    for language, words in QUESTIONS.items():
        farid.open("/cms/")
        farid.leave_by(f"main li a[href$='/pages/{pages[language].pk}/edit/']")
        write_a_question(farid, words)
    cost = told("J19 Farid", farid.cost)

    leila = sign_in("leila")
    for language in ("fr", "es", "en"):
        leila.open("/cms/")
        assert "1 open request keeps the version it came under" in leila.page.inner_text("main")
        leila.leave_by(f"a[href*='/second-reading/{pages[language].pk}/']")
        if language != "en":
            leila.click_on("label:has-text('The English draft')")
        leila.follow("I read it: publish it", "button")
    read = told("J19 Leila", leila.cost)
    assert (cost.pages, cost.acts) == (9, 9)  # each language: the desk, its page, a question and the button
    assert (read.pages, read.acts) == (9, 8)  # each language: the desk, its page, what it follows, and the button
    newest = CriteriaSet.objects.order_by("-number").first()
    assert CriteriaSet.objects.count() == before + 1
    assert newest.criteria.first().question == QUESTIONS["en"]
    assert AssistanceRequest.objects.get(reference=kept).criteria_set != newest
    leila.open("/cms/")
    expect(leila.page.get_by_text("there is no draft")).to_be_visible()


def test_j20_from_signing_in_to_a_sent_training_request(stage, sign_in):  # noqa: F811
    lena = sign_in("lena")
    lena.cost = lena.signing_in
    lena.open("/desk/")
    reference = write_from(lena.follow("Ask for help for a person, and send the request."))
    cost = told("J20", lena.cost)
    made = AssistanceRequest.objects.get(reference=reference)
    assert (made.state, made.mission.is_training) == ("SUBMITTED", True)
    assert Decision.objects.filter(reference=reference, act="submit", actor__name="Lena").exists()
    assert cost.seconds(phone=False) <= 600
    page = sign_in("pavel").open(f"/requests/{reference}/endorse/").form().press()
    assert reference in page.words
    assert AssistanceRequest.objects.get(reference=reference).state == "ELIGIBILITY_REVIEW"
