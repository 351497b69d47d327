"""Public pages: readable signed out, in one language, under the strict policy, and without a picture."""

from __future__ import annotations

import pytest
from django.test import Client
from wagtail.models import Page

from gaf.accounts.models import User

EVERY_PAGE = [
    "/en/",
    "/en/who-can-get-help/",
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
class TestAPublicPage:
    @pytest.mark.parametrize("address", EVERY_PAGE)
    def test_answers_readers_who_are_not_signed_in(self, client: Client, address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200
        html = answer.content.decode()
        assert html.count("<h1>") == 1
        assert "<img" not in html
        assert "style=" not in html

    def test_is_listed_above_if_it_is_published(self) -> None:
        published = {page.url for page in Page.objects.live().filter(depth__gt=1)}
        assert published == set(EVERY_PAGE) - {"/en/criteria/version-1/"}

    @pytest.mark.parametrize("address", EVERY_PAGE)
    def test_carries_the_security_headers(self, client: Client, address: str) -> None:
        headers = client.get(address).headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("address", EVERY_PAGE)
    def test_links_only_to_pages_that_exist_or_to_the_application(self, client: Client, address: str) -> None:
        import re

        html = client.get(address).content.decode()
        targets = set(re.findall(r'href="([^"#]+)[^"]*"', html))
        assert not [target for target in targets if target.startswith("http")]
        for target in targets:
            if target.startswith("/en/"):
                assert client.get(target).status_code == 200, target

    def test_stands_in_the_language_of_its_text_whatever_the_browser_asks_for(self, client: Client) -> None:
        answer = client.get("/en/guidance/", headers={"Accept-Language": "fr"})
        assert answer.headers["Content-Language"] == "en"
        assert '<html lang="en">' in answer.content.decode()

    def test_is_not_there_before_it_is_published(self, client: Client, farid: User) -> None:
        from cms.models import GuidanceIndexPage, GuidancePage

        draft = GuidancePage(title="Not yet", slug="not-yet", summary="Not yet.", live=False)
        GuidanceIndexPage.objects.get().add_child(instance=draft)
        assert client.get("/en/guidance/not-yet/").status_code == 404
        assert "Not yet" not in client.get("/en/guidance/").content.decode()


@pytest.mark.usefixtures("pages")
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


@pytest.mark.usefixtures("pages")
class TestTheFirstPages:
    def test_are_loaded_once_and_never_over_an_editors_words(self, farid: User) -> None:
        from cms.content import load_content
        from cms.models import GuidancePage
        from gaf import clock

        page = GuidancePage.objects.get(slug="complaints")
        page.summary = "Changed by an editor."
        page.save_revision(user=farid).publish(user=farid)
        assert load_content(farid, clock.now()) == 0
        assert GuidancePage.objects.get(slug="complaints").summary == "Changed by an editor."

    def test_name_their_sources(self) -> None:
        from cms.models import GuidancePage
        from cms.models.guidance import sources_of

        assert [page.slug for page in GuidancePage.objects.all() if not sources_of(page.body)] == []
