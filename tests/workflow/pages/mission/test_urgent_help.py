"""Urgent help is asked for on one screen: a whole request is sent to the duty officer, or none is made."""

from __future__ import annotations

import pytest

from gaf.outbox.models import OutboxMessage
from tests import stories
from tests.cast import criteria, mission, person
from tests.workflow.pages.mission.browsing import fill, forms_of, send, signed_in, url_of, words
from workflow.models import AssistanceRequest, Person

pytestmark = pytest.mark.usefixtures("house")

URL = "/requests/new/urgent/"
SENTENCE = "Followed by two men, no place to sleep."
SAID = {
    "persons": "3",
    "children": "1",
    "dangers": ["VIOLENCE", "NO_SHELTER"],
    "primary": "VEA_RISK",
    "needs": ["SHEL", "FOOD", "SAFE"],
    "rough_cost": "100 000",
    "currency": "XOF",
    "situation": SENTENCE,
    "consent": "VERBAL",
}


@pytest.fixture
def amina():
    criteria()
    for name in ("Idriss", "Gloria"):
        person(name)
    return signed_in("Amina")


class TestUrgentHelp:
    def test_is_with_the_duty_officer_after_one_press(self, amina):
        answer = fill(amina, URL, SAID)
        made = AssistanceRequest.objects.get()
        assert answer.url == url_of(made, "sent/")
        assert (made.state, made.is_urgent, made.priority) == ("ELIGIBILITY_REVIEW", True, "P1")
        assert sorted(made.persons.values_list("sex", "age_band", "nationality")) == [
            ("U", "adult", "XXX"),
            ("U", "adult", "XXX"),
            ("U", "child", "XXX"),
        ]
        assert made.situation_text == f"Danger: Violence or threat, No shelter.\n{SENTENCE}"
        assert (made.consent.mode, made.consent.purposes) == ("VERBAL", ["ASSISTANCE"])
        assert stories.told("urgent_help_asked") == {"Gloria"}
        receipt = words(amina.get(answer.url))
        assert "Gloria is on duty and has it." in receipt
        assert made.reference in receipt

    def test_spreads_the_cost_so_that_it_adds_up(self, amina):
        fill(amina, URL, SAID)
        costs = [str(row.rough_cost) for row in AssistanceRequest.objects.get().help_asked.order_by("pk")]
        assert costs == ["XOF 33,334", "XOF 33,333", "XOF 33,333"]

    def test_records_the_reason_where_consent_was_not_possible(self, amina):
        fill(amina, URL, {**SAID, "consent": "EXCEPTION", "exception_reason": "Unconscious."})
        consent = AssistanceRequest.objects.get().consent
        assert (consent.mode, consent.exception_text) == ("EXCEPTION", "Unconscious.")

    def test_pressed_twice_is_one_request(self, amina):
        page = amina.get(URL)
        first, second = (send(amina, page, SAID) for _press in range(2))
        assert first.url == second.url
        assert (AssistanceRequest.objects.count(), Person.objects.count()) == (1, 3)

    def test_leaves_nothing_behind_when_it_cannot_be_sent(self, amina, monkeypatch):
        page = amina.get(URL)
        monkeypatch.setattr("workflow.obstacles._CHECKS", {"send_urgent": lambda assistance: iter(["Not tonight."])})
        answer = send(amina, page, SAID)
        assert answer.status_code == 422
        assert "Not tonight." in words(answer)
        assert AssistanceRequest.objects.count() == Person.objects.count() == OutboxMessage.objects.count() == 0
        monkeypatch.undo()
        assert send(amina, answer).status_code == 302
        assert AssistanceRequest.objects.count() == 1

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"persons": "0"}, "Write a whole number from 1 to 60."),
            ({"persons": "61"}, "Write a whole number from 1 to 60."),
            ({"persons": "NaN"}, "Write a whole number from 1 to 60."),
            ({"persons": ""}, "Answer “How many persons?”."),
            ({"children": "-1"}, "Write a whole number from 0 to 60."),
            ({"children": "4"}, "There are more children than persons."),
            ({"primary": "UAC", "children": "0"}, "no person is a child"),
            ({"primary": "IRREG"}, "Select a valid choice."),
            ({"primary": None}, "Answer “Which situation fits best?”."),
            ({"dangers": None}, "Answer “Which danger?”."),
            ({"needs": ["TRVL"]}, "Select a valid choice."),
            ({"needs": None}, "Answer “What is needed tonight?”."),
            ({"rough_cost": ""}, "Answer “Rough cost of all this”."),
            ({"rough_cost": "NaN"}, "It is not a"),
            ({"rough_cost": "-1"}, "It is below nought."),
            ({"rough_cost": "1.50"}, "XOF has 0 decimals"),
            ({"currency": "EUR"}, "Select a valid choice."),
            ({"situation": ""}, "Answer “In one sentence, without name or address”."),
            ({"situation": "x" * 301}, "at most 300 characters"),
            ({"consent": "EXCEPTION"}, "Write why it was not possible yet."),
            ({"consent": None}, "Answer “Does the person agree?”."),
            ({"language": "xx"}, "Select a valid choice."),
            ({"idempotency_key": "../../"}, "Open this page again."),
        ],
    )
    def test_comes_back_with_the_reason_and_what_was_typed(self, amina, said, why):
        answer = fill(amina, URL, {**SAID, **said})
        assert answer.status_code == 422
        assert why in words(answer)
        if "situation" not in said:
            assert forms_of(answer)[-1][1]["situation"] == [SENTENCE]
        assert AssistanceRequest.objects.count() == 0

    def test_cannot_be_asked_for_another_mission(self, amina):
        answer = fill(amina, URL, {**SAID, "mission": str(mission("MX").pk)})
        assert answer.status_code == 422
        assert AssistanceRequest.objects.count() == 0
