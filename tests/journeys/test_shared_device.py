"""A device that others use: whatever its browser keeps on the disc, no word about a person is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from gaf.accounts.models import User
from tests.cast import PASSWORD, person
from tests.conftest import _chromium
from tests.stories import a_submitted_request
from tests.stories_asking import an_empty_draft
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
WORD = "Zanzibarqua"


def files_with(word: str, profile: Path) -> list[str]:
    """The browser's own files that hold a word, as it writes texts: in UTF-8 or in UTF-16."""
    written = (word.encode(), word.encode("utf-16-le"))
    return [
        path.relative_to(profile).as_posix()
        for path in sorted(profile.rglob("*"))
        if path.is_file() and any(one in path.read_bytes() for one in written)
    ]


@contextmanager
def somebodys_window(name: str, profile: Path, browser: Browser, url: str, *, scripts: bool) -> Iterator[Page]:
    """A page of somebody who is signed in, in a browser with its files in `profile`, that is closed in the end."""
    somebody = person(name)
    User.objects.filter(pk=somebody.pk).update(language="en")
    # Playwright turns the page cache off, which everybody's browser has.
    window = browser.browser_type.launch_persistent_context(
        str(profile),
        executable_path=_chromium(),
        base_url=url,
        java_script_enabled=scripts,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = window.new_page()
    page.goto("/sign-in/")
    page.fill("[name=login]", somebody.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    yield page
    window.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without-scripts"])
class TestAWordTypedAndRead:
    @pytest.mark.parametrize("leaving", ["signs out", "closes the window", "leaves a page half filled in"])
    def test_is_in_no_file_of_the_browser_afterwards(self, leaving, scripts, browser, live_server, tmp_path):
        made, profile = an_empty_draft(), tmp_path / "profile"
        with somebodys_window("Amina", profile, browser, live_server.url, scripts=scripts) as page:
            self.type_and_leave(page, f"/requests/{made.reference}/edit/situation/", leaving)

        assert files_with(WORD, profile) == []
        assert files_with(made.reference, profile) != []  # the address of a request may stand in its history

    @pytest.mark.parametrize("sent", [True, False], ids=["sent", "left"])
    def test_nor_is_the_reason_of_an_act(self, sent, scripts, browser, live_server, tmp_path):
        made, profile = a_submitted_request(), tmp_path / "profile"
        with somebodys_window("Idriss", profile, browser, live_server.url, scripts=scripts) as page:
            page.goto(f"/requests/{made.reference}/return-to-author/")
            page.select_option("[name=reason_code]", "CONSENT")
            page.fill("[name=reason]", f"Who speaks for {WORD}?")
            if sent:
                with page.expect_navigation(url=f"**/requests/{made.reference}/"):
                    page.locator("main .buttons button").first.click()

        assert files_with(WORD, profile) == []
        assert files_with(made.reference, profile) != []

    def type_and_leave(self, page: Page, situation: str, leaving: str) -> None:
        page.goto(situation)
        page.fill("[name=situation]", f"In {WORD} since Monday.")
        with page.expect_navigation(url="**/edit/help/"):
            page.locator("main .buttons button").first.click()
        page.goto(situation)
        assert WORD in page.locator("[name=situation]").input_value()
        if leaving == "leaves a page half filled in":
            page.fill("[name=situation]", f"In {WORD} since Monday, alone.")
        elif leaving == "signs out":
            page.locator("header form button", has_text="Sign out").click()
            page.goto("/en/")
            page.go_back()
