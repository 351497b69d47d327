"""The same person in a real browser: pages are opened, fields filled in and buttons pressed in headless Chromium."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator
from playwright.sync_api import Page as ChromiumPage

from tests.journeys.person import PASSWORD

PICTURES = Path(__file__).resolve().parents[2] / ".cache" / "pictures"


def pictures_folder(name: str) -> Path:
    """An empty folder for the pictures of one journey, kept after the run so that people can look at them."""
    folder = PICTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class Person:
    """Somebody of the cast with a window of their own; a picture is kept of every page."""

    def __init__(self, name: str, page: ChromiumPage, pictures: Path, password: str = PASSWORD) -> None:
        self.name, self.page, self.pictures = name, page, pictures
        self.open("/sign-in/").form().fill(login=f"{name}@gaf.example", password=password).press()
        assert "/sign-in/" not in page.url, page.url

    def open(self, url: str) -> Page:
        answer = self.page.goto(url)
        assert answer is not None
        return self.seen(answer.status)

    def seen(self, status: int) -> Page:
        """What is in the window now; it fits the width, and a picture of it is kept."""
        number = len(list(self.pictures.glob("*.png"))) + 1
        path = re.sub(r"^https?://[^/]+", "", self.page.url).split("?")[0].strip("/").replace("/", "_") or "home"
        self.page.screenshot(path=str(self.pictures / f"{number:03d}-{self.name}-{path[:60]}.png"), full_page=True)
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{self.page.url} is {too_wide} px wider than the window"
        return Page(self, status)


class Page:
    """What stands in the window."""

    def __init__(self, person: Person, status: int) -> None:
        self.person, self.status = person, status

    @property
    def url(self) -> str:
        return re.sub(r"^https?://[^/]+", "", self.person.page.url)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.person.page.inner_text("body"))

    @property
    def heading(self) -> str:
        return self.person.page.inner_text("h1").strip()

    @property
    def errors(self) -> list[str]:
        return self.person.page.locator("[role=alert] li").all_inner_texts()

    def form(self, button: str = "") -> Form:
        forms = self.person.page.locator("main form[method=post]")
        if button:
            wanted = re.compile(re.escape(button), re.I)
            forms = forms.filter(has=self.person.page.locator("button").filter(has_text=wanted))
        return Form(self, forms.first)


class Form:
    """A form in the window."""

    def __init__(self, page: Page, form: Locator) -> None:
        self.page, self.form = page, form

    @property
    def names(self) -> list[str]:
        return sorted(set(self.form.locator("[name]").evaluate_all("all => all.map(one => one.name)")))

    def options(self, name: str) -> list[str]:
        return self.form.locator(f"[name='{name}']").evaluate_all("all => all.map(one => one.value)")

    def fill(self, values: dict[str, Any] | None = None, **more: Any) -> Form:
        for name, value in {**(values or {}), **more}.items():
            self._fill(self.form.locator(f"[name='{name}']"), value)
        return self

    def _fill(self, field: Locator, value: Any) -> None:
        kind = field.first.evaluate("one => one.tagName + ':' + (one.type || '')").lower()
        if not kind.endswith((":radio", ":checkbox")):
            self.unfold(field.first)
        if isinstance(value, list):
            for wanted in value:
                self._check(field, wanted)
        elif kind.endswith(":radio"):
            self._check(field, str(value))
        elif kind.endswith(":checkbox"):
            field.first.set_checked(bool(value))
        elif kind.startswith("select"):
            field.first.select_option(str(value))
        else:
            field.first.fill(str(value))

    def _check(self, field: Locator, value: str) -> None:
        box = field.and_(self.page.person.page.locator(f"[value='{value}']"))
        self.unfold(box)
        box.check()

    def attach(self, name: str, file: Any) -> Form:
        file.seek(0)
        content = {"name": file.name, "mimeType": file.content_type, "buffer": file.read()}
        self.form.locator(f"[name='{name}']").set_input_files(content)
        return self

    def button(self, words: str = "") -> Locator:
        """The button with these words; without any, the first."""
        buttons = self.form.locator("button")
        return buttons.filter(has_text=re.compile(re.escape(words), re.I)).last if words else buttons.first

    def unfold(self, control: Locator) -> None:
        """Open what a control is folded away in, as somebody would who looks for it."""
        while (closed := control.locator("xpath=ancestor::details[not(@open)]")).count():
            closed.first.locator("> summary").click()

    def press(self, button: str = "") -> Page:
        window = self.page.person.page
        self.unfold(self.button(button))
        with window.expect_navigation() as leaving:
            self.button(button).click()
        answer = leaving.value
        page = self.page.person.seen(answer.status if answer else 200)
        assert page.errors == [], f"{page.url}: {page.errors}"
        return page
