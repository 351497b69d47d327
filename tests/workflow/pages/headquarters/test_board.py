"""The board: open requests by stage; moving a card leads to the act that does it, or says why none may."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.cast import criteria
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house")]

_COLUMN = re.compile(r'<section class="card" data-stage="(\d)".*?</section>', re.DOTALL)
_CARD = re.compile(r'<li data-move="[^"]*"><a href="/requests/([^/]*)/">')
REQUEST, ELIGIBILITY, PLAN, APPROVAL, PAYMENT, REPORT = range(1, 7)


def board(name: str, line: str = "") -> dict[int, list[str]]:
    """The cards a person sees in each stage that has any."""
    page = signed_in(name).get("/requests/board/", {"q": line})
    assert page.status_code == 200
    found = {int(one[1]): _CARD.findall(one[0]) for one in _COLUMN.finditer(page.content.decode())}
    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    return {stage: cards for stage, cards in found.items() if cards}


def moved(name: str, made: AssistanceRequest, to: int | str):
    """What a person gets who drags a card to a stage."""
    return signed_in(name).get("/requests/board/move/", {"reference": made.reference, "to": to})


class TestTheBoard:
    def test_has_each_open_request_in_the_stage_it_stands_in_and_none_that_ended(self):
        stories.a_declined_request()
        made = {
            REQUEST: stories.a_submitted_request(),
            ELIGIBILITY: stories.a_taken_request(),
            PLAN: stories.an_eligible_request(),
            APPROVAL: stories.a_budget_to_approve(),
        }
        assert board("Omar") == {stage: [one.reference] for stage, one in made.items()}

    def test_leaves_what_is_held_where_it_was_held(self):
        held = stories.hold(stories.a_taken_request())
        assert board("Omar") == {ELIGIBILITY: [held.reference]}

    def test_is_narrowed_by_the_words_of_the_list(self):
        mine, _other = stories.a_taken_request(), stories.an_endorsed_request()
        assert board("Bruno", "who:me") == {ELIGIBILITY: [mine.reference]}
        assert board("Bruno", "whom:me") == {}

    def test_has_what_its_reader_may_see_and_counts_no_more(self):
        stories.a_submitted_request(author="Sofía", code="MX")
        own = stories.a_submitted_request()
        assert board("Amina") == {REQUEST: [own.reference]}
        assert "Board 1 " in text_of(signed_in("Amina").get("/requests/board/"))

    def test_has_the_next_due_on_top_and_says_how_many_more_there_are(self, monkeypatch):
        monkeypatch.setattr("workflow.views.board.CARDS_A_STAGE", 1)
        stories.an_endorsed_request(priority="P4")
        urgent = stories.an_endorsed_request(priority="P2")
        assert board("Omar") == {ELIGIBILITY: [urgent.reference]}
        assert "The first 1 of 2." in text_of(signed_in("Omar").get("/requests/board/"))

    def test_asks_the_same_whatever_the_number_of_cards(self):
        def queries() -> int:
            client = signed_in("Omar")
            with CaptureQueriesContext(connection) as asked:
                client.get("/requests/board/")
            return len(asked)

        stories.a_submitted_request()
        few = queries()
        stories.a_taken_request(), stories.a_draft()
        assert queries() == few <= 15

    def test_has_a_link_on_each_card_for_those_who_do_not_drag(self):
        made = stories.a_taken_request()
        page = signed_in("Bruno").get("/requests/board/").content.decode()
        assert f'<a href="/requests/board/move/?reference={made.reference}">Move…' in page


class TestMovingACard:
    @pytest.fixture(autouse=True)
    def _criteria_in_force(self, house):
        criteria()

    def test_leads_straight_to_the_page_of_the_one_act_that_does_it(self):
        made = stories.a_submitted_request()
        assert moved("Idriss", made, ELIGIBILITY)["Location"] == f"/requests/{made.reference}/endorse/"

    def test_leads_a_reviewer_to_the_review(self):
        made = stories.a_taken_request()
        assert moved("Bruno", made, PLAN)["Location"] == f"/requests/{made.reference}/review/"

    def test_says_which_rule_refuses_it_and_changes_nothing(self):
        made = stories.a_submitted_request()
        answer = moved("Bruno", made, ELIGIBILITY)
        assert answer.status_code == 200
        assert "Endorse and send to the GAF team" in text_of(answer)
        assert "ROLE-02" in text_of(answer)
        assert stories.now(made).state == "SUBMITTED"

    def test_to_where_no_act_leads_says_so(self):
        made = stories.a_submitted_request()
        assert "No act leads from here to “Payment”." in text_of(moved("Idriss", made, PAYMENT))

    @pytest.mark.parametrize("to", ["", "0", "7", "x", "²"])
    def test_to_no_stage_shows_every_act(self, to):
        made = stories.a_submitted_request()
        page = html.unescape(moved("Idriss", made, to).content.decode())
        assert f'href="/requests/{made.reference}/endorse/"' in page

    def test_of_what_one_may_not_see_finds_nothing(self):
        made = stories.a_submitted_request(author="Sofía", code="MX")
        assert moved("Amina", made, ELIGIBILITY).status_code == 404

    def test_never_moves_anything_by_itself(self):
        made = stories.a_submitted_request()
        before = stories.now(made).version
        moved("Idriss", made, ELIGIBILITY)
        assert (stories.now(made).state, stories.now(made).version) == ("SUBMITTED", before)
