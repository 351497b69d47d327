"""Approving beside the fund: each line decided, the effect seen first, and never more than the fund holds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.cast import give, stream
from tests.stories import everything, lines_of, now
from tests.workflow.pages.headquarters.visits import form_on, send, signed_in, text_of, url_of, visit
from workflow.actions import eligibility, endorsement, planning

pytestmark = pytest.mark.usefixtures("house")


def work_out(name: str, assistance, **said):
    """Open the approval, say this, and press “Work out the effect”; the browser and its answer."""
    client = signed_in(name)
    form = form_on(client.get(url_of(assistance, "approval/")))
    return client, send(client, url_of(assistance, "approval/"), form, **said)


def approve(name: str, assistance, **said):
    """Work out the effect and press the button on its page."""
    client, effect = work_out(name, assistance, **said)
    return send(client, url_of(assistance, "approve-budget/"), form_on(effect))


class TestTheApproval:
    def test_reads_the_streams_once_and_takes_as_many_questions_for_ten_lines_as_for_one(self):
        def asked(made) -> int:
            client = signed_in("Chen")
            with CaptureQueriesContext(connection) as read:
                assert client.get(url_of(made, "approval/")).status_code == 200
            streams = '"finance_fundingstream" WHERE "finance_fundingstream"."starts_on"'
            assert sum(streams in one["sql"] for one in read) == 1
            return len(read)

        one = stories.a_budget_to_approve(lines=[stories.SHELTER])
        ten = stories.a_budget_to_approve(lines=[stories.SHELTER] * 10)
        assert asked(one) == asked(ten) <= 30

    def test_shows_why_the_lines_and_the_fund_before_and_after(self):
        page = text_of(visit("Chen", stories.a_budget_to_approve(), "approval/"))
        assert "Is there a link to migration? Yes" in page
        assert "1 Shelter and accommodation: USD 588.00" in page
        assert "Asked USD 928.00" in page
        assert "Your authority: up to USD 15,000.00 (ADM/2026/1)" in page
        assert "Now Paid USD 0.00 Reserved USD 0.00 Free USD 100,000.00" in page
        assert "After Paid USD 0.00 Reserved USD 0.00 This request USD 928.00 Free USD 99,072.00" in page

    def test_says_why_a_stream_is_proposed_and_why_the_others_are_not(self):
        made = stories.a_budget_to_approve()
        give(stream("B", [("ASSISTANCE_TYPE", "NOT", ["CASH"])]), "600.00")
        page = text_of(visit("Chen", made, "approval/"))
        assert "Could bear every line alone: A." in page
        assert "fits, and leaves unearmarked money untouched (ALLOC-03)" in page
        assert "A: fits, and is kept for lines that nothing else fits (ALLOC-14)" in page
        assert "B: has USD 12.00 left, the line needs USD 340.00 (ALLOC-12)" in page

    def test_commits_nothing_when_the_effect_is_worked_out(self):
        made = stories.a_budget_to_approve()
        before = everything()
        _client, effect = work_out("Chen", made)
        assert effect.status_code == 200
        assert "Approve USD 928.00" in text_of(effect)
        assert everything() == before

    def test_approves_what_the_effect_showed(self):
        made = stories.a_budget_to_approve()
        answer = approve("Chen", made)
        assert (answer.status_code, answer["Location"]) == (302, url_of(made))
        assert now(made).state == "APPROVED"
        assert [(line.state, line.approved_usd_minor, line.stream_code) for line in lines_of(made)] == [
            ("APPROVED", 58800, "A"),
            ("APPROVED", 34000, "A"),
        ]

    def test_cuts_defers_and_leaves_out_line_by_line(self):
        made = stories.a_budget_to_approve(lines=(stories.SHELTER, stories.MEDICAL, stories.SHELTER))
        said = {
            "form__0__outcome": "cut",
            "form__0__quantity": "7",
            "form__0__reason_code": "COVERED",
            "form__1__outcome": "defer",
            "form__1__gate_code": "RISK_ASSESSMENT",
            "form__2__outcome": "decline",
            "form__2__reason_code": "QUANTITY",
        }
        _client, effect = work_out("Chen", made, **said)
        page = text_of(effect)
        assert "Approve USD 196.00" in page
        assert "Wait for a condition: Risk assessment before travel" in page
        assert approve("Chen", made, **said).status_code == 302
        assert [(line.state, line.approved_quantity) for line in lines_of(made)] == [
            ("CUT", Decimal("7.00")),
            ("DEFERRED", None),
            ("DECLINED", None),
        ]

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"form__0__outcome": "cut"}, "Write a quantity above zero and below 21."),
            ({"form__0__outcome": "cut", "form__0__quantity": "21"}, "Write a quantity above zero and below 21."),
            ({"form__0__outcome": "cut", "form__0__quantity": "NaN"}, "Line 1, Quantity approved: Enter a number."),
            ({"form__0__outcome": "cut", "form__0__quantity": "-1"}, "Write a quantity above zero and below 21."),
            ({"form__0__outcome": "cut", "form__0__quantity": "7"}, "Choose why it is less than asked."),
            ({"form__0__outcome": "decline"}, "Choose why it is less than asked."),
            ({"form__0__outcome": "defer"}, "Choose what the line waits for."),
            ({"form__0__stream": ""}, "Choose the stream that bears it."),
            ({"form__0__stream": "Z"}, "Select a valid choice."),
            ({"form__0__outcome": "double"}, "Select a valid choice."),
        ],
    )
    def test_says_at_the_line_what_is_missing(self, said, words):
        made = stories.a_budget_to_approve()
        before = everything()
        _client, answer = work_out("Chen", made, **said, reason="Agreed with the mission by telephone.")
        page = text_of(answer)
        assert answer.status_code == 422
        assert words in page
        assert "Agreed with the mission by telephone." in page
        assert everything() == before

    def test_offers_only_streams_that_fit_and_says_why_others_do_not(self):
        children = stream("B", [("CHILDREN_ONLY", "ONLY", [])])
        give(children, "5000.00")
        page = visit("Chen", stories.a_budget_to_approve(), "approval/")
        assert "B: the donor gives for children only" in text_of(page)
        assert '<option value="B"' not in page.content.decode()

    def test_of_more_than_the_authority_shows_no_button_and_is_refused_when_sent(self):
        large = ("SHEL", "Safe shelter", "person-night", "300", "28.00", "USD")
        made = stories.a_budget_to_approve(lines=(large,))
        client, effect = work_out("Ines", made)
        page = text_of(effect)
        assert "Rule DOA-01" in page
        assert "Who can: Helena" in page
        before = everything()
        form = form_on(client.get(url_of(made, "approval/")))
        form["action"] = url_of(made, "approve-budget/") + "?save=1"
        assert send(client, "", form).status_code == 403
        assert everything() == before

    def test_warns_above_the_ceiling_for_each_person(self):
        large = ("SHEL", "Safe shelter", "person-night", "300", "28.00", "USD")
        _client, effect = work_out("Chen", stories.a_budget_to_approve(lines=(large,)))
        assert "This is more than USD 5,000.00 for each person." in text_of(effect)

    def test_refuses_when_the_money_is_gone_since_and_shows_what_is_left(self):
        large = ("SHEL", "Safe shelter", "person-night", "500", "28.00", "USD")
        made = stories.a_budget_to_approve(lines=(large,))
        client, effect = work_out("Chen", made)
        for _other in range(3):
            stories.approve(
                stories.a_budget_to_approve(lines=(("SHEL", "Shelter", "person-night", "1100", "28.00", "USD"),)),
                approver="Helena",
            )
        before = everything()
        answer = send(client, url_of(made, "approve-budget/"), form_on(effect))
        page = text_of(answer)
        assert answer.status_code == 422
        assert "FUND-01" in page
        assert "USD 7,600.00" in page
        assert everything() == before
        assert now(made).state == "BUDGET_REVIEW"

    def test_of_a_stale_page_or_pressed_twice_approves_nothing_more(self):
        made = stories.a_budget_to_approve()
        client, effect = work_out("Chen", made)
        form = form_on(effect)
        stale = {**form, "fields": {**form["fields"], "seen_version": "1"}}
        before = everything()
        assert send(client, "", stale).status_code == 409
        assert everything() == before
        assert send(client, "", form).status_code == 302
        before = everything()
        assert send(client, "", form).status_code == 409
        assert everything() == before

    def test_leads_whoever_comes_to_the_act_first_back_to_the_lines(self):
        made = stories.a_budget_to_approve()
        assert visit("Chen", made, "approve-budget/")["Location"] == url_of(made, "approval/")

    @pytest.mark.parametrize("page", ["approval/", "approve-budget/", "approve-deferred-line/"])
    def test_is_not_for_others(self, page):
        made = stories.a_deferred_request() if page == "approve-deferred-line/" else stories.a_budget_to_approve()
        assert visit("Omar", made, page).status_code == 403
        assert visit("Amina", made, page).status_code == 403
        assert visit("Sofía", made, page).status_code == 404
        assert visit("Chen", stories.a_taken_request(), page).status_code == 409

    def test_of_an_urgent_request_counts_what_its_allowance_gives_back(self):
        made = stories.an_urgent_request(allowed="424.00")
        endorsement.endorse(request_id=made.pk, **stories.by("Idriss"))
        eligibility.take(request_id=made.pk, **stories.by("Bruno"))
        stories.answer_all_criteria(made)
        eligibility.confirm_eligibility(request_id=made.pk, **stories.by("Bruno"))
        stories.plan(made)
        planning.send_budget(request_id=made.pk, **stories.by("Amina"))
        page = text_of(visit("Chen", made, "approval/"))
        assert "Now Paid USD 0.00 Reserved USD 424.00 Free USD 99,576.00" in page
        assert "After Paid USD 0.00 Reserved USD 0.00 This request USD 928.00 Free USD 99,072.00" in page


class TestADeferredLine:
    def test_is_approved_when_what_it_waited_for_is_there(self):
        made, client = stories.a_deferred_request(), signed_in("Chen")
        opened = client.get(url_of(made, "approve-deferred-line/"))
        assert "Waits for a condition: Risk assessment before travel" in text_of(opened)
        answer = send(client, url_of(made, "approve-deferred-line/"), form_on(opened), L2__condition_met="on")
        assert answer.status_code == 302
        assert [line.state for line in lines_of(made)] == ["APPROVED", "APPROVED"]

    def test_is_not_approved_unseen(self):
        made, client = stories.a_deferred_request(), signed_in("Chen")
        form = form_on(client.get(url_of(made, "approve-deferred-line/")))
        before = everything()
        answer = send(client, url_of(made, "approve-deferred-line/"), form)
        assert answer.status_code == 422
        assert "Say that you have seen what the line waited for." in text_of(answer)
        assert everything() == before

    def test_where_none_waits_the_page_says_so(self):
        assert "No line waits for a condition." in text_of(
            visit("Chen", stories.an_approved_request(), "approve-deferred-line/")
        )
