"""Lists of requests: who sees which, how they are narrowed, and what they cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.workflow.pages.headquarters.visits import signed_in, text_of

pytestmark = pytest.mark.usefixtures("house")

NOBODY_ELSE = ["Amina", "Bruno", "Gloria", "Chen", "Marie", "Divya", "Helena", "Esi", "Omar", "Farid", "Tunde"]
WORKLISTS = {
    "/inbox/": {"Bruno"},
    "/duty/": {"Gloria"},
    "/approvals/": {"Chen", "Helena"},
    "/certification/": {"Marie"},
    "/releases/": {"Divya"},
    "/closing/": {"Helena"},
    "/requests/": {"Amina", "Bruno", "Gloria", "Chen", "Marie", "Divya", "Helena", "Esi", "Omar"},
}


class TestAWorklist:
    @pytest.mark.parametrize("page", WORKLISTS)
    def test_opens_for_its_roles_and_does_not_exist_for_others(self, page):
        answers = {name: signed_in(name).get(page).status_code for name in NOBODY_ELSE}
        assert answers == {name: 200 if name in WORKLISTS[page] else 404 for name in NOBODY_ELSE}

    def test_of_the_reviewer_parts_new_from_mine_and_from_what_missions_owe(self):
        new, mine, asked = stories.an_endorsed_request(), stories.a_taken_request(), stories.an_asked_request()
        page = text_of(signed_in("Bruno").get("/inbox/"))
        order = [page.index(words) for words in ("New, nobody has it 1", "Mine, to decide 1", "waiting for missions 1")]
        places = [page.index(one.reference) for one in (new, mine, asked)]
        assert order == sorted(order)
        assert all(heading < place for heading, place in zip(order, places, strict=True))

    def test_shows_the_first_rows_of_a_list_without_pages_and_leads_to_all(self, monkeypatch):
        monkeypatch.setattr("workflow.views.worklists.FIRST_ROWS", 2)
        for _one in range(3):
            stories.a_taken_request()

        shown = signed_in("Bruno").get("/inbox/")

        assert "Mine, to decide 3" in text_of(shown)
        assert "The first 2 of 3." in text_of(shown)
        assert shown.content.decode().count("/review/") == 2

    def test_of_the_duty_officer_holds_urgent_requests_until_spending_is_allowed(self):
        waiting, allowed = stories.an_urgent_request(), stories.an_urgent_request(allowed="424.00")
        page = signed_in("Gloria").get("/duty/").content.decode()
        assert f"/requests/{waiting.reference}/allow-urgent-spending/" in page
        assert allowed.reference not in page

    def test_of_approvers_says_what_is_above_their_authority(self):
        large = ("SHEL", "Safe shelter", "person-night", "300", "28.00", "USD")
        made = stories.a_budget_to_approve(lines=(large,))
        assert "above your authority" in text_of(signed_in("Ines").get("/approvals/"))
        page = text_of(signed_in("Chen").get("/approvals/"))
        assert made.reference in page
        assert "USD 8,400.00" in page
        assert "up to USD 15,000.00 (ADM/2026/1)" in page
        assert "above your authority" not in page

    def test_of_the_certifying_officer_leads_from_confirming_to_preparing_to_reports(self):
        approved, funded = stories.an_approved_request(), stories.a_funded_request()
        page = signed_in("Marie").get("/certification/").content.decode()
        assert f'href="/requests/{approved.reference}/certify-funds/"' in page
        assert f'href="/disbursements/prepare/{funded.reference}/"' in page
        reporting = stories.report(stories.a_reporting_request())
        page = signed_in("Marie").get("/certification/").content.decode()
        assert f'href="/requests/{reporting.reference}/accept-reports/"' in page

    def test_of_the_manager_holds_files_to_close_and_what_rests(self):
        held = stories.hold(stories.a_taken_request())
        declined = stories.a_declined_request()
        page = signed_in("Helena").get("/closing/").content.decode()
        assert f'href="/requests/{held.reference}/resume/"' in page
        assert f'href="/requests/{declined.reference}/"' in page

    def test_that_is_empty_says_why_and_what_fills_it(self):
        assert "Nothing to approve. Budgets come here when a mission sends them." in text_of(
            signed_in("Chen").get("/approvals/")
        )


class TestTheListOfRequests:
    def test_shows_a_mission_its_own_only(self):
        niger = stories.a_submitted_request()
        mexico = stories.a_submitted_request(author="Sofía", code="MX")
        page = text_of(signed_in("Amina").get("/requests/"))
        assert niger.reference in page
        assert mexico.reference not in page

    def test_hides_drafts_from_headquarters_and_shows_them_to_the_auditor(self):
        draft = stories.a_draft()
        assert draft.reference not in text_of(signed_in("Helena").get("/requests/"))
        assert draft.reference in text_of(signed_in("Omar").get("/requests/"))

    @pytest.mark.parametrize(
        ("narrowed", "found"),
        [
            ("state=SUBMITTED", {"niger"}),
            ("mission=MX", {"mexico"}),
            ("priority=P3", {"mexico"}),
            ("priority=P1", set()),
            ("state=SUBMITTED&mission=MX", set()),
            ("state=NONSENSE", set()),
        ],
    )
    def test_is_narrowed_by_what_stands_in_the_address(self, narrowed, found):
        made = {
            "niger": stories.a_submitted_request(),
            "mexico": stories.an_endorsed_request(head="Joaquín", author="Sofía", code="MX", priority="P3"),
        }
        page = text_of(signed_in("Omar").get(f"/requests/?{narrowed}", follow=True))
        assert {name for name, one in made.items() if one.reference in page} == found

    def test_finds_a_reference_by_a_part_of_it(self):
        one, other = stories.a_submitted_request(), stories.a_submitted_request()
        page = text_of(signed_in("Omar").get(f"/requests/?q={one.reference[-3:]}"))
        assert one.reference in page
        assert other.reference not in page

    def test_that_no_request_fits_offers_to_clear_the_filters(self):
        stories.a_submitted_request()
        page = signed_in("Omar").get("/requests/?state=closed&priority=P1", follow=True)
        assert "No request fits these 2 words." in text_of(page)
        assert '<a href="/requests/?q=">Clear filters</a>' in page.content.decode()

    def test_puts_the_newest_moved_first(self):
        first, second = stories.a_submitted_request(), stories.a_submitted_request()
        page = text_of(signed_in("Omar").get("/requests/"))
        assert page.index(second.reference) < page.index(first.reference)

    @pytest.mark.parametrize(("page", "name"), [("/requests/", "Omar"), ("/approvals/", "Chen")])
    def test_takes_as_many_queries_for_five_requests_as_for_one(self, page, name):
        stories.a_budget_to_approve()
        few = _queries(name, page)
        for _more in range(4):
            stories.a_budget_to_approve()
        assert _queries(name, page) == few <= 15


def _queries(name: str, page: str) -> int:
    client = signed_in(name)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)
