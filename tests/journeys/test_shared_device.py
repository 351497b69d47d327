"""A device that others use: whatever its browser keeps on the disc, no word about a person is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaf.accounts.models import User
from tests.cast import PASSWORD
from tests.conftest import _chromium
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


class TestAWordTypedAndRead:
    @pytest.mark.parametrize("leaving", ["signs out", "closes the window", "leaves a page half filled in"])
    def test_is_in_no_file_of_the_browser_afterwards(self, leaving, browser, live_server, tmp_path):
        made = an_empty_draft()
        User.objects.filter(name="Amina").update(language="en")
        situation, profile = f"/requests/{made.reference}/edit/situation/", tmp_path / "profile"
        window = browser.browser_type.launch_persistent_context(
            str(profile), executable_path=_chromium(), base_url=live_server.url
        )
        page = window.new_page()
        page.goto("/sign-in/")
        page.fill("[name=login]", "amina@gaf.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
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
        window.close()

        assert files_with(WORD, profile) == []
        assert files_with(made.reference, profile) != []  # the address of a request may stand in its history
