"""Single keys: one letter does what a link or button of the page does; never while typing, nor when turned off."""

from __future__ import annotations

import re

import pytest

from tests import stories
from tests.cast import person
from tests.journeys.signed_in import open_window  # noqa: F401  # a fixture
from tests.stories_asking import a_taken_request, an_endorsed_request, now
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.states import RequestState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]


def focus_in(page) -> str:
    """The words of the control that has the focus."""
    return page.evaluate("document.activeElement.innerText || document.activeElement.id || ''")


def test_j05_the_next_request_is_found_and_taken_with_two(open_window) -> None:  # noqa: F811
    first, second = an_endorsed_request(), an_endorsed_request()
    page = open_window("Bruno", "/inbox/")
    page.keyboard.press("j")
    assert focus_in(page) in (first.reference, second.reference)
    taken, other = (first, second) if focus_in(page) == first.reference else (second, first)
    with page.expect_navigation():
        page.keyboard.press("t")
    assert now(taken).taken_by == person("Bruno")
    assert now(other).taken_by is None


def test_without_a_row_there_is_nothing_to_take(open_window) -> None:  # noqa: F811
    an_endorsed_request()
    before = stories.everything()
    page = open_window("Bruno", "/inbox/")
    page.keyboard.press("t")
    page.wait_for_timeout(200)
    assert stories.everything() == before


def test_j06_a_request_is_reviewed_with_ten(open_window) -> None:  # noqa: F811
    made = a_taken_request()
    page = open_window("Bruno", f"/requests/{made.reference}/review/")
    keys = 0
    for may_be_irrelevant in page.locator(".criterion").evaluate_all(
        "all => all.map(one => !!one.querySelector('[data-key=q]'))"
    ):
        page.keyboard.press("q" if may_be_irrelevant else "y")
        keys += 1
    confirm = page.get_by_role("button", name="Save and confirm: eligible")
    assert not confirm.is_visible()
    page.keyboard.press("c")
    assert confirm.is_visible()
    with page.expect_navigation():
        page.keyboard.press("c")
    keys += 2
    assert made.reference in page.locator("h1").inner_text()
    assert now(made).state == RequestState.PLAN_AND_BUDGET
    assert keys <= 10


def test_letters_are_letters_while_one_types(open_window) -> None:  # noqa: F811
    made = a_taken_request()
    page = open_window("Bruno", f"/requests/{made.reference}/review/")
    note = page.locator("textarea").first
    note.focus()
    page.keyboard.type("yes? /jk c g i")
    assert note.input_value() == "yes? /jk c g i"
    assert page.locator("[type=radio]:checked").count() == 0
    assert page.locator("dialog").count() == 0
    page.locator("#find").focus()
    page.keyboard.press("?")
    assert page.locator("dialog").count() == 0


def test_slash_searches_and_g_goes(open_window) -> None:  # noqa: F811
    page = open_window("Chen", "/approvals/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    assert page.locator("#find").input_value() == ""
    page.locator("h1").click()
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("f")
    assert page.url.endswith("/fund/")


def test_a_question_mark_lists_them_and_escape_leads_back(open_window) -> None:  # noqa: F811
    an_endorsed_request()
    page = open_window("Bruno", "/inbox/")
    page.keyboard.press("j")
    before = focus_in(page)
    page.keyboard.press("?")
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    listed = dialog.inner_text()
    for words in ("g i", "Inbox", "take the request", "save and confirm", "undo the last"):
        assert words in listed
    page.keyboard.press("t")
    assert page.locator("dialog[open]").count() == 1, "under the list no key acts"
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert focus_in(page) == before


def test_turned_off_none_of_them_acts(open_window) -> None:  # noqa: F811
    an_endorsed_request()
    page = open_window("Bruno", "/keys/")
    with page.expect_navigation():
        page.get_by_role("button", name="Turn single keys off").click()
    assert not person("Bruno").single_keys
    before = stories.everything()
    page.goto("/inbox/")
    for key in "jt/?gr":
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert focus_in(page) in ("", page.locator("body").inner_text())
    assert page.url.endswith("/inbox/")
    assert stories.everything() == before


def test_every_key_on_a_page_is_on_the_list(open_window) -> None:  # noqa: F811
    made, _other = a_taken_request(), an_endorsed_request()
    listed = set(open_window("Bruno", "/keys/").locator("kbd").all_inner_texts())
    singles = {letter for keys in listed for letter in keys.split()}
    for address in ("/inbox/", "/requests/", f"/requests/{made.reference}/review/"):
        page = open_window("Bruno", address)
        offered = page.locator("[data-key]").evaluate_all("all => all.map(one => one.dataset.key)")
        assert offered
        assert {key for keys in offered for key in re.split(r"\s+", keys)} <= singles
