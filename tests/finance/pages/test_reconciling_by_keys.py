"""J9 in a browser: one key for each exact line, the place kept, no key while typing, none where two answers fit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.test import Client

from finance.models import StatementLine
from gaf.accounts.models import User
from tests.finance.builders import Fund
from tests.finance.matching.lines import fresh, import_lines, read, sent

LIST = "/reconciliation/GVA/"


@pytest.fixture
def window(new_context, live_server) -> Callable:
    """A signed-in person's window on the lines of the account."""

    def open_window(person: User, **wishes):
        client = Client()
        client.force_login(person)
        context = new_context(**wishes)
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(LIST)
        return page

    return open_window


def row_now(page) -> str:
    """The line on which the focus stands."""
    return page.evaluate("(document.activeElement.closest('[data-line]') || {dataset: {}}).dataset.line || ''")


def key(line: StatementLine) -> str:
    return line.identity[:16]


@pytest.fixture
def exact(fund: Fund) -> list[StatementLine]:
    """Twelve lines that are exactly ours, so that the list is longer than the window."""
    made = sent(fund, *(f"{n}.00" for n in range(10, 22)))
    return import_lines(fund, *(read(f"-{one.money.decimal}", end_to_end=one.end_to_end) for one in made))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestKeys:
    def test_j09_match_each_exact_line_with_one_and_keep_the_place(self, fund: Fund, exact, window) -> None:
        page = window(fund.esi)
        page.keyboard.press("j")
        for _step in range(5):
            page.keyboard.press("j")
        page.keyboard.press("k")
        assert row_now(page) == key(exact[4])
        before = page.evaluate("document.activeElement.closest('tr').getBoundingClientRect().top")

        page.evaluate("document.body.dataset.sameDocument = 'yes'")
        for line, following in pairwise(exact[4:9]):
            page.keyboard.press("Enter")
            page.locator(f"[data-line='{key(following)}'] :focus").wait_for()
            assert fresh(line).state == "MATCHED"

        after = page.evaluate("document.activeElement.closest('tr').getBoundingClientRect().top")
        assert abs(after - before) < page.evaluate("document.activeElement.closest('tr').offsetHeight")
        assert [fresh(line).state for line in exact].count("MATCHED") == 4
        assert page.evaluate("document.body.dataset.sameDocument") == "yes", "no page was loaded"
        assert page.locator("[data-line]").count() == 8
        assert "4 of 12" in page.locator("[data-head]").inner_text()
        assert "is matched" in page.locator(".messages").inner_text()

        with page.expect_navigation():
            page.keyboard.press("z")
        assert fresh(exact[7]).state == "UNMATCHED"
        assert row_now(page) == key(exact[7])

    def test_pressed_twice_at_once_match_one_line_once(self, fund: Fund, exact, window) -> None:
        page = window(fund.esi)
        page.keyboard.press("j")
        page.evaluate("() => { const b = document.activeElement; b.click(); b.click(); b.form.requestSubmit(); }")
        page.locator(f"[data-line='{key(exact[1])}'] :focus").wait_for()
        assert page.locator("[data-line]").count() == 11
        assert [fresh(line).state for line in exact].count("MATCHED") == 1

    def test_do_nothing_while_typing_nor_when_turned_off(self, fund: Fund, exact, window) -> None:
        page = window(fund.esi)
        page.locator("#find").focus()
        page.keyboard.press("j")
        assert row_now(page) == ""
        page.get_by_role("link", name="All single keys, and turning them off").click()
        page.get_by_role("button", name="Turn single keys off").click()
        page.goto(LIST)
        page.keyboard.press("j")
        assert row_now(page) == ""
        assert page.locator(".keys").count() == 0

    def test_never_choose_between_two_candidates(self, fund: Fund, window) -> None:
        one, two = sent(fund, "300.00", "300.00")
        (line,) = import_lines(fund, read("-300.00", text=f"{one.end_to_end} {two.end_to_end}"))
        page = window(fund.esi)
        page.keyboard.press("j")
        assert row_now(page) == key(line)
        for pressed in ("Enter", "b"):
            page.keyboard.press(pressed)
        page.wait_for_timeout(200)
        assert fresh(line).state == "UNMATCHED"
        assert page.url.endswith(LIST)

    def test_lead_to_finding_setting_aside_and_the_banks_fee(self, fund: Fund, window) -> None:
        lines = import_lines(fund, read("-5.00", text="CARD FEES"), read("-8.00", text="UNKNOWN"))
        page = window(fund.esi)
        for pressed, act in (("f", "find"), ("s", "set-aside")):
            page.goto(LIST)
            page.keyboard.press("j")
            with page.expect_navigation():
                page.keyboard.press(pressed)
            assert f"/lines/{key(lines[0])}/{act}/" in page.url
        page.goto(LIST)
        page.keyboard.press("j")
        page.keyboard.press("b")
        page.locator(f"[data-line='{key(lines[1])}']:focus").wait_for()
        assert fresh(lines[0]).state == "MATCHED"

    def test_of_the_last_line_load_the_page_that_says_all_is_explained(self, fund: Fund, window) -> None:
        (one,) = sent(fund, "10.00")
        import_lines(fund, read("-10.00", end_to_end=one.end_to_end))
        page = window(fund.esi)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.get_by_text("Every line of this account is explained.").wait_for()
        with page.expect_navigation():
            page.keyboard.press("z")
        page.locator("[data-line]").wait_for()

    def test_that_the_server_refuses_show_its_page(self, fund: Fund, exact, window) -> None:
        page = window(fund.esi)
        page.keyboard.press("j")
        fund.match(exact[0])  # somebody was quicker
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "was quicker" in page.locator("main").inner_text()
        assert [fresh(line).state for line in exact].count("MATCHED") == 1

    def test_are_not_offered_to_who_may_only_look(self, fund: Fund, exact, window) -> None:
        page = window(fund.helena)
        assert page.locator("script[src*=reconcile]").count() == 0
        assert page.locator("[data-keys]").count() == 0

    def test_another_order_keeps_the_line(self, fund: Fund, exact, window) -> None:
        page = window(fund.esi)
        for _step in range(3):
            page.keyboard.press("j")
        with page.expect_navigation():
            page.get_by_role("link", name="largest amount first").click()
        assert row_now(page) == key(exact[2])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestWithoutScripts:
    def test_the_next_line_has_the_focus_and_no_keys_are_promised(self, fund: Fund, exact, window) -> None:
        page = window(fund.esi, java_script_enabled=False)
        assert not page.get_by_text("match an exact line").is_visible()
        page.locator(f"#line-{key(exact[0])}").click()
        page.wait_for_url(f"**#line-{key(exact[1])}")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**#line-{key(exact[2])}")
        assert [fresh(line).state for line in exact].count("MATCHED") == 2
