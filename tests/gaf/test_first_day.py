"""The first day: a checklist ticked by the record of decisions, and examples in lists that are empty."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import html

from gaf.accounts.roles import Role
from gaf.first_day import checklist_of, open_checklist, roles_to_learn, tasks_of
from tests import stories, stories_asking
from tests.cast import criteria, person, somebody
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("house")]
ROOT = Path(__file__).resolve().parent.parent.parent
ASK = "Ask for help for a person, and send the request."


def ticked(name: str) -> list[str]:
    return [str(one.task.label) for one in checklist_of(person(name)) if one.is_done]


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


def page(client: Client, address: str) -> Any:
    return html.fromstring(client.get(address).content)


def card(client: Client, address: str) -> str:
    """What the checklist on a page says; empty where there is none."""
    found = page(client, address).xpath("//section[@aria-labelledby='first-day']")
    return " ".join(found[0].text_content().split()) if found else ""


class TestAChecklist:
    def test_is_there_for_every_role_that_decides_and_is_no_longer_than_six(self):
        for role in roles_to_learn():
            assert 1 <= len(tasks_of(role)) <= 6, role
        assert set(roles_to_learn()) == set(Role) - {
            Role.EDITOR,
            Role.DATA_STEWARD,
            Role.PRIVACY_FOCAL_POINT,
            Role.AUDITOR,
            Role.OVERSIGHT,
            Role.SYSTEM_ADMINISTRATOR,
            Role.SYSTEM,
        }

    def test_is_ticked_by_what_was_done_and_by_nothing_else(self):
        assert ticked("Amina") == []
        stories_asking.a_draft()
        assert ticked("Amina") == []
        stories.a_submitted_request()
        assert ticked("Amina") == [ASK]

    def test_is_ticked_for_who_did_it_alone(self):
        criteria()
        stories.a_taken_request()
        assert ticked("Bruno") == ["Take a request from the inbox."]
        assert ticked("Beatriz") == []

    def test_is_ticked_by_no_form(self):
        client = signed_in("Amina")
        client.post("/first-day/?save=1", {"task": "0", "done": "on", "submit": "on"})
        assert ticked("Amina") == []

    def test_asks_the_database_once_and_not_at_all_when_it_is_put_away(self, django_assert_num_queries: Any):
        amina = person("Amina")
        checklist_of(amina)  # which reads the roles; a page has read them for its bar
        with django_assert_num_queries(1):
            open_checklist(amina)
        amina.shows_first_day = False
        with django_assert_num_queries(0):
            assert open_checklist(amina) == []

    def test_leads_only_to_pages_that_open_for_its_role(self):
        for role in roles_to_learn():
            code = "NE" if role in ("case_worker", "head_of_unit", "mission_finance") else ""
            client = Client()
            client.force_login(somebody(f"New {role}".replace(" ", "-"), Role(role), code))
            for task in tasks_of(role):
                assert client.get(task.url.partition("#")[0]).status_code == 200, (role, task.url)


class TestOnADesk:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("Amina", "/desk/"),
            ("Idriss", "/desk/"),
            ("Moussa", "/desk/"),
            ("Bruno", "/inbox/"),
            ("Gloria", "/duty/"),
            ("Chen", "/approvals/"),
            ("Marie", "/certification/"),
            ("Divya", "/releases/"),
            ("Esi", "/reconciliation/"),
            ("Helena", "/closing/"),
            ("Viktor", "/payees/"),
        ],
    )
    def test_it_stands_on_the_first_page_of_each_role(self, name: str, address: str):
        client = signed_in(name)
        assert client.get("/").headers["Location"] == address
        assert "First day 0 of " in card(client, address)

    def test_it_is_not_on_the_pages_that_others_share_with_that_role(self):
        assert card(signed_in("Helena"), "/reconciliation/") == ""
        assert card(signed_in("Marie"), "/payees/") == ""

    def test_says_in_words_what_is_done(self):
        stories.a_submitted_request()
        said = card(signed_in("Amina"), "/desk/")
        assert "First day 1 of 5" in said
        assert f"{ASK} done" in said
        assert "Report what was done and spent. not done yet" in said

    def test_is_put_away_with_one_press_and_brought_back(self):
        client = signed_in("Amina")
        button = page(client, "/desk/").xpath("//section[@aria-labelledby='first-day']//form")[0]
        assert button.get("action") == "/first-day/?save=1"
        answer = client.post("/first-day/?save=1", {"shows": "off"})
        assert answer.headers["Location"] == "/desk/"
        assert card(client, "/desk/") == ""
        assert "/first-day/" in page(client, "/desk/").xpath("//footer//a/@href")
        client.post("/first-day/?save=1", {"shows": "on"})
        assert "First day 0 of 5" in card(client, "/desk/")

    def test_is_gone_when_all_is_done_and_stays_on_its_own_page(self, monkeypatch: pytest.MonkeyPatch):
        acts = {act for task in tasks_of("case_worker") for act in task.acts}
        monkeypatch.setattr("gaf.first_day._done", lambda person, wanted: acts)
        client = signed_in("Amina")
        assert card(client, "/desk/") == ""
        assert len(page(client, "/first-day/").xpath("//ul[@class='checklist']/li[@class='done']")) == 5

    def test_roles_without_one_are_told_so(self):
        client = signed_in("Omar")
        assert "There is no checklist for your role." in page(client, "/first-day/").text_content()
        assert "/first-day/" not in page(client, "/requests/").xpath("//footer//a/@href")


class TestAnExample:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("Amina", "/desk/"),
            ("Bruno", "/inbox/"),
            ("Gloria", "/duty/"),
            ("Bruno", "/requests/"),
            ("Divya", "/disbursements/"),
            ("Viktor", "/payees/"),
            ("Esi", "/reconciliation/GVA/"),
        ],
    )
    def test_in_an_empty_list_is_said_to_be_one_and_is_no_data(self, name: str, address: str):
        tree = page(signed_in(name), address)
        (drawn,) = tree.xpath("//div[@class='example']")
        assert "Example" in drawn.text_content()
        assert "Nothing of it is real, and it is counted nowhere." in drawn.text_content()
        assert drawn.xpath(".//a | .//table | ancestor::table | .//button") == []
        cells = drawn.xpath("./p[@class='cells']")[0]
        assert cells.get("aria-hidden") == "true"
        assert "0000" in cells.text_content()

    def test_is_an_urgent_one_where_only_those_are(self):
        (drawn,) = page(signed_in("Gloria"), "/duty/").xpath("//div[@class='example']")
        assert "P1" in drawn.text_content()

    def test_is_gone_with_the_first_row(self):
        made = stories.a_submitted_request()
        tree = page(signed_in("Bruno"), "/requests/")
        assert made.reference in tree.text_content()
        assert tree.xpath("//div[@class='example']") == []

    def test_is_counted_nowhere(self):
        tree = page(signed_in("Bruno"), "/requests/")
        assert tree.xpath("//h1/span[@class='count']")[0].text == "0"
        assert tree.xpath("//div[@class='example']") != []

    def test_goes_with_the_checklist(self):
        client = signed_in("Bruno")
        client.post("/first-day/?save=1", {"shows": "off"})
        assert page(client, "/inbox/").xpath("//div[@class='example']") == []


def test_every_act_of_a_checklist_is_one_of_the_fund() -> None:
    known = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "generated" / "permission-matrix.md").read_text()))
    acts = {act for role in roles_to_learn() for task in tasks_of(role) for act in task.acts}
    assert acts - known == set()
