"""A person with a browser that has scripts off: opens pages, reads forms, fills them in and presses a button."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from lxml import html

PASSWORD = "demo-only-password"


class Page:
    """One answer of the site: its status, its words, its forms."""

    def __init__(self, person: Person, url: str, response: Any) -> None:
        self.person, self.url, self.response = person, url, response
        self.status = response.status_code
        self.text = response.content.decode("utf-8", "replace")
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        self.tree = html.fromstring(self.text) if is_html and self.text.strip() else None

    @property
    def words(self) -> str:
        """What a reader sees, white space folded."""
        return re.sub(r"\s+", " ", self.tree.text_content()).strip() if self.tree is not None else self.text

    @property
    def heading(self) -> str:
        found = self.tree.xpath("//h1")
        return re.sub(r"\s+", " ", found[0].text_content()).strip() if found else ""

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        return [re.sub(r"\s+", " ", item.text_content()).strip() for item in self.tree.xpath("//*[@role='alert']//li")]

    def links(self, part: str) -> list[str]:
        return [link for link in self.tree.xpath("//main//a/@href") if part in link]

    def form(self, button: str = "") -> Form:
        """The form in the main part that has a button with these words; the only one when no words are given."""
        forms = [form for form in self.tree.forms if form.xpath("ancestor::main") and form.method == "POST"]
        fitting = [form for form in forms if not button or button.lower() in _buttons(form).lower()]
        assert fitting, f"no form with “{button}” on {self.url}: {[_buttons(form) for form in forms]}"
        return Form(self, fitting[0])


def _buttons(form: Any) -> str:
    return " · ".join(b.text_content().strip() for b in form.xpath(".//button|.//input[@type='submit']"))


class Form:
    """A form as typed so far."""

    def __init__(self, page: Page, element: Any) -> None:
        self.page, self.element = page, element
        self.files: dict[str, Any] = {}

    @property
    def names(self) -> list[str]:
        return sorted(set(self.element.fields))

    def options(self, name: str) -> list[str]:
        """The values a choice offers."""
        return list(getattr(self.element.inputs[name], "value_options", []))

    def fill(self, values: dict[str, Any] | None = None, **more: Any) -> Form:
        """Type into fields by their names; a list ticks several boxes, True ticks one."""
        for name, value in {**(values or {}), **more}.items():
            assert name in self.element.fields, f"{name} is not on {self.page.url}: {self.names}"
            field = self.element.inputs[name]
            if isinstance(value, list):
                for box in field:
                    box.checked = box.get("value") in value
            elif isinstance(value, bool):
                field.checked = value
            else:
                self.element.fields[name] = str(value)
        return self

    def attach(self, name: str, file: Any) -> Form:
        self.files[name] = file
        return self

    def values(self, button: str = "") -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, value in self.element.form_values():
            data.setdefault(name, []).append(value)
        for pressed in self.element.xpath(".//button[@name]"):
            if button and button.lower() in pressed.text_content().lower():
                data[pressed.get("name")] = [pressed.get("value") or ""]
        return {**data, **self.files}

    def send(self, button: str = "") -> Page:
        """Send the form, as the button with these words would, and follow where the site leads."""
        return self.page.person.post(self.page.url, self.element.action or "", self.values(button))

    def press(self, button: str = "") -> Page:
        """The same, and the site has nothing against it."""
        page = self.send(button)
        assert page.status == 200, f"{page.url} {page.status}: {page.errors or page.words[:600]}"
        return page


class Person:
    """Somebody of the cast, signed in through the door everybody uses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.client = Client(enforce_csrf_checks=True)
        page = self.open("/sign-in/")
        signed_in = page.form().fill(login=f"{name}@gaf.example", password=PASSWORD).press()
        assert signed_in.status == 200, signed_in.words
        assert "_auth_user_id" in self.client.session

    def open(self, url: str) -> Page:
        return Page(self, url, self.client.get(url, follow=True))

    def post(self, url: str, action: str, data: dict[str, Any]) -> Page:
        target = url.split("?")[0] + action if action.startswith("?") or not action else action
        response = self.client.post(target, data, follow=True)
        return Page(self, response.redirect_chain[-1][0] if response.redirect_chain else target, response)

    def leave(self) -> None:
        self.client.post("/sign-out/")
