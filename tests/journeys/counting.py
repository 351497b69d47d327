"""The same person, with every act counted: pages, acts, keys, words typed, words to read, requests and bytes.

An act is one press on a control, or going to a field to type; a field that already holds the right value costs none.
Seconds are worked out from the counts by the keystroke-level model (Card, Moran and Newell 1980), never measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Locator
from playwright.sync_api import Page as ChromiumPage

from tests.journeys import in_chromium
from tests.journeys.person import PASSWORD

_WORDS_TO_READ = """() => [...document.querySelectorAll("main h1, main label, main legend, main .hint, main h2")]
  .filter(one => one.offsetParent && !one.closest("nav") && !(one.tagName === "H1" && one.closest("legend")))
  .map(one => one.innerText).join(" ").split(/\\s+/).filter(word => word).length"""
_WORDS_A_MINUTE_READ = 220
_WAITED_FOR = ("Document", "Fetch", "XHR")  # style sheets and scripts come from the cache, or beside the page
A_WAY, BYTES_A_SECOND = 0.7, 8_000  # there and back over a satellite, in seconds; 64 kbit/s down
SATELLITE = {
    "offline": False,
    "latency": A_WAY * 1_000,
    "downloadThroughput": BYTES_A_SECOND,
    "uploadThroughput": BYTES_A_SECOND / 2,
}


@dataclass
class Cost:
    """What one job took so far."""

    pages: int = 0
    acts: int = 0
    keys: int = 0
    words_typed: int = 0
    words_read: int = 0
    decisions: int = 0
    requests: int = 0
    ways: int = 0
    bytes: int = 0

    @property
    def waiting(self) -> int:
        """Seconds a satellite line takes, worked out: a way there and back for each page or answer, and its bytes."""
        return round(self.ways * A_WAY + self.bytes / BYTES_A_SECOND)

    def seconds(self, *, phone: bool) -> int:
        """By the model, without waiting for the line: acts, thinking, reading and typing."""
        tap, words_a_minute = (1.0, 35) if phone else (1.1, 60)
        typing = self.words_typed / words_a_minute * 60
        reading = self.words_read / _WORDS_A_MINUTE_READ * 60
        return round(self.acts * tap + self.keys * 0.28 + self.decisions * 1.35 + typing + reading)


class Person(in_chromium.Person):
    """Somebody whose cost is counted from the moment `cost` is set anew; `signing_in` is what that took before."""

    def __init__(self, name: str, page: ChromiumPage, pictures: Path, password: str = PASSWORD) -> None:
        self.cost = Cost()
        self.screens: list[str] = []
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.requestWillBeSent", self._requested)
        line.on("Network.loadingFinished", self._loaded)
        self._line = line
        super().__init__(name, page, pictures, password)
        self.signing_in, self.cost = self.cost, Cost()

    def go_by_satellite(self) -> None:
        """From here on everything comes and goes over a satellite."""
        self._line.send("Network.emulateNetworkConditions", SATELLITE)

    def with_nothing_kept(self) -> None:
        """From here on everything has to come anew: style sheets and scripts, too."""
        self._line.send("Network.clearBrowserCache")
        self.cost = Cost()

    def _requested(self, event: dict[str, Any]) -> None:
        self.cost.requests += 1
        self.cost.ways += event.get("type") in _WAITED_FOR

    def _loaded(self, event: dict[str, Any]) -> None:
        self.cost.bytes += int(event["encodedDataLength"])

    def seen(self, status: int) -> Page:
        """What is in the window now; its words are read once."""
        self.cost.pages += 1
        self.screens.append(self.page.url)
        self.cost.words_read += self.page.evaluate(_WORDS_TO_READ)
        return Page(self, status)

    @contextmanager
    def told_that_it_is_done(self) -> Iterator[None]:
        """What follows is a page that is counted; its words are there for whoever wants them, no part of the job."""
        before = self.cost.words_read
        yield
        self.cost.words_read = before

    def leave_by(self, selector: str) -> Page:
        """Press the first link or button of this kind, and see where it leads."""
        self.cost.acts += 1
        with self.page.expect_navigation() as leaving:
            self.page.locator(selector).first.click()
        return self.seen(leaving.value.status)

    def click(self, words: str, role: Literal["link", "button"] = "link") -> None:
        """Press the first link, or button, with these words."""
        self.cost.acts += 1
        self.page.get_by_role(role, name=words).first.click()

    def click_on(self, selector: str) -> None:
        """Press something that leads nowhere else: a tick, or what unfolds."""
        self.cost.acts += 1
        self.page.locator(selector).first.click()

    def follow(self, words: str, role: Literal["link", "button"] = "link") -> Page:
        """Press it, and see where it leads."""
        with self.page.expect_navigation() as leaving:
            self.click(words, role)
        return self.seen(leaving.value.status)

    def key(self, name: str) -> None:
        """Press one single key."""
        self.cost.keys += 1
        self.page.keyboard.press(name)

    def go_by_key(self, name: str) -> Page:
        """Press one that leads to another page, and see it."""
        with self.page.expect_navigation() as leaving:
            self.key(name)
        return self.seen(leaving.value.status)


class Page(in_chromium.Page):
    """What stands in the window."""

    def form(self, button: str = "") -> Form:
        return Form(self, super().form(button).form)


class Form(in_chromium.Form):
    """A form that counts what is done to it."""

    def _fill(self, field: Locator, value: Any) -> None:
        held = field.first.evaluate(
            "one => one.type === 'radio' || one.type === 'checkbox'"
            " ? [...document.querySelectorAll(`[name='${one.name}']:checked`)].map(box => box.value) : one.value"
        )
        wanted = value if isinstance(value, list) else ["on"] if value is True else [str(value)]
        if held in (wanted, str(value)):
            return
        cost: Cost = self.page.person.cost
        cost.acts += len(wanted)
        cost.decisions += 1
        kind = field.first.evaluate("one => one.type")
        if kind in ("text", "textarea", "search", "number"):
            cost.words_typed += len(str(value).split())
        super()._fill(field, value)

    def paste(self, name: str, text: str) -> None:
        """Go to a box, and put in what was copied elsewhere: nothing is typed."""
        cost: Cost = self.page.person.cost
        cost.acts += 1
        cost.keys += 1
        super()._fill(self.form.locator(f"[name='{name}']"), text)

    def press_and_stay(self, button: str, until: str) -> in_chromium.Page:
        """Press what answers in the same place; where scripts are off the page comes anew."""
        self.page.person.cost.acts += 1
        self.button(button).click()
        self.page.person.page.get_by_text(until).first.wait_for()
        return self.page.person.seen(200)

    def unfold(self, control: Locator) -> None:
        self.page.person.cost.acts += control.locator("xpath=ancestor::details[not(@open)]").count()
        super().unfold(control)

    def press(self, button: str = "") -> in_chromium.Page:
        self.page.person.cost.acts += 1
        return super().press(button)


def told(job: str, cost: Cost, *, phone: bool = False) -> Cost:
    """The cost, after it was printed as a row of docs/usability.md."""
    print(
        f"{job} | {cost.pages} | {cost.acts} | {cost.keys} | {cost.words_typed} | {cost.words_read} | "
        f"{cost.requests} | {cost.bytes:,} | {cost.seconds(phone=phone)} s | {cost.waiting} s by satellite"
    )
    return cost
