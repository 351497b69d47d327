"""A device keeps nothing, unless the person says that it is hers alone; and then no page of anybody."""

from __future__ import annotations

import gzip

import pytest
from django.conf import settings as installed
from django.template.loader import render_to_string

from tests.cast import people
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.pages.mission.browsing import signed_in, words

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def in_earnest(house, settings) -> None:  # noqa: F811
    people("Amina")
    settings.TRAINING = False


@pytest.mark.usefixtures("in_earnest")
class TestADevice:
    def test_keeps_nothing_before_somebody_says_that_it_is_hers(self):
        page = signed_in("Amina").get("/device/")

        assert "Nothing is kept on this device." in words(page)
        assert b"offline.js" not in page.content

    def test_keeps_the_worker_once_she_says_so(self):
        amina = signed_in("Amina")
        answer = amina.post("/device/?save=1", {"own": "yes"})

        cookie = answer.cookies["own_device"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert b"offline.js" in amina.get("/device/").content

    def test_clears_everything_away_when_others_use_it_too(self):
        amina = signed_in("Amina")
        amina.post("/device/?save=1", {"own": "yes"})
        answer = amina.post("/device/?save=1", {"own": "no"})

        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert b"offline.js" not in amina.get("/device/").content

    def test_keeps_nothing_for_whoever_has_not_signed_in(self, client):
        client.cookies["own_device"] = "yes"

        assert b"offline.js" not in client.get("/sign-in/").content


class TestInTraining:
    def test_a_device_keeps_nothing_whatever_is_said(self):
        people("Amina")
        amina = signed_in("Amina")
        assert installed.TRAINING

        answer = amina.post("/device/?save=1", {"own": "yes"})
        assert "own_device" not in answer.cookies
        amina.cookies["own_device"] = "yes"
        assert b"offline.js" not in amina.get("/device/").content


class TestTheWorker:
    def test_is_small_and_changes_when_a_file_does(self, client, monkeypatch):
        before = client.get("/worker.js")

        assert before["Content-Type"] == "text/javascript"
        assert len(gzip.compress(before.content)) < 3 * 1024
        monkeypatch.setattr("gaf.devices._FILES", ("gaf/site.css",))
        assert client.get("/worker.js").content != before.content

    def test_names_nothing_but_files_of_the_site_and_the_page_without_a_line(self):
        text = render_to_string("worker.js", {"files": ["gaf/site.css"], "version": "1"})

        assert text.count("addAll(") == 1
        assert ".put(" not in text
        assert ".add(" not in text

    def test_shows_a_page_that_is_the_same_for_everybody(self, client):
        page = words(client.get("/offline/"))

        for word in ("No line", "Pas de connexion", "Sin conexión"):
            assert word in page
