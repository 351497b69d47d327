"""Public pages: readable signed out, in three languages, under the strict policy, and without a picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from lxml import html
from wagtail.models import Page

from cms.content import TEXTS, load_content
from cms.models import GuidanceIndexPage, GuidancePage
from cms.models.guidance import sources_of
from gaf import clock
from gaf.accounts.models import User
from tests.cms.conftest import publish

LANGUAGES = ("en", "fr", "es")
PLACES = [
    "",
    "who-can-get-help/",
    "what-the-fund-does/",
    "criteria/",
    "criteria/version-1/",
    "guidance/",
    "guidance/before-you-ask/",
    "guidance/consent-in-words/",
    "guidance/alternatives-first/",
    "guidance/urgent-help/",
    "guidance/plan-and-budget/",
    "guidance/what-finance-checks/",
    "guidance/evidence-to-keep/",
    "guidance/reports-and-closing/",
    "refer-someone/",
    "data-protection/",
    "complaints/",
]
EVERY_PAGE = [f"/{language}/{place}" for language in LANGUAGES for place in PLACES]


@pytest.mark.usefixtures("pages")
class TestPublicPages:
    def test_are_all_that_is_published(self) -> None:
        published = {page.url for page in Page.objects.live().filter(depth__gt=1)}
        assert published == {address for address in EVERY_PAGE if "version" not in address}

    def test_answer_readers_who_are_not_signed_in_under_the_strict_policy(self, client: Client) -> None:
        for address in EVERY_PAGE:
            answer = client.get(address)
            text = answer.content.decode()
            assert (answer.status_code, text.count("<h1>")) == (200, 1), address
            assert "<img" not in text, address
            assert "style=" not in text, address
            assert "script-src 'self';" in answer.headers["Content-Security-Policy"], address
            assert "unsafe-inline" not in answer.headers["Content-Security-Policy"], address
            assert answer.headers["X-Frame-Options"] == "DENY", address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            assert answer.headers["Referrer-Policy"] == "same-origin", address

    def test_stand_in_the_language_of_their_tree_and_lead_to_nothing_outside_it(self, client: Client) -> None:
        for address in EVERY_PAGE:
            answer, language = client.get(address), address[1:3]
            text = answer.content.decode()
            assert (answer.headers["Content-Language"], f'<html lang="{language}">' in text) == (language, True), (
                address
            )
            assert not any("not translated yet" in text for text in html.fromstring(text).itertext()), address
            targets = {target.partition("#")[0] for target in re.findall(r'href="([^"]+)"', text)} - {""}
            assert [target for target in targets if not target.startswith(("/", "tel:"))] == [], address
            public = {target for target in targets if target.startswith(tuple(f"/{one}/" for one in LANGUAGES))}
            assert public <= set(EVERY_PAGE), address
            elsewhere = {target for target in public if not target.startswith(f"/{language}/")}
            assert elsewhere == {f"/{one}/{address[4:]}" for one in LANGUAGES if one != language}, address

    def test_name_their_sources(self) -> None:
        assert [page.slug for page in GuidancePage.objects.all() if not sources_of(page.body)] == []

    def test_are_made_of_the_same_parts_in_every_language(self) -> None:
        for page in GuidancePage.objects.filter(locale__language_code="en"):
            kinds = [block.block_type for block in page.body]
            for other in page.get_translations():
                assert [block.block_type for block in other.specific.body] == kinds, other.url


class TestTheFrenchTexts:
    @pytest.mark.parametrize("text", sorted((TEXTS / "fr").iterdir()), ids=lambda text: text.stem)
    def test_are_set_as_french_is_set(self, text: Path) -> None:
        said = [line.lstrip("!") for line in text.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        assert [line for line in said if re.search("[^\u00a0][;?!](?= |$)|«[^\u00a0]|[^\u00a0]»| :", line)] == []
        assert [line for line in said if "'" in line or "“" in line] == []


@pytest.mark.usefixtures("few_pages")
class TestAPageThatIsNotTranslated:
    def test_is_shown_in_english_and_says_so_in_the_readers_language(self, client: Client) -> None:
        answer = client.get("/fr/complaints/")
        page = html.fromstring(answer.content.decode())
        assert (answer.status_code, answer.headers["Content-Language"]) == (200, "en")
        assert page.get("lang") == "fr"
        assert "Cette page n’est pas encore traduite. La voici en anglais." in page.text_content()
        english = page.xpath("//main//div[@lang='en']")[0]
        assert english.xpath(".//h1")[0].text == "Complaints, and asking for a second look"
        assert "Source:" in english.text_content()
        assert "Source\u00a0:" not in english.text_content()

    def test_is_listed_in_the_readers_tree_and_marked_as_english(self, client: Client) -> None:
        page = html.fromstring(client.get("/es/").content.decode())
        leads = page.xpath("//main//a[@href='/es/complaints/']")[0]
        assert leads.text == "Complaints, and asking for a second look"
        assert leads.xpath("ancestor-or-self::*[@lang][1]/@lang") == ["en"]

    def test_offers_the_languages_and_names_only_those_it_is_written_in(self, client: Client) -> None:
        page = html.fromstring(client.get("/en/criteria/version-1/").content.decode())
        switch = page.xpath("//nav[@aria-label='This page in other languages']//a")
        assert [(one.get("href"), one.get("lang")) for one in switch] == [
            ("/fr/criteria/version-1/", "fr"),
            ("/es/criteria/version-1/", "es"),
        ]
        assert page.xpath("//link[@rel='alternate']/@hreflang") == ["en"]

    def test_is_nowhere_when_it_is_not_in_english_either(self, client: Client) -> None:
        assert client.get("/fr/no-such-page/").status_code == 404


class TestAnAddressOfAnotherTree:
    @pytest.fixture
    def renamed(self, pages: None, farid: User, leila: User) -> None:
        """The French page of complaints has an address of its own."""
        page = GuidancePage.objects.get(slug="complaints", locale__language_code="fr")
        page.slug = "plaintes"
        publish(page, farid, leila)

    def test_leads_to_the_page_of_this_tree(self, renamed: None, client: Client) -> None:
        assert client.get("/fr/plaintes/").status_code == 200
        assert client.get("/es/plaintes/").headers["Location"] == "/es/complaints/"
        assert client.get("/en/plaintes/").headers["Location"] == "/en/complaints/"
        assert client.get("/fr/complaints/").headers["Location"] == "/fr/plaintes/"


@pytest.mark.usefixtures("few_pages")
class TestAPublicPage:
    def test_stands_in_the_language_of_its_address_whatever_the_browser_asks_for(self, client: Client) -> None:
        answer = client.get("/en/guidance/", headers={"Accept-Language": "fr"})
        assert answer.headers["Content-Language"] == "en"
        assert '<html lang="en">' in answer.content.decode()

    def test_is_not_there_before_it_is_published(self, client: Client, farid: User) -> None:
        draft = GuidancePage(title="Not yet", slug="not-yet", summary="Not yet.", live=False)
        GuidanceIndexPage.objects.get().add_child(instance=draft)
        for language in LANGUAGES:
            assert client.get(f"/{language}/guidance/not-yet/").status_code == 404
            assert "Not yet" not in client.get(f"/{language}/guidance/").content.decode()


class TestTheFrontDoor:
    @pytest.mark.parametrize(("asked", "leads"), [("fr-CH, fr;q=0.9", "/fr/"), ("es", "/es/"), ("sw, en", "/en/")])
    def test_leads_strangers_to_the_tree_their_browser_asks_for(self, client: Client, asked: str, leads: str) -> None:
        assert client.get("/", headers={"Accept-Language": asked}).headers["Location"] == leads

    def test_shows_readers_guidance_in_their_language(self, client: Client, amina: User) -> None:
        amina.language = "fr"
        amina.save()
        client.force_login(amina)
        assert 'href="/fr/guidance/"' in client.get("/requests/").content.decode()

    def test_keeps_the_page_when_the_language_is_changed_at_its_foot(self, client: Client, amina: User) -> None:
        client.force_login(amina)
        answer = client.post("/language/", {"language": "es", "next": "/en/guidance/urgent-help/"})
        assert answer.headers["Location"] == "/es/guidance/urgent-help/"


@pytest.mark.usefixtures("few_pages")
class TestTheStartPage:
    def test_says_what_is_needed_where_to_ask_and_which_criteria_are_in_force(self, client: Client) -> None:
        text = client.get("/en/").content.decode()
        assert 'href="/requests/new/"' in text
        assert 'href="/requests/new/urgent/"' in text
        assert "what other programmes answered" in text
        assert "Requests are judged by version 1 of the criteria, in force since 1 October 2026." in text

    def test_says_so_while_there_are_no_criteria(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cms.models.home.current_criteria", lambda: None)
        assert "The criteria are being prepared" in client.get("/en/").content.decode()


@pytest.mark.usefixtures("few_pages")
class TestTheFirstPages:
    def test_are_loaded_once_and_never_over_an_editors_words(self, farid: User, leila: User) -> None:
        page = GuidancePage.objects.get(slug="complaints")
        page.summary = "Changed by an editor."
        publish(page, farid, leila)
        assert load_content(farid, clock.now()) == 0
        assert GuidancePage.objects.get(slug="complaints").summary == "Changed by an editor."
