"""The list of requests in groups: named by a word of the line, each with its subtotals, whatever page is shown."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock
from tests import stories
from tests.workflow.pages.headquarters.test_finding_requests import errors, found, rows_of
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house")]

_GROUP = re.compile(r'<tr class="group"><th[^>]*>(?:<a href="([^"]*)">)?([^<]*)(?:</a>)? <span class="count">(\d+)<')
LINE = (("SHEL", "Safe shelter", "person-night", "10", "28.00", "USD"),)


def groups(name: str, line: str, **more: str) -> list[tuple[str, int]]:
    """The groups on the page with how many requests each has, in their order."""
    page = signed_in(name).get("/requests/", {"q": line, **more})
    assert page.status_code == 200
    return [(label, int(size)) for _url, label, size in _GROUP.findall(page.content.decode())]


class TestTheGroups:
    def test_by_state_stand_in_the_order_of_the_process(self):
        stories.a_declined_request()
        stories.a_taken_request()
        stories.a_draft()
        stories.a_taken_request()
        assert groups("Omar", "by:state") == [("Draft", 1), ("Eligibility review", 2), ("Declined", 1)]

    def test_by_mission_priority_and_who_name_them(self):
        stories.an_endorsed_request(head="Joaquín", author="Sofía", code="MX", priority="P4")
        stories.a_taken_request(priority="P2")
        assert groups("Omar", "by:mission") == [("Mexico", 1), ("Niger", 1)]
        assert groups("Omar", "by:priority") == [("P2 Within 72 hours", 1), ("P4 Can be planned", 1)]
        assert groups("Omar", "by:who") == [("Nobody", 1), ("Bruno", 1)]

    def test_by_week_run_from_what_was_not_sent_back_to_what_was_sent_first(self):
        old = stories.a_submitted_request()
        AssistanceRequest.objects.filter(pk=old.pk).update(submitted_at=clock.now() - timedelta(days=8))
        stories.a_submitted_request()
        stories.a_draft()
        assert groups("Omar", "by:week") == [
            ("Not sent yet", 1),
            ("Week from 19 Oct 2026", 1),
            ("Week from 12 Oct 2026", 1),
        ]

    def test_sum_what_was_asked_to_the_cent(self):
        stories.a_budget_to_approve(lines=LINE)
        stories.a_budget_to_approve(lines=LINE)
        stories.a_draft()
        page = text_of(signed_in("Omar").get("/requests/", {"q": "by:state"}))
        assert "Budget review 2 USD 560.00 USD 0.00" in page
        assert "Draft 1 USD 0.00" in page

    @pytest.mark.parametrize("by", ["state", "mission", "priority", "week"])
    def test_open_their_own_rows_and_no_others(self, by):
        stories.a_taken_request(priority="P2")
        stories.an_endorsed_request(head="Joaquín", author="Sofía", code="MX", priority="P4")
        client = signed_in("Omar")
        page = client.get("/requests/", {"q": f"is:open by:{by}"}).content.decode()
        for url, _label, size in _GROUP.findall(page):
            alone = client.get(url.replace("&amp;", "&"))
            assert len(rows_of(alone)) == int(size)
            assert not _GROUP.findall(alone.content.decode())

    def test_keep_the_order_asked_for_inside_each(self):
        slow, urgent = stories.a_submitted_request(priority="P4"), stories.a_submitted_request(priority="P2")
        draft = stories.a_draft()
        order = found("Omar", "by:state", sort="priority")
        assert order == [draft.reference, urgent.reference, slow.reference]

    def test_count_the_whole_group_on_every_page_of_it(self, monkeypatch):
        monkeypatch.setattr("workflow.views.requests_list.ROWS_A_PAGE", 2)
        for _one in range(3):
            stories.a_submitted_request()
        assert groups("Omar", "by:state", page="2") == [("With the head of unit", 3)]

    def test_count_only_what_the_reader_may_see(self):
        stories.a_submitted_request(author="Sofía", code="MX")
        stories.a_submitted_request()
        assert groups("Amina", "by:mission") == [("Niger", 1)]


class TestTheWord:
    def test_that_names_no_grouping_is_refused_in_words(self):
        assert errors("Omar", "by:colour") == [
            "“colour” is not known after by:. Known are: state, mission, priority, who, week."
        ]

    def test_is_picked_and_stands_in_the_address(self):
        page = signed_in("Omar").get("/requests/", {"q": "is:open", "by": "state"})
        assert (page.status_code, page["Location"]) == (302, "/requests/?q=is%3Aopen+by%3Astate")

    def test_of_what_nothing_fits_shows_no_group(self):
        assert groups("Omar", "by:state") == []


def test_grouping_costs_one_query_more_whatever_the_number_of_groups():
    def queries(line: str) -> int:
        client = signed_in("Omar")
        with CaptureQueriesContext(connection) as asked:
            client.get("/requests/", {"q": line})
        return len(asked)

    stories.a_submitted_request()
    few = queries("by:state")
    stories.a_draft(), stories.a_taken_request()
    assert queries("by:state") == few == queries("is:open") + 1 <= 15
