"""The access matrix: every address × everybody × whose record it is × how it is asked, against tables written by hand.

Who a page is for stands in `who_opens_what`, who does what in the table of the permission matrix; nothing that is
expected here is asked of the code under test. Every cell is one request: none may be answered wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import groupby

import pytest
from django.db import transaction
from django.http import HttpResponse
from wagtail.contrib.redirects import middleware as redirects

from gaf import clock
from tests import stories
from tests.cast import mission, person
from tests.rules.figures_told import tell_figure
from tests.rules.test_every_url import (
    _no_lines_of_a_log,  # noqa: F401
    expected_audience,
    may_act,
    money,  # noqa: F401
    of_a_request,
    of_the_site,
    places,
    walker,  # noqa: F401
)
from tests.rules.walking import ELSEWHERE, EVERYBODY, OF_EACH_ROLE, STRANGER, Walk, Walker, addresses, filled, kept
from tests.rules.who_opens_what import ACT_OF, ACT_OF_MONEY, audiences
from tests.stories import by
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.test_documents import PDF
from workflow.actions.activities import Planned, plan_activity
from workflow.actions.documents import add_document
from workflow.actions.intake import submit
from workflow.actions.privacy import restrict
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("house")]

LEAST = 15_000
SLICES = 6
NO_METHOD_OF_OURS = ("PUT", "DELETE", "PATCH")
# Pages whose audience keeps things of its own there, or begins something new: no act of a table.
OWN_THINGS = {
    "notices",
    "out_of_office",
    "saved_views",
    "keys",
    "first_day",
    "second_factor",
    "request_new",
    "request_new_urgent",
    "context_sheet",
    "raise_concern",
}
# The door and the editors' desk are allauth's and Wagtail's: they answer a method they do not know as an opened page.
OF_OTHERS = ("account_", "cms/", "^cms/", "desk of the editors", "wagtail_serve", "wagtailcore_login")
# Believed by its signature only, and kept whoever sent it (T26); and Wagtail's way out, which leads to ours.
BY_SIGNATURE, LEADS_ON = "stripe_webhook", "cms/logout/"
# Every year and every month has these pages, whether or not anything happened in it.
OF_EVERY_TIME = ("year_end", "month_revalue", "exception_new")
NO_SUCH = {
    "reference": "GAF-2026-99999",
    "month": "1999-01",
    "day": "1999-01-01",
    "year": "1999",
    "currency": "XXX",
    "act": "no-such-act",
    "figure": "no-such-figure",
}


@dataclass(frozen=True)
class Cell:
    """One request: who asks which address, of whose record, by which method, and whether the page is there for them."""

    page: str
    whose: str
    method: str
    who: str
    there: bool


# Who a page is for, by whose record it is


def readers_of_their_own(page: str) -> set[str]:
    return expected_audience(page, addresses()[page])


def readers_in_lebanon(page: str) -> set[str]:
    """The page's people, those of Lebanon in the place of those of Niger."""
    swapped = {OF_EACH_ROLE[code]: ELSEWHERE[code] for code in ELSEWHERE}
    return {swapped.get(name, name) for name in audiences()[page]}


def readers_of_the_strict_one(page: str) -> set[str]:
    return audiences()[page] & {"Amina", "Idriss", "Bruno"}


def nobody(page: str) -> set[str]:
    return set()


OWN, ELSEWHERES, STRICT, NONE = "own", "another mission's", "kept to named people", "no such"
READERS: dict[str, Callable[[str], set[str]]] = {
    OWN: readers_of_their_own,
    ELSEWHERES: readers_in_lebanon,
    STRICT: readers_of_the_strict_one,
    NONE: nobody,
}


def may_send(who: str, page: str) -> bool:
    """Whether pressing this page's button may change something for this person, from some state or other."""
    if page in OWN_THINGS or page in (BY_SIGNATURE, LEADS_ON):
        return True
    if page in ACT_OF_MONEY:
        return any(OF_EACH_ROLE[code] == who for code in ACT_OF_MONEY[page].split())
    return page in of_a_request() and may_act(who, "IMPLEMENTING", ACT_OF.get(page, page))


def cells_of(page: str, route: str) -> Iterator[Cell]:
    """All cells of an address, in the order in which they are asked."""
    keyed = "<" in route and not page.startswith((*OF_OTHERS, *OF_EVERY_TIME))
    inside = readers_of_their_own(page)
    of_all = [OWN, *([ELSEWHERES, STRICT] if page in of_a_request() else []), *([NONE] if keyed else [])]
    for whose in of_all:
        there = READERS[whose](page)
        for method in ("GET", "POST", *NO_METHOD_OF_OURS):
            for place, who in enumerate(EVERYBODY):
                turn = NO_METHOD_OF_OURS[(place + len(page)) % 3]  # each person one of the three, everybody all
                asked = {
                    # To people outside, nothing tells what is another's from what never was; inside, one looks.
                    "GET": whose in (OWN, ELSEWHERES) or (who not in there if whose == STRICT else who in inside),
                    # Who opens the page of another's record may do there what the permission matrix says of them.
                    "POST": not may_send(who, page) if whose == OWN else whose != NONE and who not in there,
                }.get(method, method == turn and whose == OWN)
                if asked:
                    yield Cell(page, whose, method, who, who in there)


PAGES = sorted(audiences())


def plan() -> list[Cell]:
    routes = addresses()
    return [cell for page in PAGES for cell in cells_of(page, routes[page])]


# Asking


