"""Looks at a page in a browser without a server: the answer of the site and its own files are all there is.

Three questions are asked of each page: does axe find a fault against WCAG 2.2 A and AA; is it wider than its window;
and is it still not wider when every text is half as long again, and when it reads from right to left.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from playwright.sync_api import Page, Route

SITE = "http://fund.example"
LANGUAGES = ("en", "fr", "es")
WIDTHS = (360, 1024, 1280)
# Every language at every width, in the order in which pages take their turns.
CASES = [(language, width) for language in LANGUAGES for width in WIDTHS]
# Two neighbours with words in them that lie on each other cannot be read.
_ON_EACH_OTHER = """() => [...document.querySelectorAll('main *')].flatMap((parent) => {
  const there = [...Reflect.get(Element.prototype, 'children', parent)].filter((one) => {
    const style = getComputedStyle(one);
    return one.innerText?.trim() && style.display !== 'inline' && !['absolute', 'fixed'].includes(style.position);
  });
  const boxes = there.map((one) => one.getBoundingClientRect());
  return boxes.slice(1).flatMap((box, place) => {
    const before = boxes[place];
    const across = Math.min(box.right, before.right) - Math.max(box.left, before.left);
    const down = Math.min(box.bottom, before.bottom) - Math.max(box.top, before.top);
    const words = there.slice(place, place + 2).map((one) => one.innerText.slice(0, 40)).join(' / ');
    return across > 2 && down > 10 ? [words] : []; // a hint may move into the room below its label
  });
})"""
_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Each group of buttons that is not a second choice, as the words of its first.
_PRIMARIES = """() => {
  const groups = new Map();
  if (!document.querySelector("a.skip")) return []; // a page of Wagtail's own, which has other ways
  for (const one of document.querySelectorAll("main button:not(.secondary), main a.button:not(.secondary)"))
    if (one.offsetParent && one.tabIndex >= 0 && !one.closest(".languages")) {
      const group = one.closest(".buttons") || one;
      if (!groups.has(group)) groups.set(group, one.innerText.trim());
    }
  return [...groups.values()];
}"""
# The half more is of words like those that are there: one endless word would prove nothing about a language.
_GROW = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, words = node.nodeValue.trim().split(/\\s+/).filter(word => word);
    if (words.length && !/^[\\d.,\\s]+$/.test(node.nodeValue) && !node.parentElement.closest("script,style,option"))
      node.nodeValue += " " + words.slice(0, Math.ceil(words.length / 2)).join(" ");
  }
}"""


class Window:
    """A window that shows what the site answered."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._answer = b""
        page.route("**/*", self._serve)

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        if not path.startswith("/static/"):
            is_the_page = route.request.is_navigation_request()
            route.fulfill(body=self._answer if is_the_page else b"", content_type="text/html; charset=utf-8")
            return
        found = finders.find(path.removeprefix("/static/"))
        body = Path(found).read_bytes() if isinstance(found, str) else b""
        route.fulfill(body=body, content_type=mimetypes.guess_type(path)[0] or "text/plain")

    def faults(self, answer: HttpResponse, address: str, width: int) -> Iterator[str]:
        """What is wrong with a page at a width, in words."""
        self._answer = answer.content
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.goto(f"{SITE}{address}")
        yield from self._axe()
        yield from self._deciding()
        yield from self._lying()
        yield from self._width("")
        self.page.evaluate(_GROW)
        yield from self._width(" with longer texts")
        self.page.evaluate("document.documentElement.dir = 'rtl'")
        yield from self._width(" from right to left")

    def _axe(self) -> Iterator[str]:
        self.page.evaluate(AXE_SCRIPT)
        asked = {"runOnly": _RULES, "resultTypes": ["violations"]}
        found: dict[str, Any] = self.page.evaluate("asked => axe.run(document, asked)", asked)
        for fault in found["violations"]:
            for node in fault["nodes"][:2]:
                yield f"{fault['id']}: {node['html'][:120]} ({node['failureSummary'].splitlines()[-1].strip()[:120]})"

    def _deciding(self) -> Iterator[str]:
        """One page has one place to decide: what is pressed first stands together, whatever else may be pressed."""
        groups = self.page.evaluate(_PRIMARIES)
        if len(groups) > 1:
            yield f"{len(groups)} places to decide: {', '.join(groups)}"

    def _lying(self) -> Iterator[str]:
        for words in self.page.evaluate(_ON_EACH_OTHER):
            yield f"one on the other: {words}"

    def _width(self, when: str) -> Iterator[str]:
        too_wide = self.page.evaluate(_TOO_WIDE)
        if too_wide > 0:
            yield f"{too_wide} px wider than its window{when}"
