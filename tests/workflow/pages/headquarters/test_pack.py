"""A request on paper: everything asked and decided, who printed it, a watermark where it is strict, few pages."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gaf.privacy.models import Read
from tests import stories
from tests.cast import person
from tests.stories import by
from tests.workflow.pages.headquarters.visits import signed_in, text_of, visit
from workflow.actions.privacy import restrict

pytestmark = pytest.mark.usefixtures("house")


class TestThePack:
    def test_holds_what_was_asked_and_what_was_decided_by_whom(self):
        made = stories.an_implementing_request()
        page = text_of(visit("Bruno", made, "pack/"))
        for words in (
            "As Bruno sees it",
            f"/requests/{made.reference}/",
            "What is asked",
            "Is there a link to migration? Yes",
            "1 Shelter and accommodation",
            "Approve the budget · Chen, budget approver",
            "Release disbursements · Divya, payer",
            "USD 928.00",
        ):
            assert words in page

    def test_covers_the_text_for_those_who_do_not_read_it(self):
        made = stories.an_approved_request()
        said = made.situation_text
        assert said in text_of(visit("Bruno", made, "pack/"))
        assert said not in text_of(visit("Divya", made, "pack/"))
        assert said not in text_of(visit("Helena", made, "pack/"))

    def test_is_noted_among_the_readings_as_itself(self):
        made = stories.an_approved_request()
        visit("Bruno", made, "pack/")
        assert Read.objects.filter(person=person("Bruno"), reference=made.reference, page="pack").exists()

    def test_of_a_strict_request_says_so_and_is_there_for_its_named_people_only(self):
        made = stories.a_draft()
        assert "watermark" not in visit("Amina", made, "pack/").content.decode()
        restrict(request_id=made.pk, **by("Amina"))
        page = visit("Amina", made, "pack/")
        assert f"Strictly confidential – {made.reference} – Amina" in text_of(page)
        assert visit("Moussa", made, "pack/").status_code == 404

    def test_is_linked_from_the_record(self):
        made = stories.an_approved_request()
        assert f'href="/requests/{made.reference}/pack/"' in visit("Bruno", made).content.decode()

    def test_asks_no_more_than_the_record(self):
        made = stories.an_implementing_request()
        bruno = signed_in("Bruno")
        bruno.get(f"/requests/{made.reference}/")
        with CaptureQueriesContext(connection) as asked:
            bruno.get(f"/requests/{made.reference}/pack/")
        assert len(asked) <= 25


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestOnPaper:
    def test_a_request_at_its_approval_takes_three_pages_and_no_bar(self, new_context, live_server):
        made = stories.a_budget_to_approve()
        client = Client()
        client.force_login(person("Bruno"))
        context = new_context()
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"/requests/{made.reference}/pack/")
        page.emulate_media(media="print")
        assert not page.locator("header.bar nav").is_visible()
        assert not page.locator("footer").is_visible()
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 3
