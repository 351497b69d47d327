"""Every page by eye of a machine: no fault of WCAG 2.2 A or AA, nothing wider than a telephone, in three languages.

On a submission each page takes its turn in one language and at one width; the nightly run looks at all nine. The record
is looked at in every state of a request, by those whose pages differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from django.http import HttpResponse

from gaf.accounts.models import User
from tests.journeys.looking import CASES, Window
from tests.rules.test_every_url import (  # noqa: F401  # two of them are fixtures
    STATES,
    addresses,
    expected_audience,
    money,
    of_the_site,
    walker,
)
from tests.rules.walking import STRANGER, Walker
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
LOOKERS = ("Amina", "Bruno", "Chen", "Omar")


@pytest.fixture
def window(browser) -> Window:
    """One window for all of them."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    yield Window(context.new_page())
    context.close()


def is_a_page(answer: HttpResponse) -> bool:
    return answer.status_code == 200 and not answer.streaming and answer["Content-Type"].startswith("text/html")


def pages_of_the_site(walker: Walker, money: dict[str, str]) -> list[tuple[str, str, str]]:  # noqa: F811
    """Each address with its name, and somebody it opens for."""
    routes, found = addresses(), list[tuple[str, str, str]]()
    for name, address in of_the_site(money).items():
        for who in sorted(expected_audience(name, routes[name])):
            if is_a_page(walker.get(who, address)):
                found.append((name, address, who))
                break
    return found


def look(window: Window, walker: Walker, name: str, address: str, who: str, case: tuple[str, int]) -> list[str]:  # noqa: F811
    """The faults of a page in one language at one width."""
    language, width = case
    User.objects.filter(name=who).update(language=language)
    walker.clients[who].cookies.load({"language": language})
    asked = {"HTTP_ACCEPT_LANGUAGE": language} if who == STRANGER else {}
    answer = walker.clients[who].get(address, **asked)
    return [f"{name} ({who}, {language}, {width}): {fault}" for fault in window.faults(answer, address, width)]


class TestEveryPage:
    def test_takes_its_turn_and_has_no_fault(self, window, walker, money):  # noqa: F811
        turns = itertools.cycle(CASES)
        pages = pages_of_the_site(walker, money)
        assert len(pages) > 100
        assert [
            fault for name, address, who in pages for fault in look(window, walker, name, address, who, next(turns))
        ] == []

    @pytest.mark.nightly
    def test_has_no_fault_in_any_language_at_any_width(self, window, walker, money):  # noqa: F811
        pages = pages_of_the_site(walker, money)
        assert [
            fault
            for name, address, who in pages
            for case in CASES
            for fault in look(window, walker, name, address, who, case)
        ] == []


@pytest.mark.parametrize("state", STATES)
def test_the_record_in_every_state_has_no_fault(state, window, walker):  # noqa: F811
    make: Callable = STATES[state]
    made = make()
    turns = itertools.cycle(CASES[len(state) % len(CASES) :] + CASES)
    address = f"/requests/{made.reference}/"
    faults: list[str] = []
    for who in LOOKERS:
        if is_a_page(walker.get(who, address)):
            faults += look(window, walker, f"record {state}", address, who, next(turns))
    assert faults == []
