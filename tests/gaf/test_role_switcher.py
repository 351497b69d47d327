"""The switch between roles: anybody becomes anybody with one press, where nothing is real, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.test import Client
from django.urls import include, path
from lxml import html

from gaf import role_switcher, training
from gaf.accounts.models import User
from tests.cast import open_house, people, person

pytestmark = pytest.mark.django_db
# The addresses of a place where roles can be switched.
urlpatterns = [path("", include(role_switcher.urlpatterns)), path("", include("gaf.urls"))]
handler404 = "gaf.error_pages.not_found"
REAL = {
    "DJANGO_SETTINGS_MODULE": "gaf.settings.production",
    "GAF_SECRET_KEY": "k3ep-0ut-of-reach-0f-everybody-wh0-has-n0-need-0f-1t",
    "GAF_SEALING_KEYS": "real:" + "0123456789abcdef" * 4,
    "GAF_HOSTS": "gaf.example",
}


@pytest.fixture(autouse=True)
def house(settings: Any) -> None:
    open_house()
    people("Amina", "Bruno", "Chen")
    training.mark_for_training()
    settings.ROOT_URLCONF, settings.GAF_ROLE_SWITCHER = __name__, True


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


def who(client: Client) -> str:
    """Whose session it is; empty when nobody is signed in."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).name if key else ""


def press(client: Client, name: str) -> Any:
    return client.post("/demo/?save=1", {"person": person(name).pk})


class TestThePage:
    def test_has_one_button_for_everybody_with_roles_and_no_password(self):
        tree = html.fromstring(signed_in("Amina").get("/demo/").content)
        buttons = tree.xpath("//main//form[@method='post']//button[@name='person']")
        assert {"Amina", "Bruno", "Chen"} <= {one.text for one in buttons}
        assert "eligibility reviewer" in tree.text_content()
        assert tree.xpath("//main//input[@type='password']") == []
        assert "password" not in tree.text_content().lower()

    def test_is_there_for_who_has_not_signed_in(self):
        assert Client().get("/demo/").status_code == 200


class TestAPress:
    def test_signs_one_in_as_the_other_on_their_first_page(self):
        client = signed_in("Amina")
        answer = press(client, "Bruno")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/inbox/")
        assert who(client) == "Bruno"
        assert client.get("/inbox/").status_code == 200
        assert client.get("/desk/").status_code == 404

    def test_takes_nothing_of_one_session_into_the_next(self):
        client = signed_in("Amina")
        session = client.session
        session["left"] = "behind"
        session.save()
        before = client.session.session_key
        answer = press(client, "Bruno")
        assert "left" not in client.session
        assert client.session.session_key != before
        assert "storage" in answer.headers["Clear-Site-Data"]

    def test_signs_a_stranger_in(self):
        client = Client()
        press(client, "Chen")
        assert who(client) == "Chen"

    def test_takes_nobody_who_is_away_for_good_the_system_or_unknown(self):
        User.objects.filter(pk=person("Chen").pk).update(is_active=False)
        system = User.objects.get(is_system=True)
        for wanted in (person("Chen").pk, system.pk, 0, 999_999, "", "x", "9" * 400):
            client = signed_in("Amina")
            assert client.post("/demo/?save=1", {"person": wanted}).status_code == 422
            assert who(client) == "Amina"

    def test_needs_the_token_of_the_page(self):
        client = Client(enforce_csrf_checks=True)
        assert press(client, "Chen").status_code == 403
        assert who(client) == ""


class TestEveryPage:
    def test_says_who_one_is_that_nothing_is_real_and_leads_to_the_switch(self):
        band = html.fromstring(signed_in("Amina").get("/requests/").content).xpath("//aside[@class='training']")[0]
        said = " ".join(band.text_content().split())
        assert "nobody here is real, and no money moves" in said
        assert "You are Amina: case worker, Niger." in said
        assert band.xpath(".//a/@href") == ["/demo/"]

    def test_of_who_has_not_signed_in_leads_there_too(self):
        band = html.fromstring(Client().get("/sign-in/").content).xpath("//aside[@class='training']")[0]
        assert band.xpath(".//a/@href") == ["/demo/"]


class TestWhereSomethingIsReal:
    @pytest.mark.parametrize("name", ["GAF_ROLE_SWITCHER", "TRAINING"])
    def test_the_page_does_not_exist_when_the_settings_do_not_say(self, settings: Any, name: str):
        setattr(settings, name, False)
        client = signed_in("Amina")
        assert client.get("/demo/").status_code == 404
        assert press(client, "Bruno").status_code == 404
        assert who(client) == "Amina"
        assert 'href="/demo/"' not in client.get("/requests/").content.decode()

    def test_nobody_is_switched_when_the_database_is_not_marked(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(role_switcher, "is_marked", lambda: False)
        client = signed_in("Amina")
        assert client.get("/demo/").status_code == 404
        assert press(client, "Bruno").status_code == 404
        assert who(client) == "Amina"

    def test_the_production_settings_refuse_it(self):
        refused = run("import gaf.settings.production", GAF_ROLE_SWITCHER="1")
        assert refused.returncode != 0
        assert "GAF_ROLE_SWITCHER" in refused.stderr

    def test_production_has_no_such_address(self):
        code = (
            "import django; django.setup(); from django.urls import resolve, Resolver404\n"
            "resolve('/desk/')\n"
            "try:\n    resolve('/demo/')\nexcept Resolver404:\n    print('not there')"
        )
        asked = run(code)
        assert asked.stdout.strip() == "not there", asked.stderr

    def test_a_check_names_it(self, settings: Any):
        settings.TRAINING = False
        assert "GAF-E004" in [one.id for one in run_checks(tags=["security"])]


def run(code: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A second process under production settings."""
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith("GAF_")}, **REAL, **more}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, cwd=django_settings.BASE_DIR, capture_output=True, text=True)
