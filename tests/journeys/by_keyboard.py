"""The same person without a mouse: Tab leads to each field and button, and every stop on the way can be seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

from tests.journeys import in_chromium

MOST_STOPS = 400  # on one page, from anywhere to anywhere
_SEEN = """() => {
  const one = document.activeElement;
  if (one === document.body) return "";
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (style.outlineStyle === "none" || !parseFloat(style.outlineWidth)) return "no outline";
  if (!box.width || !box.height) return "no size";
  const above = document.elementFromPoint(
    Math.max(0, box.left + Math.min(box.width, innerWidth) / 2), Math.max(0, box.top + Math.min(box.height, 40) / 2));
  const its = above && (one.contains(above) || above.contains(one) || above.closest("label")?.control === one);
  return its ? "" : "covered";
}"""


class Person(in_chromium.Person):
    """Somebody who never touches a mouse; `keys` counts what was pressed, a text typed into a field as one."""

    keys = 0

    def seen(self, status: int) -> Page:
        """What is in the window now."""
        return Page(self, status)

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def reach(self, is_there: str, goal: Locator) -> None:
        """Tab until the focus is where a script says; each stop shows that it has the focus."""
        handle = goal.first.element_handle()
        assert handle is not None
        for _stop in range(MOST_STOPS):
            if handle.evaluate(is_there):
                return
            self.press("Tab")
            wrong = self.page.evaluate(_SEEN)
            assert not wrong, f"{wrong}: {self.page.evaluate('document.activeElement.outerHTML')[:200]} {self.page.url}"
        raise AssertionError(f"Tab never reaches {handle.evaluate('one => one.outerHTML')[:200]} on {self.page.url}")


class Page(in_chromium.Page):
    """What stands in the window."""

    def form(self, button: str = "") -> Form:
        return Form(self, super().form(button).form)


class Form(in_chromium.Form):
    """A form, filled in and sent by keys."""

    def _fill(self, field: Locator, value: Any) -> None:
        person = self.page.person
        kind = field.first.evaluate("one => one.tagName + ':' + (one.type || '')").lower()
        if kind.endswith(":hidden"):
            return
        if isinstance(value, list):
            for wanted in value:
                self._tick(field.and_(person.page.locator(f"[value='{wanted}']")), True)
        elif kind.endswith(":radio"):
            self._choose(field, field.and_(person.page.locator(f"[value='{value}']")))
        elif kind.endswith(":checkbox"):
            self._tick(field, bool(value))
        elif kind.startswith("select"):
            self._select(field, str(value))
        else:
            self._reach(field)
            person.press("Control+a")
            person.keys += 1
            person.page.keyboard.insert_text(str(value))

    def unfold(self, control: Locator) -> None:
        while (closed := control.first.locator("xpath=ancestor::details[not(@open)]")).count():
            summary = closed.first.locator("> summary")
            self.page.person.reach("one => one === document.activeElement", summary)
            self.page.person.press("Enter")

    def _reach(self, control: Locator) -> None:
        self.unfold(control)
        self.page.person.reach("one => one === document.activeElement", control)

    def _tick(self, box: Locator, wanted: bool) -> None:
        self._reach(box)
        if box.first.is_checked() != wanted:
            self.page.person.press("Space")
        assert box.first.is_checked() == wanted

    def _choose(self, group: Locator, wanted: Locator) -> None:
        in_group = "one => one.name === document.activeElement.name && one.form === document.activeElement.form"
        self.page.person.reach(in_group, group)
        if not wanted.is_checked():
            self.page.person.press("Space")
        for _step in range(group.count()):
            if wanted.is_checked():
                return
            self.page.person.press("ArrowDown")
        assert wanted.is_checked()

    def _select(self, field: Locator, value: str) -> None:
        self._reach(field)
        self.page.person.press("Home")
        for _step in range(field.locator("option").count()):
            if field.input_value() == value:
                return
            self.page.person.press("ArrowDown")
        assert field.input_value() == value

    def attach(self, name: str, file: Any) -> Form:
        self._reach(self.form.locator(f"[name='{name}']"))  # the window that opens then is the system's own
        super().attach(name, file)
        return self

    def press(self, button: str = "") -> in_chromium.Page:
        person = self.page.person
        target = self.button(button)
        self._reach(target)
        with person.page.expect_navigation() as leaving:
            person.press("Enter")
        answer = leaving.value
        page = person.seen(answer.status if answer else 200)
        assert page.errors == [], f"{page.url}: {page.errors}"
        return page
