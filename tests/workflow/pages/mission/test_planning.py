"""Plan and budget: each mission writes its own lines, and the lead sends them when nothing is missing."""

from __future__ import annotations

import pytest

from gaf import clock
from tests import stories
from tests.cast import mission, person, rate
from tests.workflow.pages.mission.browsing import fill, forms_of, send, signed_in, url_of, words
from workflow.actions.planning import edit_plan
from workflow.models import BudgetLine

pytestmark = pytest.mark.usefixtures("house")

LINE = {
    "lines-0-assistance_type": "SHEL",
    "lines-0-description": "Safe shelter",
    "lines-0-unit": "person-night",
    "lines-0-quantity": "21",
    "lines-0-unit_cost": "16 000",
    "lines-0-currency": "XOF",
}


@pytest.fixture
def eligible():
    rate("XOF")
    return stories.an_eligible_request()


@pytest.fixture
def amina():
    return signed_in("Amina")


class TestThePlan:
    def test_lists_what_is_to_be_written_and_how_far_it_is(self, eligible, amina):
        page = words(amina.get(url_of(eligible, "plan/")))
        assert "Assistance plan Niger – Not started" in page
        assert "Budget lines Niger 0 lines Not started" in page
        stories.plan(eligible)
        page = words(amina.get(url_of(eligible, "plan/")))
        assert "Budget lines Niger 2 lines Completed" in page
        assert "Asked in all: USD 928.00" in page

    def test_keeps_the_text_and_the_months(self, eligible, amina):
        said = {"plan": "Shelter, then care.", "delivery_months": "3"}
        answer = fill(amina, url_of(eligible, "plan/assistance/"), said)
        assert answer.url == url_of(eligible, "plan/")
        now = stories.now(eligible)
        assert (now.plan_text, now.delivery_months) == ("Shelter, then care.", 3)

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"plan": ""}, "Answer “What will be done?”."),
            ({"plan": "x" * 4001}, "at most 4000 characters"),
            ({"delivery_months": ""}, "Answer “For how many months?”."),
            ({"delivery_months": "0"}, "Write a whole number from 1 to 12."),
            ({"delivery_months": "13"}, "Write a whole number from 1 to 12."),
            ({"delivery_months": "-3"}, "Write a whole number from 1 to 12."),
            ({"delivery_months": "NaN"}, "Write a whole number from 1 to 12."),
            ({"delivery_months": "2.5"}, "Write a whole number from 1 to 12."),
        ],
    )
    def test_comes_back_with_the_reason_and_changes_nothing(self, eligible, amina, said, why):
        before = stories.everything()
        typed = {"plan": "Shelter, then care.", "delivery_months": "3", **said}
        answer = fill(amina, url_of(eligible, "plan/assistance/"), typed)
        assert answer.status_code == 422
        assert why in words(answer)
        assert forms_of(answer)[-1][1]["delivery_months"] == [typed["delivery_months"]]
        assert stories.everything() == before

    def test_is_not_open_before_eligibility(self, amina):
        made = stories.a_taken_request()
        for page in ("plan/", "plan/assistance/", "plan/budget/", "plan/check/"):
            assert amina.get(url_of(made, page)).status_code in (403, 409)


