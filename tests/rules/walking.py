"""Going from address to address as everybody: what an answer may be, and what may stand in a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver
from lxml import html

from gaf.middleware import STRICT
from tests.cast import person

OF_EACH_ROLE = {
    "CW": "Amina",
    "HU": "Idriss",
    "MF": "Moussa",
    "ER": "Bruno",
    "DO": "Gloria",
    "BA": "Chen",
    "CO": "Marie",
    "PA": "Divya",
    "RE": "Esi",
    "FM": "Helena",
    "PC": "Viktor",
    "ED": "Farid",
    "DS": "Nadia",
    "PF": "Ngozi",
    "AU": "Omar",
    "OV": "Wanjiru",
    "SA": "Tunde",
}
SECRET = b"Only the mission in Niger and its readers see these bytes."  # the document of the request that is walked
ELSEWHERE = {"CW": "Rima", "HU": "Fadi", "MF": "Nour"}  # the same roles in Lebanon
STRANGER = ""  # who has not signed in
EVERYBODY = [*OF_EACH_ROLE.values(), *ELSEWHERE.values(), STRANGER]
POSSIBLE = {200, 302, 303, 403, 404, 405, 409, 422}
DESK = "cms/"  # what lies below it is Wagtail's own
_LOG_OF_READING = "privacy_read"  # grows with every page that is opened
_SINKS = {"sessions", "contenttypes", "auth", "wagtailsearch"}


def addresses() -> dict[str, str]:
    """Every address of the site by its name, or by itself where it has none; of the editors' desk only its root."""

    def walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for entry in patterns:
            route = before + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield entry.name or route, route
            elif route == DESK:
                yield "desk of the editors", route
            else:
                yield from walk(entry.url_patterns, route)

    return dict(walk(get_resolver().url_patterns, ""))


