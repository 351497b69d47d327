"""A browser with scripts off: opens a page, changes what a person would, presses a button of the form."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.cast import person
from workflow.models import AssistanceRequest

Fields = dict[str, list[str]]


def signed_in(name: str) -> Client:
    """A browser in which one of the cast is signed in."""
    client = Client()
    client.force_login(person(name))
    return client


def url_of(assistance: AssistanceRequest, page: str = "") -> str:
    """A page under a record."""
    return f"/requests/{assistance.reference}/{page}"


class _Forms(HTMLParser):
    """What a browser would send for each form of a page that posts, were nothing changed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self._inside = False
        self._select = self._area = ""
        self._first: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not given.get("action", "").startswith(("/sign-out", "/language")):
            self._inside = True
            self.forms.append((given.get("action", ""), {}))
        if not self._inside:
            return
        name, fields = given.get("name", ""), self.forms[-1][1]
        if tag == "select":
            self._select, self._first = name, []
        elif tag == "option" and self._select:
            self._first.append(given.get("value", ""))
            if "selected" in given:
                fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            fields[name] = [""]
        elif tag == "input" and name and given.get("type") != "file":
            ticks = given.get("type") in ("checkbox", "radio")
            if not ticks or "checked" in given:
                fields.setdefault(name, []).append(given.get("value", "on" if ticks else ""))

    def handle_data(self, data: str) -> None:
        if self._inside and self._area:
            self.forms[-1][1][self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._inside:
            if self._first and self._select not in self.forms[-1][1]:
                self.forms[-1][1][self._select] = [self._first[0]]
            self._select = ""
        elif tag == "textarea" and self._area:
            fields = self.forms[-1][1]
            fields[self._area][0] = fields[self._area][0].removeprefix("\r\n").removeprefix("\n")
            self._area = ""
        elif tag == "form":
            self._inside = False


def forms_of(response: HttpResponse) -> list[tuple[str, Fields]]:
    """Each form's action and fields."""
    reader = _Forms()
    reader.feed(response.content.decode())
    return reader.forms


def send(
    client: Client, page: HttpResponse, said: dict[str, Any] | None = None, *, place: int = -1, **button: str
) -> HttpResponse:
    """Send the last form of a page with these answers, by this button; None as an answer leaves the field out."""
    action, fields = forms_of(page)[place]
    answers: dict[str, Any] = {**fields, **(said or {}), **button}
    path = page.request["PATH_INFO"]
    assert action, "a form posts to another address than its page"
    kept = {name: value for name, value in answers.items() if value is not None}
    return client.post(f"{path}{action}" if action.startswith("?") else action, kept)


def fill(client: Client, url: str, said: dict[str, Any] | None = None, **button: str) -> HttpResponse:
    """Open a page, fill it in, press a button."""
    page = client.get(url)
    assert page.status_code == 200, (url, page.status_code)
    return send(client, page, said, **button)


def words(response: HttpResponse) -> str:
    """The words of a page on one line."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


def day(prefix: str, text: str) -> dict[str, str]:
    """The three boxes of a day, such as `12 10 2026`."""
    return {f"{prefix}_{place}": part for place, part in enumerate(text.split(" "))}