class TestTheLines:
    def test_are_worked_out_at_the_rate_of_the_day(self, eligible, amina):
        answer = fill(amina, url_of(eligible, "plan/budget/"), LINE, totals="1")
        assert answer.url == url_of(eligible, "plan/budget/")
        line = BudgetLine.objects.get()
        assert (str(line.local), str(line.usd), line.persons.count()) == ("XOF 336,000", "USD 587.41", 1)
        page = words(amina.get(answer.url))
        assert "XOF 336,000 ( USD 587.41 at 572)" in page
        assert "Saved lines of your mission: USD 587.41 ( XOF 336,000 )" in page

    def test_may_be_in_dollars(self, eligible, amina):
        fill(amina, url_of(eligible, "plan/budget/"), {**LINE, "lines-0-unit_cost": "28.50", "lines-0-currency": "USD"})
        assert str(BudgetLine.objects.get().usd) == "USD 598.50"

    def test_are_added_one_below_the_other_by_a_button(self, eligible, amina):
        page = fill(amina, url_of(eligible, "plan/budget/"), LINE, add="lines")
        assert page.status_code == 200
        assert BudgetLine.objects.count() == 0
        second = {name.replace("-0-", "-1-"): value for name, value in LINE.items()}
        assert send(amina, page, {**second, "lines-1-assistance_type": "HLTH"}).url == url_of(eligible, "plan/")
        assert [line.assistance_type for line in eligible.lines.all()] == ["SHEL", "HLTH"]

    def test_are_taken_out_by_the_button_of_their_row(self, eligible, amina):
        stories.plan(eligible)
        page = fill(amina, url_of(eligible, "plan/budget/"), remove="lines-0")
        assert BudgetLine.objects.count() == 2
        assert send(amina, page).status_code == 302
        assert [line.assistance_type for line in eligible.lines.all()] == ["HLTH"]

    def test_stay_as_they_are_when_nothing_was_changed(self, eligible, amina):
        stories.plan(eligible)
        before = stories.everything()
        assert fill(amina, url_of(eligible, "plan/budget/")).status_code == 302
        assert stories.everything() == before

    def test_pressed_twice_are_written_once(self, eligible, amina):
        page = amina.get(url_of(eligible, "plan/budget/"))
        first, second = (send(amina, page, LINE) for _press in range(2))
        assert (first.status_code, second.status_code) == (302, 409)
        assert BudgetLine.objects.count() == 1

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"lines-0-assistance_type": "GOLD"}, "Select a valid choice."),
            ({"lines-0-description": ""}, "Line 1: Answer “Description”."),
            ({"lines-0-description": "x" * 201}, "at most 200 characters"),
            ({"lines-0-unit": "boat"}, "Select a valid choice."),
            ({"lines-0-quantity": ""}, "Line 1: Answer “Quantity”."),
            ({"lines-0-quantity": "0"}, "Write a quantity above nought."),
            ({"lines-0-quantity": "-2"}, "Write a number such as 12 or 2.5"),
            ({"lines-0-quantity": "NaN"}, "Write a number such as 12 or 2.5"),
            ({"lines-0-quantity": "1.234"}, "Write a number such as 12 or 2.5"),
            ({"lines-0-quantity": "1e5"}, "Write a number such as 12 or 2.5"),
            ({"lines-0-quantity": "9999999"}, "Write a number such as 12 or 2.5"),
            ({"lines-0-unit_cost": ""}, "Line 1: Answer “Unit cost”."),
            ({"lines-0-unit_cost": "0"}, "Write a cost above nought"),
            ({"lines-0-unit_cost": "-5"}, "It is below nought."),
            ({"lines-0-unit_cost": "Infinity"}, "It is not a"),
            ({"lines-0-unit_cost": "12.50"}, "XOF has 0 decimals"),
            ({"lines-0-unit_cost": "1" * 14}, "more than any request can cost"),
            ({"lines-0-currency": "KWD"}, "Select a valid choice."),
            ({"lines-0-persons": ["PER-OTHERONE"]}, "Select a valid choice."),
            ({"lines-0-persons": None}, "Answer “For whom”."),
            ({"lines-0-line_id": "999999"}, "One of these lines is not yours"),
            ({"lines-0-line_id": "9" * 40}, "There is a problem"),
            ({"lines-0-mission": "999999"}, "Select a valid choice."),
            ({"lines-TOTAL_FORMS": "100000"}, "submit at most 60 forms"),
        ],
    )
    def test_come_back_with_the_reason_and_change_nothing(self, eligible, amina, said, why):
        before = stories.everything()
        answer = fill(amina, url_of(eligible, "plan/budget/"), {**LINE, **said})
        assert answer.status_code == 422
        assert why in words(answer)
        assert BudgetLine.objects.count() == 0
        assert stories.everything() == before

    def test_say_when_no_rate_is_approved(self, amina):
        made = stories.an_eligible_request()
        before = stories.everything()
        answer = fill(amina, url_of(made, "plan/budget/"), LINE)
        assert answer.status_code == 422
        assert "No rate of XOF is approved" in words(answer)
        assert forms_of(answer)[-1][1]["lines-0-unit_cost"] == ["16 000"]
        assert stories.everything() == before

    def test_from_a_stale_page_change_nothing(self, eligible, amina):
        page = amina.get(url_of(eligible, "plan/budget/"))
        stories.plan(eligible)
        before = stories.everything()
        assert send(amina, page, LINE).status_code == 409
        assert stories.everything() == before