def filled(route: str, records: dict[str, str]) -> str:
    """The address with the keys of these records in their places."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: records[place[1]], route)


class Walker:
    """One browser for each of the people."""

    def __init__(self, names: Iterable[str]) -> None:
        self.clients = {name: Client(raise_request_exception=False) for name in names}
        for name, client in self.clients.items():
            if name != STRANGER:
                client.force_login(person(name))

    def get(self, name: str, address: str) -> HttpResponse:
        """Open a page."""
        return self.clients[name].get(address)

    def post(self, name: str, address: str, data: dict[str, Any]) -> tuple[HttpResponse, bool]:
        """Send something, look whether anything was kept, and put everything back as it was."""
        with transaction.atomic():
            before = kept()
            answer = self.clients[name].post(f"{address}?save=1", data)
            changed = kept() != before
            transaction.set_rollback(True)
        return answer, changed


def kept() -> tuple[int, ...]:
    """How many rows every table of ours has; each decision, version, promise and journal is a row."""
    models = [model for model in apps.get_models() if model._meta.app_label not in _SINKS]
    models = [model for model in models if model._meta.db_table != _LOG_OF_READING]
    counts = ", ".join(f'(SELECT COUNT(*) FROM "{model._meta.db_table}")' for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return tuple(cursor.fetchone())


# What is wrong with an answer


def content_of(answer: HttpResponse) -> bytes:
    """All bytes of an answer, also of one that is streamed."""
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return bytes(answer.content)


def wrong_with(answer: HttpResponse, address: str, *, signed_in: bool) -> list[str]:
    """Everything that no answer may be or contain, whoever asked for whatever."""
    status = answer.status_code
    if status not in POSSIBLE:
        return [f"answers {status}"]
    found = []
    if signed_in and "no-store" not in answer.headers.get("Cache-Control", ""):
        found.append("may be kept on the device")
    if address.startswith("/cms/"):
        return found
    content_type = answer.headers.get("Content-Type", "")
    policy = answer.headers.get("Content-Security-Policy", "")
    if policy != STRICT and not (policy == "default-src 'none'; sandbox" and "attachment" in str(answer.headers)):
        found.append(f"has the content policy {policy!r}")
    if not content_type.startswith("text/html") or not answer.content:
        return found
    tree = html.fromstring(answer.content)
    return [*found, *_wrong_words(answer, tree), *_wrong_parts(tree, address)]


def _wrong_words(answer: HttpResponse, tree: Any) -> list[str]:
    status, text = answer.status_code, tree.text_content()
    if status == 403 and not re.search(r"Rule [A-Z]+-\d+", text):
        return ["refuses without naming a rule"]
    if status == 422 and not tree.xpath("//*[@role='alert']//li") and not re.search(r"Rule [A-Z]+-\d+", text):
        return ["is not content with the form and does not say why"]
    if status == 409 and "Where it is now" not in text:
        return ["has moved on and does not say where to"]
    return []


def _wrong_parts(tree: Any, address: str) -> list[str]:
    found = []
    if tree.xpath("//@style|//style|//script[not(@src)]") or tree.xpath("//@*[starts-with(name(), 'on')]"):
        found.append("has a style or script in the page")
    loaded = tree.xpath("//link/@href|//script/@src|//img/@src|//iframe/@src|//source/@src|//object/@data")
    found += [f"loads {one}" for one in loaded if not re.match(r"/(?!/)|#", one)]
    for form in tree.xpath("//form[@method='post']"):
        action = form.get("action") or ""
        path = action.split("?")[0] or address
        if not re.match(r"/(?!/)|\?", action) or (path == address and "save=1" not in action):
            found.append(f"sends a form to {action!r}")
    return found


# What people send who mean no good, or pressed too early


def forms_of(answer: HttpResponse) -> list[Any]:
    """The forms in the main part of a page that send something."""
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        return []
    return html.fromstring(answer.content).xpath("//main//form[@method='post']")


def values_of(form: Any) -> dict[str, list[str]]:
    """What a form sends as it stands."""
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    return values


def earnest(form: Any) -> dict[str, list[str]]:
    """The form filled in as somebody would who means it: a reason in every box, every choice made, every box ticked."""
    values = values_of(form)
    for box in form.xpath(".//textarea[@name]"):
        values[box.get("name")] = ["For the reason that was agreed."]
    for choice in form.xpath(".//input[@type='radio' or @type='checkbox']"):
        values.setdefault(choice.get("name"), [choice.get("value", "on")])
    for choice in form.xpath(".//select[@name]"):
        offered = [option for option in choice.value_options if option]
        if not values.get(choice.get("name"), [""])[0] and offered:
            values[choice.get("name")] = [offered[0]]
    return values


def stale(form: Any) -> dict[str, list[str]]:
    """The form as it stands, sent by somebody who saw the record as it was before."""
    return {**values_of(form), "seen_version": ["0"]}


def junk(form: Any, foreign: str) -> dict[str, Any]:
    """Nonsense in every field: too long, negative, not a number, markup, a key of another mission."""
    nonsense = ["-1", "NaN", "9" * 400, "<script>alert(1)</script>", foreign, "\x00", "1e999", "x" * 50_000]
    values: dict[str, Any] = {}
    for place, field in enumerate(form.inputs):
        if not field.name or field.name in ("csrfmiddlewaretoken", "seen_version"):
            continue
        if field.get("type") == "file":
            values[field.name] = SimpleUploadedFile("invoice.pdf", b"MZ\x90 not what it says", "application/pdf")
        else:
            values[field.name] = nonsense[place % len(nonsense)]
    seen = form.xpath(".//input[@name='seen_version']/@value")
    return {**values, **({"seen_version": seen[0]} if seen else {})}


# One person at one address


@dataclass
class Walk:
    """One person at one address, and everything that was wrong there."""

    walker: Walker
    name: str
    place: str
    address: str
    for_them: bool  # whether the page is there for this person
    may_change: bool  # whether this person may change something from here
    wrong: list[str]

    def say(self, did: str, problem: str) -> None:
        self.wrong.append(f"{self.place}: {self.name or 'a stranger'} {did}: {problem}")

    def look(self) -> HttpResponse:
        """Open the page; nothing is changed by looking."""
        before = kept()
        answer = self.walker.get(self.name, self.address)
        if kept() != before:
            self.say("looks", "changes something")
        return self.judge("looks", answer)

    def send(self, did: str, data: dict[str, Any], *, harmless: bool) -> None:
        """Send something; `harmless` may never change anything, whoever sends it."""
        answer, changed = self.walker.post(self.name, self.address, data)
        self.judge(did, answer)
        if changed and (harmless or not self.may_change):
            self.say(did, "changes something")
        if changed and answer.status_code not in (302, 303):
            self.say(did, f"changes something and answers {answer.status_code}")

    def judge(self, did: str, answer: HttpResponse) -> HttpResponse:
        status = answer.status_code
        for problem in wrong_with(answer, self.address, signed_in=self.name != STRANGER):
            self.say(did, problem)
        if self.for_them and status == 404 and did != "sends nonsense":  # which names what is out of their sight
            self.say(did, "finds nothing")
        if not self.for_them:
            to_the_door = answer.headers.get("Location", "").startswith("/sign-in/")
            fitting = status == 302 and to_the_door if self.name == STRANGER else status in (404, 405)
            if not fitting:
                self.say(did, f"is answered {status}")
            if SECRET in content_of(answer):
                self.say(did, "reads the document")
        return answer

    def press_everything(self, empty_is_a_press: bool, foreign: str) -> dict[str, list[str]]:
        """Send each form of the page empty, from a page opened long ago, and full of nonsense.

        Returns the first form filled in in earnest, for others to press.
        """
        page = self.look()
        forms = forms_of(page)
        if page.status_code not in (403, 409):
            self.send("sends nothing", {}, harmless=not empty_is_a_press)
        for form in forms:
            if form.xpath(".//input[@name='seen_version']"):
                self.send("sends an old page", stale(form), harmless=True)
            self.send("sends nonsense", junk(form, foreign), harmless=False)
        return earnest(forms[0]) if forms else {}
