"""Cost norms on pages: recorded in the mission, confirmed at headquarters, asked about at the line, shown again."""

from __future__ import annotations

import pytest

from tests import stories
from tests.norms import a_cost_norm, a_norm_in_force
from tests.stories import everything, lines_of, now
from tests.workflow.pages.mission.browsing import day, fill, send, signed_in, url_of, words
from workflow.models import CostNorm

pytestmark = pytest.mark.usefixtures("house")

SAID = {
    "assistance_type": "SHEL",
    "unit": "person-night",
    "usual": "11 500",
    "currency": "XOF",
    "source": "Tariff of the shelters",
    **day("effective_from", "1 11 2026"),
}


class TestTheNorms:
    def test_say_what_they_are_for_while_there_is_none(self):
        page = words(signed_in("Amina").get("/cost-norms/"))
        assert "No cost norm is recorded yet." in page
        assert "Record a cost norm" not in page

    def test_are_recorded_by_the_finance_officer_and_confirmed_by_the_fund_manager(self):
        answer = fill(signed_in("Moussa"), "/cost-norms/new/", SAID)
        assert answer.url == "/cost-norms/"
        made = CostNorm.objects.get()
        assert (made.usual_minor, made.currency, made.state, made.mission.code) == (11_500, "XOF", "RECORDED", "NE")
        helena = signed_in("Helena")
        page = words(helena.get("/cost-norms/"))
        assert "Niger NORM-2026-00001 Shelter and accommodation XOF 11,500 person-night 1 Nov 2026" in page
        fill(helena, f"/cost-norms/{made.key}/confirm/")
        assert CostNorm.objects.get().state == "IN_FORCE"
        assert "Confirmed" in words(helena.get("/cost-norms/?mission=NE&type=SHEL"))
        assert "No norm is recorded for this mission" in words(helena.get("/cost-norms/?mission=MX"))

    def test_pressed_twice_are_recorded_once(self):
        moussa = signed_in("Moussa")
        page = moussa.get("/cost-norms/new/")
        assert [send(moussa, page, SAID).status_code for _press in range(2)] == [302, 302]
        assert CostNorm.objects.count() == 1

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"usual": "0"}, "It is nought."),
            ({"usual": "-4"}, "below nought"),
            ({"usual": "a lot"}, "not a"),
            ({"source": ""}, "Answer “Where the figure comes from”"),
            ({"unit": "boat"}, "Select a valid choice."),
            ({"mission": "999999"}, "Select a valid choice."),
            ({"currency": "KWD"}, "Select a valid choice."),
            (day("effective_from", "31 2 2026"), "day"),
        ],
    )
    def test_come_back_with_the_reason_and_keep_nothing(self, said, why):
        moussa = signed_in("Moussa")
        before = everything()
        answer = fill(moussa, "/cost-norms/new/", {**SAID, **said})
        assert answer.status_code == 422
        assert why in words(answer)
        assert everything() == before

    def test_are_discarded_with_a_reason(self):
        made, helena = a_cost_norm(), signed_in("Helena")
        assert fill(helena, f"/cost-norms/{made.key}/discard/").status_code == 422
        fill(helena, f"/cost-norms/{made.key}/discard/", {"reason": "Another city."})
        assert CostNorm.objects.get().state == "DISCARDED"


class TestALineAboveTheNorm:
    def test_is_told_at_the_line_and_asked_why(self):
        a_norm_in_force("20.00")
        made, amina = stories.plan(stories.an_eligible_request()), signed_in("Amina")
        plan = words(amina.get(url_of(made, "plan/")))
        assert "Line 1 costs 40% above the usual USD 20.00; why is not written." in plan
        assert "3 quotes are needed, 0 on file." in plan
        page = amina.get(url_of(made, "plan/budget/"))
        assert "40% above the usual USD 20.00" in words(page)
        assert page.content.decode().count("price_reason") > 0
        send(amina, page, {"lines-0-price_reason": "The only place with a doctor."})
        assert lines_of(made)[0].price_reason_text == "The only place with a doctor."
        assert "The only place with a doctor." in words(amina.get(url_of(made, "plan/check/")))

    def test_at_the_norm_is_asked_nothing(self):
        a_norm_in_force("28.00")
        made = stories.plan(stories.an_eligible_request())
        page = signed_in("Amina").get(url_of(made, "plan/budget/")).content.decode()
        assert "price_reason" not in page
        assert "above the usual" not in page

    def test_is_shown_to_the_approver_with_its_reason(self):
        made = stories.a_budget_to_approve()
        a_norm_in_force("27.00")
        page = words(signed_in("Chen").get(url_of(made, "approval/")))
        assert "3.7% above the usual USD 27.00" in page
        assert now(made).state == "BUDGET_REVIEW"