class TestTwoMissions:
    @pytest.fixture
    def shared(self):
        made = stories.an_eligible_request(others=["MX"])
        stories.plan(made, [stories.SHELTER])
        return made

    def test_read_each_other_and_write_their_own(self, shared):
        sofia = signed_in("Sofía")
        page = sofia.get(url_of(shared, "plan/budget/"))
        assert "Lines you can read only" in words(page)
        assert forms_of(page)[-1][1]["lines-0-line_id"] == [""]
        dollars = {**LINE, "lines-0-currency": "USD", "lines-0-unit_cost": "10"}
        assert send(sofia, page, dollars).status_code == 302
        assert [line.mission.code for line in shared.lines.all()] == ["NE", "MX"]

    def test_cannot_touch_each_others_lines(self, shared):
        theirs = shared.lines.get().pk
        before = stories.everything()
        dollars = {**LINE, "lines-0-currency": "USD", "lines-0-unit_cost": "10"}
        answer = fill(signed_in("Sofía"), url_of(shared, "plan/budget/"), {**dollars, "lines-0-line_id": str(theirs)})
        assert answer.status_code == 422
        assert stories.everything() == before

    def test_cannot_write_for_each_other(self, shared):
        before = stories.everything()
        dollars = {**LINE, "lines-0-currency": "USD", "lines-0-mission": str(mission("NE").pk)}
        answer = fill(signed_in("Sofía"), url_of(shared, "plan/budget/"), dollars)
        assert answer.status_code == 422
        assert stories.everything() == before

    def test_leave_the_sending_to_the_lead(self, shared):
        sofia = signed_in("Sofía")
        assert "Niger leads this request" in words(sofia.get(url_of(shared, "plan/")))
        assert sofia.get(url_of(shared, "plan/check/")).status_code == 403


class TestSendingTheBudget:
    def test_hands_it_to_the_approvers(self, eligible, amina):
        person("Chen")
        stories.plan(eligible)
        answer = fill(amina, url_of(eligible, "plan/check/"), {"declared": "on"})
        assert answer.url == url_of(eligible)
        assert stories.now(eligible).state == "BUDGET_REVIEW"
        assert "Chen" in stories.told("budget_to_approve")

    def test_says_everything_that_is_missing(self, eligible, amina):
        before = stories.everything()
        page = amina.get(url_of(eligible, "plan/check/"))
        assert "The budget has no line. Answer now" in words(page)
        answer = send(amina, page, {"declared": "on"})
        assert answer.status_code == 422
        assert "The assistance plan is not written." in words(answer)
        assert stories.everything() == before

    def test_needs_the_declaration(self, eligible, amina):
        stories.plan(eligible)
        before = stories.everything()
        assert fill(amina, url_of(eligible, "plan/check/")).status_code == 422
        assert stories.everything() == before

    def test_pressed_twice_sends_it_once(self, eligible, amina):
        made = stories.plan(eligible)
        page = amina.get(url_of(eligible, "plan/check/"))
        first, second = (send(amina, page, {"declared": "on"}) for _press in range(2))
        assert first.url == second.url == url_of(eligible)
        assert stories.now(eligible).version == made.version + 1

    def test_from_a_stale_page_moves_nothing(self, eligible, amina):
        stories.plan(eligible)
        page = amina.get(url_of(eligible, "plan/check/"))
        edit_plan(request_id=eligible.pk, plan="Another plan.", actor=person("Amina"), at=clock.now())
        before = stories.everything()
        assert send(amina, page, {"declared": "on"}).status_code == 409
        assert stories.everything() == before

    def test_stands_on_the_check_page(self, eligible, amina):
        assert amina.get(url_of(eligible, "send-budget/")).url == url_of(eligible, "plan/check/")
        assert amina.get(url_of(eligible, "plan/documents/")).url == url_of(eligible, "documents/?then=plan")
