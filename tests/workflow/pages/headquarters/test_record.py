"""The record: who sees it, who has it, what may be done, and what text is read by whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.workflow.pages.headquarters.visits import signed_in, text_of, url_of, visit

pytestmark = pytest.mark.usefixtures("house")

SITUATION = "Left without shelter after an escape."


class TestARecord:
    def test_is_seen_by_its_mission_and_headquarters_and_by_nobody_else(self):
        made = stories.an_endorsed_request()
        names = ["Amina", "Idriss", "Moussa", "Bruno", "Chen", "Divya", "Esi", "Omar", "Sofía", "Farid", "Tunde"]
        answers = {name: visit(name, made).status_code for name in names}
        assert {name for name, status in answers.items() if status == 404} == {"Sofía", "Farid", "Tunde"}
        assert set(answers.values()) == {200, 404}

    def test_in_draft_does_not_exist_for_headquarters(self):
        made = stories.a_draft()
        assert visit("Bruno", made).status_code == 404
        assert visit("Omar", made).status_code == 200

    def test_tells_the_text_to_those_who_may_read_it_only(self):
        made = stories.an_endorsed_request()
        readers = {
            name
            for name in ["Amina", "Bruno", "Marie", "Divya", "Esi", "Omar"]
            if SITUATION in text_of(visit(name, made))
        }
        assert readers == {"Amina", "Bruno"}
        assert "sealed" in text_of(visit("Divya", made))

    def test_gives_each_side_its_own_words(self):
        made = stories.an_asked_request()
        assert "Answer needed from you" in text_of(visit("Amina", made))
        assert "Waiting for the mission" in text_of(visit("Bruno", made))

    @pytest.mark.parametrize(
        ("story", "sentence"),
        [
            (stories.a_submitted_request, "The head of unit of Niger has it."),
            (stories.an_endorsed_request, "The eligibility reviewers have it; nobody has taken it yet."),
            (stories.a_taken_request, "Bruno has it."),
            (stories.an_urgent_request, "The duty officer has it, and the eligibility reviewers."),
            (stories.a_budget_to_approve, "The budget approvers have it."),
            (stories.an_approved_request, "The certifying officer has it: funds are to be confirmed."),
            (stories.a_refused_request, "Nobody has it. Niger can ask to look at it again."),
        ],
    )
    def test_says_who_has_it(self, story, sentence):
        assert sentence in text_of(visit("Omar", story()))

    def test_shows_what_may_be_done_as_pages_and_why_the_rest_may_not(self):
        made = stories.an_urgent_request()
        page = visit("Idriss", made).content.decode()
        assert f'href="/requests/{made.reference}/endorse/"' in page
        made = stories.a_taken_request()
        page = text_of(visit("Bruno", made))
        assert "Review it" in page
        assert "Criterion 1 is not answered" in page
        assert "acts are not possible" in page

    def test_offers_the_auditor_nothing_to_do(self):
        assert "Nothing here waits for you." in text_of(visit("Omar", stories.a_budget_to_approve()))

    def test_tells_decisions_with_role_authority_amount_and_reason(self):
        page = text_of(visit("Chen", stories.an_approved_request()))
        assert "Approve the budget · Chen, budget approver" in page
        assert "USD 928.00 Authority: ADM/2026/1" in page
        declined = stories.a_declined_request()
        assert "Out of proportion to the need Too much for the need." in text_of(visit("Amina", declined))
        unread = text_of(visit("Omar", declined))
        assert "Out of proportion to the need The reason is sealed." in unread
        assert "Too much for the need." not in unread

    def test_shows_lines_money_and_disbursements(self):
        page = text_of(visit("Helena", stories.an_implementing_request()))
        assert "Committed USD 928.00 Disbursed USD 928.00 Still open USD 0.00 Reconciled USD 928.00" in page
        assert "P-2026-00001" in page
        assert "1 Shelter and accommodation" in page

    def test_links_disbursements_for_those_whose_page_they_are(self):
        made = stories.a_disbursing_request()
        pages = {name: visit(name, made).content.decode() for name in ("Amina", "Idriss", "Moussa", "Marie", "Omar")}
        linked = {name for name, page in pages.items() if 'href="/disbursements/P-2026-00001/"' in page}
        assert linked == {"Moussa", "Marie", "Omar"}
        assert all("P-2026-00001" in page for page in pages.values())

    def test_shows_what_was_allowed_urgently(self):
        assert "Allowed: USD 424.00 · Gloria" in text_of(visit("Idriss", stories.an_urgent_request(allowed="424.00")))

    def test_marks_the_stage_a_held_request_stood_in(self):
        page = visit("Helena", stories.hold(stories.a_budget_to_approve())).content.decode()
        assert '<li class="now" aria-current="step"><span>Approval</span></li>' in page

    def test_takes_as_many_queries_for_ten_lines_as_for_one(self):
        one = stories.a_budget_to_approve(lines=[stories.SHELTER])
        ten = stories.a_budget_to_approve(lines=[stories.SHELTER] * 10)
        assert _queries("Omar", one) == _queries("Omar", ten) <= 25
        assert _queries("Chen", one) == _queries("Chen", ten) <= 25

    def test_takes_few_queries_also_of_the_fund_manager_while_help_is_given(self):
        assert _queries("Helena", stories.an_implementing_request()) <= 25


def _queries(name: str, assistance) -> int:
    client = signed_in(name)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url_of(assistance)).status_code == 200
    return len(asked)


class TestTheHistory:
    def test_tells_who_changed_which_field_and_keeps_sealed_text_to_itself(self):
        made = stories.a_budget_to_approve()
        response = visit("Amina", made, "history/")
        page = text_of(response)
        assert response.status_code == 200
        assert "Situation: changed (sealed)" in page
        assert "Description: changed (sealed)" in page
        assert "Answer: now Yes" in page
        assert "Amount, in local currency: now USD 588.00" in page
        assert "was Draft now With the head of unit" in page
        assert SITUATION not in page
        assert "s1:" not in page

    def test_does_not_exist_for_another_mission(self):
        assert visit("Sofía", stories.a_taken_request(), "history/").status_code == 404

    def test_takes_as_many_queries_for_a_long_life_as_for_a_short_one(self):
        counts = set()
        for story in (stories.a_taken_request, stories.a_budget_to_approve):
            made, client = story(), signed_in("Omar")
            with CaptureQueriesContext(connection) as asked:
                client.get(url_of(made, "history/"))
            counts.add(len(asked))
        assert len(counts) == 1
