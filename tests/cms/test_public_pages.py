"""Public pages: readable signed out, in one language, under the strict policy, and without a picture."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from wagtail.models import Page

from cms.content import load_content
from cms.models import GuidanceIndexPage, GuidancePage
from cms.models.guidance import sources_of
from gaf import clock
from gaf.accounts.models import User

EVERY_PAGE = [
    "/en/",
    "/en/who-can-get-help/",
    "/en/what-the-fund-does/",
    "/en/criteria/",
    "/en/criteria/version-1/",
    "/en/guidance/",
    "/en/guidance/before-you-ask/",
    "/en/guidance/consent-in-words/",
    "/en/guidance/alternatives-first/",
    "/en/guidance/urgent-help/",
    "/en/guidance/plan-and-budget/",
    "/en/guidance/what-finance-checks/",
    "/en/guidance/evidence-to-keep/",
    "/en/guidance/reports-and-closing/",
    "/en/refer-someone/",
    "/en/data-protection/",
    "/en/complaints/",
]


@pytest.mark.usefixtures("pages")
class TestPublicPages:
    def test_are_all_that_is_published(self) -> None:
        published = {page.url for page in Page.objects.live().filter(depth__gt=1)}
        assert published == set(EVERY_PAGE) - {"/en/criteria/version-1/"}

    def test_answer_readers_who_are_not_signed_in_under_the_strict_policy(self, client: Client) -> None:
        for address in EVERY_PAGE:
            answer = client.get(address)
            html = answer.content.decode()
            assert (answer.status_code, html.count("<h1>")) == (200, 1), address
            assert "<img" not in html, address
            assert "style=" not in html, address
            assert "script-src 'self';" in answer.headers["Content-Security-Policy"], address
            assert "unsafe-inline" not in answer.headers["Content-Security-Policy"], address
            assert answer.headers["X-Frame-Options"] == "DENY", address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            assert answer.headers["Referrer-Policy"] == "same-origin", address

    def test_link_to_pages_that_exist_and_to_nothing_outside(self, client: Client) -> None:
        targets = {
            target
            for address in EVERY_PAGE
            for target in re.findall(r'href="([^"#]+)[^"]*"', client.get(address).content.decode())
        }
        assert [target for target in targets if not target.startswith(("/", "tel:"))] == []
        assert {target for target in targets if target.startswith("/en/")} <= set(EVERY_PAGE)

    def test_name_their_sources(self) -> None:
        assert [page.slug for page in GuidancePage.objects.all() if not sources_of(page.body)] == []


@pytest.mark.usefixtures("few_pages")
class TestAPublicPage:
    def test_stands_in_the_language_of_its_text_whatever_the_browser_asks_for(self, client: Client) -> None:
        answer = client.get("/en/guidance/", headers={"Accept-Language": "fr"})
        assert answer.headers["Content-Language"] == "en"
        assert '<html lang="en">' in answer.content.decode()

    def test_is_not_there_before_it_is_published(self, client: Client, farid: User) -> None:
        draft = GuidancePage(title="Not yet", slug="not-yet", summary="Not yet.", live=False)
        GuidanceIndexPage.objects.get().add_child(instance=draft)
        assert client.get("/en/guidance/not-yet/").status_code == 404
        assert "Not yet" not in client.get("/en/guidance/").content.decode()


@pytest.mark.usefixtures("few_pages")
class TestTheStartPage:
    def test_says_what_is_needed_where_to_ask_and_which_criteria_are_in_force(self, client: Client) -> None:
        html = client.get("/en/").content.decode()
        assert 'href="/requests/new/"' in html
        assert 'href="/requests/new/urgent/"' in html
        assert "what other programmes answered" in html
        assert "Requests are judged by version 1 of the criteria, in force since 1 October 2026." in html

    def test_says_so_while_there_are_no_criteria(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cms.models.home.current_criteria", lambda: None)
        assert "The criteria are being prepared" in client.get("/en/").content.decode()


@pytest.mark.usefixtures("few_pages")
class TestTheFirstPages:
    def test_are_loaded_once_and_never_over_an_editors_words(self, farid: User) -> None:
        page = GuidancePage.objects.get(slug="complaints")
        page.summary = "Changed by an editor."
        page.save_revision(user=farid).publish(user=farid)
        assert load_content(farid, clock.now()) == 0
        assert GuidancePage.objects.get(slug="complaints").summary == "Changed by an editor."
