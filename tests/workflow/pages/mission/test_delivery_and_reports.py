"""Persons who leave, the end of help, urgent costs and reports: each from its page, once, and whole."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import stories
from tests.cast import person
from tests.workflow.pages.mission.browsing import day, fill, forms_of, send, signed_in, url_of, words
from workflow.actions.drafting import PersonText
from workflow.models import Report

pytestmark = pytest.mark.usefixtures("house")

TWO = (stories.WOMAN, PersonText("M", "0-4", "NG"))


def keys_of(made) -> list[str]:
    return list(made.persons.order_by("pk").values_list("key", flat=True))


class TestPersonsWhoLeave:
    @pytest.fixture
    def approved(self):
        return stories.an_approved_request(persons=TWO)

    def test_take_their_share_of_each_line_with_them(self, approved):
        amina, leaving = signed_in("Amina"), keys_of(approved)[:1]
        page = fill(amina, url_of(approved, "withdraw-persons/"), {"person_keys": leaving}, work_out="1")
        assert page.status_code == 200
        fields = forms_of(page)[-1][1]
        assert (fields["cancel_L1"], fields["cancel_L2"]) == (["10.5"], ["0.5"])
        answer = send(amina, page, {"reason_code": "REFERRED", "cancel_L2": "0"})
        assert answer.url == url_of(approved)
        first, second = stories.lines_of(approved)
        assert (first.granted_quantity, second.granted_quantity) == (Decimal("10.50"), Decimal("1.00"))
        assert str(first.granted_usd) == "USD 294.00"
        assert approved.persons.get(key=leaving[0]).left_code == "REFERRED"

    def test_are_worked_out_before_anything_is_done(self, approved):
        before = stories.everything()
        said = {"person_keys": keys_of(approved)[:1], "reason_code": "REFERRED"}
        page = fill(signed_in("Amina"), url_of(approved, "withdraw-persons/"), said)
        assert page.status_code == 200
        assert "nothing is done yet" in words(page)
        assert stories.everything() == before

    def test_need_no_quantities_before_approval(self):
        made = stories.a_taken_request(persons=TWO)
        said = {"person_keys": keys_of(made)[:1], "reason_code": "DECLINED_HELP"}
        assert fill(signed_in("Amina"), url_of(made, "withdraw-persons/"), said).url == url_of(made)
        assert made.persons.exclude(left_code="").count() == 1

    def test_pressed_twice_leave_once(self, approved):
        amina = signed_in("Amina")
        said = {"person_keys": keys_of(approved)[:1], "reason_code": "REFERRED"}
        page = fill(amina, url_of(approved, "withdraw-persons/"), said, work_out="1")
        first, second = (send(amina, page) for _press in range(2))
        assert first.url == second.url == url_of(approved)
        assert stories.now(approved).version == approved.version + 1

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"person_keys": None}, "Choose who leaves."),
            ({"person_keys": ["PER-OTHERONE"]}, "does not take part"),
            ({"reason_code": ""}, "Answer “Why?”."),
            ({"reason_code": "BORED"}, "Select a valid choice."),
            ({"reason": "x" * 1001}, "at most 1000 characters"),
            ({"cancel_L1": "22"}, "The line has 21.00 units left."),
            ({"cancel_L1": "-1"}, "Write a number such as"),
            ({"cancel_L1": "NaN"}, "Write a number such as"),
            ({"cancel_L1": "1.005"}, "Write a number such as"),
        ],
    )
    def test_come_back_with_the_reason_and_change_nothing(self, approved, said, why):
        amina = signed_in("Amina")
        first = {"person_keys": keys_of(approved)[:1], "reason_code": "REFERRED"}
        page = fill(amina, url_of(approved, "withdraw-persons/"), first, work_out="1")
        before = stories.everything()
        answer = send(amina, page, said)
        assert answer.status_code == 422
        assert why in words(answer)
        assert stories.everything() == before

    def test_from_a_stale_page_change_nothing(self, approved):
        amina = signed_in("Amina")
        page = fill(
            amina,
            url_of(approved, "withdraw-persons/"),
            {"person_keys": keys_of(approved)[:1], "reason_code": "REFERRED"},
            work_out="1",
        )
        stories.certify(approved)
        before = stories.everything()
        assert send(amina, page).status_code == 409
        assert stories.everything() == before


class TestTheEndOfHelp:
    def test_is_recorded_once_and_reports_are_due(self):
        made, amina = stories.an_implementing_request(), signed_in("Amina")
        page = amina.get(url_of(made, "end-delivery/"))
        first, second = (send(amina, page) for _press in range(2))
        assert first.url == second.url == url_of(made)
        now = stories.now(made)
        assert (now.state, now.version) == ("REPORTING", made.version + 1)

    def test_is_not_open_before_help_began(self):
        made = stories.an_approved_request()
        assert signed_in("Amina").get(url_of(made, "end-delivery/")).status_code == 409

    def test_is_not_for_mission_finance(self):
        made = stories.an_implementing_request()
        assert signed_in("Moussa").get(url_of(made, "end-delivery/")).status_code == 404


class TestUrgentCosts:
    @pytest.fixture
    def allowed(self):
        return stories.an_urgent_request(allowed="400.00")

    def test_are_honoured_as_reported(self, allowed):
        moussa = signed_in("Moussa")
        page = moussa.get(url_of(allowed, "report-urgent-costs/"))
        assert "Allowed USD 400.00" in words(page)
        assert send(moussa, page, {"amount": "123,45"}).url == url_of(allowed)
        allowed.allowance.refresh_from_db()
        assert allowed.allowance.reported_minor == 12345

    def test_may_be_nothing(self, allowed):
        fill(signed_in("Moussa"), url_of(allowed, "report-urgent-costs/"), {"amount": "0"})
        allowed.allowance.refresh_from_db()
        assert allowed.allowance.reported_minor == 0

    def test_pressed_twice_are_reported_once(self, allowed):
        moussa = signed_in("Moussa")
        page = moussa.get(url_of(allowed, "report-urgent-costs/"))
        first, second = (send(moussa, page, {"amount": "100"}) for _press in range(2))
        assert first.url == second.url
        assert stories.now(allowed).version == allowed.version + 1

    @pytest.mark.parametrize(
        ("amount", "why"),
        [
            ("", "Answer “Spent under the allowance, in USD”."),
            ("400.01", "USD 400.00 were allowed."),
            ("-1", "It is below nought."),
            ("NaN", "It is not a"),
            ("1.005", "can be read in two ways"),
            ("9" * 30, "It is not a plain number."),
        ],
    )
    def test_come_back_with_the_reason_and_change_nothing(self, allowed, amount, why):
        before = stories.everything()
        answer = fill(signed_in("Moussa"), url_of(allowed, "report-urgent-costs/"), {"amount": amount})
        assert answer.status_code == 422
        assert why in words(answer)
        assert forms_of(answer)[-1][1]["amount"] == [amount]
        allowed.allowance.refresh_from_db()
        assert allowed.allowance.reported_minor is None
        assert stories.everything() == before

    def test_need_an_allowance(self):
        made = stories.an_urgent_request()
        answer = signed_in("Moussa").get(url_of(made, "report-urgent-costs/"))
        assert answer.status_code == 403
        assert "URGENT-03" in words(answer)


SAID = {
    "narrative": "She is safe.",
    "spent_L1": "588.00",
    "proofs_L1": "2",
    "spent_L2": "300",
    "proofs_L2": "1",
    **day("period_from", "20 10 2026"),
    **day("period_to", "20 10 2026"),
}


class TestAReport:
    @pytest.fixture
    def due(self):
        return stories.a_reporting_request()

    def test_shows_what_was_approved_and_paid_and_keeps_what_was_spent(self, due):
        moussa = signed_in("Moussa")
        page = moussa.get(url_of(due, "report/"))
        assert "Shelter and accommodation: Safe shelter USD 588.00 USD 588.00" in words(page)
        assert send(moussa, page, SAID).url == url_of(due)
        report = Report.objects.get()
        assert (report.narrative_text, report.state, report.mission.code) == ("She is safe.", "SENT", "NE")
        assert [(str(row.spent), row.evidence_count) for row in report.lines.all()] == [
            ("USD 588.00", 2),
            ("USD 300.00", 1),
        ]

    def test_starts_from_the_one_that_is_in(self, due):
        moussa = signed_in("Moussa")
        fill(moussa, url_of(due, "report/"), SAID)
        page = moussa.get(url_of(due, "report/"))
        assert "Report 1 is in." in words(page)
        assert forms_of(page)[-1][1]["spent_L2"] == ["300.00"]
        send(moussa, page, {"spent_L2": "310"})
        assert [report.state for report in Report.objects.order_by("number")] == ["SUPERSEDED", "SENT"]

    def test_pressed_twice_is_one_report(self, due):
        moussa = signed_in("Moussa")
        page = moussa.get(url_of(due, "report/"))
        first, second = (send(moussa, page, SAID) for _press in range(2))
        assert first.url == second.url
        assert Report.objects.count() == 1

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"narrative": ""}, "Answer “What was done, and how are the persons now?”."),
            ({"narrative": "x" * 4001}, "at most 4000 characters"),
            (day("period_from", "32 10 2026"), "no such day in the calendar"),
            (day("period_to", "20 10 2027"), "This day has not come yet."),
            (day("period_to", "19 10 2026"), "The period ends before it begins."),
            (day("period_to", "  "), "Answer “Help ended on”."),
            ({"spent_L1": ""}, "Answer “Line 1: spent, in USD”."),
            ({"spent_L1": "-1"}, "It is below nought."),
            ({"spent_L1": "NaN"}, "It is not a"),
            ({"spent_L1": "5.005"}, "can be read in two ways"),
            ({"proofs_L1": ""}, "Answer “Line 1: proofs of spending”."),
            ({"proofs_L1": "0"}, "Spending needs at least one proof."),
            ({"proofs_L1": "-1"}, "Write a whole number from 0 to 999."),
            ({"proofs_L1": "1000"}, "Write a whole number from 0 to 999."),
        ],
    )
    def test_comes_back_with_the_reason_and_what_was_typed(self, due, said, why):
        before = stories.everything()
        answer = fill(signed_in("Moussa"), url_of(due, "report/"), {**SAID, **said})
        assert answer.status_code == 422
        assert why in words(answer)
        assert forms_of(answer)[-1][1]["spent_L2"] == ["300"]
        assert Report.objects.count() == 0
        assert stories.everything() == before

    @pytest.mark.parametrize("code", ["MX", "ZZ", "../NE"])
    def test_is_not_written_for_another_mission(self, due, code):
        before = stories.everything()
        assert fill(signed_in("Moussa"), url_of(due, "report/"), {**SAID, "mission": code}).status_code == 404
        assert stories.everything() == before

    def test_is_not_open_while_help_is_given(self):
        made = stories.an_implementing_request()
        assert signed_in("Moussa").get(url_of(made, "report/")).status_code == 409

    def test_from_a_stale_page_changes_nothing(self, due):
        moussa, amina = signed_in("Moussa"), person("Amina")
        page = moussa.get(url_of(due, "report/"))
        stories.report(due, who=amina.name)
        before = stories.everything()
        answer = send(moussa, page, {**SAID, "narrative": "A narrative of some length, typed by Moussa."})
        assert answer.status_code == 409
        assert "typed by Moussa" in words(answer)
        assert stories.everything() == before
