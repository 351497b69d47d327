"""Whether headquarters decides in time: by priority, from the decision clock, each number with its requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import html

from gaf import clock
from tests import stories
from tests.cast import person
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.models import AssistanceRequest
from workflow.queries import visible_to
from workflow.turnaround import strips

pytestmark = pytest.mark.usefixtures("house")


def strip_of(priority: str, name: str = "Helena"):
    found = strips(visible_to(person(name)), clock.now())
    return next(strip for strip in found if strip.priority == priority)


def backdated(made, days: int) -> None:
    """The same request, whose review began so many days before; its decisions stay where they are."""
    AssistanceRequest.objects.filter(pk=made.pk).update(review_began_at=clock.now() - timedelta(days=days))


class TestAStrip:
    def test_holds_decided_and_open_requests_of_its_priority(self):
        decided, still_open = stories.an_approved_request(), stories.a_budget_to_approve()
        strip = strip_of("P2")
        assert [one.assistance for one in strip.decided] == [decided]
        assert {one.assistance for one in strip.timed if one.is_open} == {still_open}
        assert (strip.in_time, len(strip.late)) == (100, 0)
        assert strip_of("P1").timed == []

    def test_counts_a_late_one_decided_or_not(self):
        stories.a_budget_to_approve()
        with clock.at(clock.now() + timedelta(days=21)):
            strip = strip_of("P2")
        assert (strip.in_time, strip.median, len(strip.late)) == (None, None, 1)

    def test_forgets_what_began_more_than_ninety_days_ago(self):
        backdated(stories.an_approved_request(), 91)
        assert strip_of("P2").timed == []

    def test_leaves_out_what_the_reader_may_not_see(self):
        stories.a_submitted_request()
        stories.an_approved_request()
        assert len(strip_of("P2").timed) == 1
        assert strip_of("P2", "Farid").timed == []


class TestThePage:
    def test_leads_from_each_number_to_its_requests(self):
        made = stories.an_approved_request()
        helena = signed_in("Helena")
        page = helena.get("/turnaround/")
        assert "100% were decided in time." in text_of(page)
        link = html.fromstring(page.content).xpath("//dt[.='Decided']/../dd/a")[0]
        assert made.reference in text_of(helena.get(f"/turnaround/{link.get('href').partition('#')[0]}"))

    def test_asks_as_much_for_one_request_as_for_many(self, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        stories.an_approved_request()
        helena = signed_in("Helena")
        helena.get("/turnaround/")
        with CaptureQueriesContext(connection) as one:
            helena.get("/turnaround/?priority=P2")
        stories.an_approved_request()
        stories.a_budget_to_approve()
        with django_assert_num_queries(len(one)):
            helena.get("/turnaround/?priority=P2")
        assert len(one) <= 20

    def test_of_an_empty_fund_says_so(self):
        assert "None in these days." in text_of(signed_in("Helena").get("/turnaround/?priority=P3&late=1"))
