"""Everybody reads in a language of their own, whoever mailed the link, and can change it on any page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation

from gaf.accounts.models import User
from gaf.catalogues import compile_stale
from gaf.notices import tell
from gaf.outbox.outbox import drain
from gaf.texts import Text, in_the_source, missing_in
from workflow.forms.situation import SituationForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def sofia() -> User:
    return User.objects.create_user("sofia@gaf.example", "Sofía", "a-long-password-1", language="es")


@pytest.fixture
def signed_in(client, sofia) -> Client:
    client.force_login(sofia)
    return client


class TestAPersonsLanguage:
    def test_is_that_of_every_page(self, signed_in):
        page = signed_in.get("/nowhere/").content.decode()

        assert '<html lang="es">' in page
        assert "Cerrar sesión" in page

    def test_is_that_of_the_mails(self, sofia):
        tell([sofia], "request_held", reference="GAF-2026-00042", path="/requests/GAF-2026-00042/", key="1")
        drain()

        assert mail.outbox[0].subject == "GAF-2026-00042: suspendida"
        assert "La solicitud" in mail.outbox[0].body

    def test_is_kept_when_it_is_changed(self, signed_in, sofia):
        before = sofia.history.count()
        answer = signed_in.post("/language/", {"language": "en", "next": "/requests/"})

        assert (answer.status_code, answer.headers["Location"]) == (302, "/requests/")
        sofia.refresh_from_db()
        assert (sofia.language, sofia.history.count()) == ("en", before + 1)

    @pytest.mark.parametrize("language", ["de", "", "../es", "e" * 1000])
    def test_stays_when_somebody_asks_for_one_we_do_not_write(self, signed_in, sofia, language):
        before = sofia.history.count()
        answer = signed_in.post("/language/", {"language": language, "next": "/requests/"})

        assert answer.headers["Location"] == "/requests/"
        sofia.refresh_from_db()
        assert (sofia.language, sofia.history.count()) == ("es", before)

    @pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
    def test_leads_back_to_our_own_pages_only(self, signed_in, there):
        assert signed_in.post("/language/", {"language": "en", "next": there}).headers["Location"] == "/"


class TestBeforeSigningIn:
    def test_the_browser_says_the_language(self, client):
        page = client.get("/sign-in/", headers={"Accept-Language": "es-MX,es;q=0.9"}).content.decode()

        assert '<html lang="es">' in page

    def test_a_choice_is_kept_on_the_device(self, client):
        client.post("/language/", {"language": "es", "next": "/sign-in/"})

        assert '<html lang="es">' in client.get("/sign-in/").content.decode()

    def test_an_address_that_is_only_looked_at_changes_nothing(self, client):
        answer = client.get("/language/?language=es")

        assert answer.headers["Location"] == "/"
        assert '<html lang="en">' in client.get("/sign-in/").content.decode()


class TestCatalogues:
    @pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES if code != "en"])
    def test_say_every_text_of_code_and_templates(self, language):
        assert missing_in(language) == []

    def test_name_a_text_that_nobody_translated(self, monkeypatch):
        texts = in_the_source()
        texts["", "Nobody said this"] = Text("", ("Nobody said this",), ["gaf/nowhere.py"])
        monkeypatch.setattr("gaf.texts.in_the_source", lambda: texts)

        assert missing_in("es") == ["Nobody said this"]

    def test_are_compiled_when_they_are_newer_and_only_then(self, tmp_path):
        folder = tmp_path / "es" / "LC_MESSAGES"
        folder.mkdir(parents=True)
        written = Path(__file__).parents[2] / "gaf" / "locale" / "es" / "LC_MESSAGES" / "django.po"
        (folder / "django.po").write_bytes(written.read_bytes())

        assert [compile_stale(tmp_path) for _time in range(2)] == [["es"], []]
        assert (folder / "django.mo").stat().st_size > 10_000


class TestTextsOfAForm:
    def test_are_said_in_the_language_of_the_page_not_of_the_process_that_read_the_form(self):
        hints = []
        for language in ("en", "fr", "es"):
            with translation.override(language):
                hints.append(
                    str(SituationForm().fields["situation"].help_text).rpartition(". ")[2].replace("\xa0", " ")
                )

        assert hints[0] == "Up to 1,500 characters."
        assert len(set(hints)) == 3
