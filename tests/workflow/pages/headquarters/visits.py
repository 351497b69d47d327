"""Visiting pages as one of the cast, by plain requests without scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.cast import PASSWORD, person
from workflow.models import AssistanceRequest


def signed_in(name: str) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(person(name))
    return client


def url_of(assistance: AssistanceRequest, page: str = "") -> str:
    """The record, or one of its pages."""
    return f"/requests/{assistance.reference}/{page}"


def visit(name: str, assistance: AssistanceRequest, page: str = "") -> HttpResponse:
    """Open a page of a request."""
    return signed_in(name).get(url_of(assistance, page))


def text_of(response: HttpResponse) -> str:
    """The words of a page, spaces made plain."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain.replace("\u202f", " ").replace("&#x27;", "'")).strip()


class _Fields(HTMLParser):
    """Collects what a browser would send of every form that posts."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select = self._textarea = ""
        self._posts = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self._posts = a.get("method") == "post" and not (a.get("action") or "").startswith("/sign-out")
            if self._posts:
                self.forms.append({"action": a.get("action", ""), "fields": {}})
        if not self._posts or not self.forms:
            return
        fields, name = self.forms[-1]["fields"], a.get("name") or ""
        if tag == "input" and name and name != "csrfmiddlewaretoken":
            self._input(fields, name, a)
        elif tag == "select":
            self._select = name
            fields.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in a:
            fields[self._select] = a.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea = name
            fields[name] = ""

    def _input(self, fields: dict[str, Any], name: str, a: dict[str, str | None]) -> None:
        if a.get("type") in ("checkbox", "radio"):
            if "checked" in a:
                value = a.get("value") or "on"
                fields[name] = [*fields.get(name, []), value] if a["type"] == "checkbox" else value
        else:
            value = a.get("value") or ""
            fields[name] = [*fields.get(name, []), value] if name == "numbers" else value

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            self.forms[-1]["fields"][self._textarea] += data.lstrip("\n").lstrip("\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "form":
            self._posts = False


def form_on(response: HttpResponse, place: int = 0) -> dict[str, Any]:
    """What the form on a page would send if nothing were changed; `action` is where to."""
    parser = _Fields()
    parser.feed(response.content.decode())
    return parser.forms[place]


def press(name: str, assistance: AssistanceRequest, page: str, **said: Any) -> HttpResponse:
    """Open a page, fill in what is said (`__` stands for a hyphen), and press its button."""
    client = signed_in(name)
    address = url_of(assistance, page)
    opened = client.get(address)
    assert opened.status_code == 200, opened.status_code
    return send(client, address, form_on(opened), **said)


def send(client: Client, address: str, form: dict[str, Any], **said: Any) -> HttpResponse:
    """Send a form as it stands on the page, with these answers."""
    answers = {name.replace("__", "-"): value for name, value in said.items()}
    if "password" in form["fields"]:
        answers.setdefault("password", PASSWORD)
    action = form["action"]
    target = f"{address}{action}" if action.startswith("?") else action
    return client.post(target, {**form["fields"], **answers})