@dataclass
class Matrix:
    """Asks cells, and keeps every one that was answered wrongly."""

    walker: Walker
    addresses: dict[str, dict[str, str]]  # whose record: page: address
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    def ask_all(self, cells: list[Cell]) -> None:
        """One page, one kind of record and one method at a time; nothing that was sent changed anything."""
        for _kind, some in groupby(cells, lambda cell: (cell.page, cell.whose, cell.method)):
            together = list(some)
            with transaction.atomic():
                before = kept()
                for cell in together:
                    self.ask(cell)
                if kept() != before:
                    people = ", ".join(cell.who or "a stranger" for cell in together)
                    self.wrong.append(f"{together[0]} changes something, or one of {people}")
                transaction.set_rollback(True)

    def ask(self, cell: Cell) -> None:
        """Send it as this person's browser would, and leave the browser as it was."""
        client, address = self.walker.clients[cell.who], self.addresses[cell.whose][cell.page]
        cookies = SimpleCookie(client.cookies.output(header=""))
        saved = "" if cell.method == "GET" else "?save=1"
        if cell.method == "POST":
            answer = client.post(address + saved, {})
        else:
            answer = client.generic(cell.method, address + saved)
        client.cookies = cookies
        self.asked += 1
        self.judge(cell, address, answer)

    def judge(self, cell: Cell, address: str, answer: HttpResponse) -> None:
        """The page or nothing; of a method of nobody, never more than a no."""
        walk = Walk(self.walker, cell.who, cell.page, address, cell.there, False, self.wrong)
        did = f"{cell.method} of {cell.whose}"
        if cell.whose == NONE and answer.status_code == 403:
            return  # who may do nothing here is told so before anything is looked up
        if cell.method in NO_METHOD_OF_OURS:
            if not refuses_the_method(cell, answer):
                walk.say(did, f"is answered {answer.status_code}")
        else:
            # To nothing at all a page may answer that what was chosen is not there.
            walk.judge("sends nonsense" if cell.method == "POST" and cell.there else did, answer)


def refuses_the_method(cell: Cell, answer: HttpResponse) -> bool:
    """A method no page knows: 405, or what a page says before it asks for the method; or the door."""
    if cell.page.startswith(OF_OTHERS):
        return answer.status_code in (200, 302, 403, 404, 405)
    if answer.status_code == 302:
        return cell.who == STRANGER and answer.headers["Location"].startswith("/sign-in/")
    return answer.status_code in ((403, 405, 409, 422) if cell.there else (404, 405))


# The records


def in_lebanon() -> AssistanceRequest:
    """A request of the mission in Lebanon, sent to its head of unit, with a document and a planned call."""
    made = stories.a_draft(author="Rima", code="LB")
    lebanon = mission("LB").pk
    add_document(
        request_id=made.pk, mission_id=lebanon, kind="CONSENT", filename="consent.pdf", content=PDF, **by("Rima")
    )
    call = Planned("CALL", person("Rima").pk, clock.today())
    plan_activity(request_id=made.pk, planned=call, key=made.reference, **by("Rima"))
    submit(request_id=made.pk, **by("Rima"))
    return stories.now(made)


def kept_to_a_few() -> AssistanceRequest:
    """A request of Niger for Amina, Idriss and Bruno only."""
    made = stories.a_taken_request()
    restrict(request_id=made.pk, **by("Idriss"))
    return stories.now(made)


class NoSuch(dict[str, str]):
    """Keys of records there are none of."""

    def __missing__(self, key: str) -> str:
        return NO_SUCH.get(key, "99999")


@pytest.fixture
def matrix(walker, money, monkeypatch) -> Matrix:  # noqa: F811
    """One of everything. Wagtail has no redirects to look up."""
    monkeypatch.setattr(redirects, "get_redirect", lambda *_asked: None)
    lebanon, strict, under, every = places(in_lebanon()), places(kept_to_a_few()), of_a_request(), addresses()
    return Matrix(
        walker,
        {
            OWN: of_the_site(money),
            ELSEWHERES: {page: filled(route, lebanon) for page, route in under.items()},
            STRICT: {page: filled(route, strict) for page, route in under.items()},
            NONE: {page: filled(route, NoSuch()) for page, route in every.items() if not route.startswith("^")},
        },
    )


class TestTheAccessMatrix:
    def test_has_at_least_15000_cells_and_every_address_of_the_site_among_them(self):
        cells = plan()

        assert {cell.page for cell in cells} == set(addresses())
        assert len(set(cells)) == len(cells) >= LEAST
        assert {(cell.whose, cell.method) for cell in cells} >= {
            *((whose, "GET") for whose in READERS),
            *((whose, "POST") for whose in (OWN, ELSEWHERES, STRICT)),
            *((OWN, method) for method in NO_METHOD_OF_OURS),
        }

    @pytest.mark.parametrize("part", range(SLICES))
    def test_is_answered_as_the_tables_say(self, matrix, part):
        pages = set(PAGES[part::SLICES])
        cells = [cell for cell in plan() if cell.page in pages]

        matrix.ask_all(cells)

        print(*matrix.wrong, sep="\n")
        assert (matrix.wrong, matrix.asked) == ([], len(cells))
        tell_figure("access matrix, requests", matrix.asked)
        tell_figure("access matrix, addresses", len(pages))

    def test_would_tell_of_a_page_that_is_open_to_the_wrong_people(self, matrix):
        matrix.ask_all([Cell("requests", OWN, "GET", "Bruno", there=False)])

        assert matrix.wrong == ["requests: Bruno GET of own: is answered 200"]

    def test_would_tell_of_a_page_that_changes_something(self, matrix):
        matrix.ask_all([Cell("context_sheet", OWN, "POST", "Amina", there=True)])

        assert "changes something" in str(matrix.wrong)
