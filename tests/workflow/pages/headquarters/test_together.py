"""One act on several requests: each asked by itself, with a result for each, and never an approval of money."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse

from gaf.decisions.models import Decision
from tests import stories
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.models import AssistanceRequest, Following
from workflow.policy import ACTS
from workflow.together import TOGETHER

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house")]

MONEY = {act for act in ACTS if re.search(r"approv|budget|allow|certif|release|commit|honour|pay|close|report", act)}


def pressed(name: str, act: str, *made: AssistanceRequest, **said: str) -> HttpResponse:
    """Tick, look once more, press; what the person reads at the end, or the page that asks again."""
    client = signed_in(name)
    references = [one.reference for one in made]
    page = client.get("/requests/together/", {"act": act, "references": references})
    assert page.status_code == 200
    key = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page.content.decode())[1]
    form = {"act": act, "references": references, "idempotency_key": key, **said}
    answers = [client.post("/requests/together/?save=1", form) for _press in range(2)]
    if answers[0].status_code != 302:
        return answers[0]
    assert answers[0]["Location"] == answers[1]["Location"]
    return client.get(answers[0]["Location"])


class TestTakingSeveral:
    def test_gives_each_to_whoever_pressed_and_once(self):
        made = [stories.an_endorsed_request(), stories.an_endorsed_request()]
        page = pressed("Bruno", "take", *made, no_tie="on")
        assert "Done on 2 requests" in text_of(page)
        assert [stories.now(one).taken_by.name for one in made] == ["Bruno", "Bruno"]
        assert Decision.objects.filter(act="take").count() == 2

    def test_says_of_each_that_refuses_which_rule_and_takes_the_others(self):
        free, has_it, early = stories.an_endorsed_request(), stories.a_taken_request(), stories.a_submitted_request()
        before = Decision.objects.count()
        page = text_of(pressed("Bruno", "take", free, has_it, early, no_tie="on"))
        assert "Done on 1 request" in page
        assert "2 stayed as they were." in page
        assert page.count("STATE-02") + page.count("TAKE") >= 1
        assert stories.now(free).taken_by.name == "Bruno"
        assert stories.now(early).state == "SUBMITTED"
        assert Decision.objects.count() == before + 1

    def test_asks_for_the_word_that_there_is_no_tie(self):
        made = stories.an_endorsed_request()
        page = pressed("Bruno", "take", made)
        assert page.status_code == 422
        assert "Say that you have no tie to any of them" in text_of(page)
        assert stories.now(made).taken_by is None

    @pytest.mark.parametrize("name", ["Chen", "Amina", "Omar"])
    def test_is_refused_row_by_row_to_who_may_not(self, name):
        made = stories.an_endorsed_request()
        assert "ROLE-02" in text_of(pressed(name, "take", made, no_tie="on"))
        assert stories.now(made).taken_by is None


class TestFollowingSeveral:
    def test_follows_and_leaves_each(self):
        made = [stories.an_endorsed_request(), stories.a_submitted_request()]
        pressed("Omar", "follow", *made)
        assert list(Following.objects.values_list("person__name", "follows")) == [("Omar", True)] * 2
        pressed("Omar", "leave", *made)
        assert list(Following.objects.values_list("person__name", "follows")) == [("Omar", False)] * 2

    def test_leaves_out_what_one_may_not_see(self):
        other = stories.a_submitted_request(author="Sofía", code="MX")
        page = signed_in("Amina").get("/requests/together/", {"act": "follow", "references": [other.reference]})
        assert other.reference not in page.content.decode()
        assert "Nothing was ticked." in text_of(page)


class TestWhatIsNeverDoneTogether:
    def test_is_any_act_about_money(self):
        assert {"approve_budget", "certify_funds"} <= MONEY
        assert set(TOGETHER) & MONEY == set()

    @pytest.mark.parametrize("act", ["approve_budget", "certify_funds", "close", ""])
    def test_is_not_there_when_asked_for(self, act):
        made = stories.a_budget_to_approve()
        client = signed_in("Chen")
        form = {"act": act, "references": [made.reference]}
        assert client.get("/requests/together/", form).status_code == 404
        assert client.post("/requests/together/?save=1", form).status_code == 404
        assert stories.now(made).state == "BUDGET_REVIEW"


class TestTheList:
    def test_has_a_box_on_each_row_and_the_buttons_of_its_reader(self):
        made = stories.an_endorsed_request()
        bruno = signed_in("Bruno").get("/requests/").content.decode()
        assert f'name="references" value="{made.reference}" form="together"' in bruno
        assert 'name="act" value="take"' in bruno
        assert 'name="act" value="take"' not in signed_in("Chen").get("/requests/").content.decode()
