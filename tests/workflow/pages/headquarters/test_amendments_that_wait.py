"""Amendments that wait stand on the worklist of whoever decides next, are counted in the bar, and leave it again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import stories
from tests.cast import mission, person
from tests.stories import usd
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from tests.workflow.test_amendments import approve, ask_for, reviewed, ticket
from workflow.actions.amending import NewLine
from workflow.actions.amendment_decisions import endorse_amendment, withdraw_amendment
from workflow.navigation import entries

pytestmark = pytest.mark.usefixtures("house")
HAS_IT = {"ASKED": ("Idriss", "/desk/"), "ENDORSED": ("Bruno", "/inbox/"), "REVIEWED": ("Chen", "/approvals/")}


def counted(name: str, page: str) -> int | None:
    """What the bar says beside a page."""
    return next(entry.count for entry in entries(person(name)) if entry.url == page)


def who_finds(address: str) -> set[str]:
    """Those of the three whose page leads to it."""
    return {name for name, page in HAS_IT.values() if f'href="{address}"' in signed_in(name).get(page).content.decode()}


class TestAnAmendmentThatWaits:
    def test_stands_where_the_next_to_decide_begin_and_nowhere_else(self):
        made = stories.an_approved_request()
        here = f"/amendments/{made.reference}/1/"
        before = {page: counted(name, page) for name, page in HAS_IT.values()}
        amendment = ask_for(made, ticket())
        stories.what_the_gates_ask(made, only=("R5",))

        for state, step in (
            ("ASKED", lambda: endorse_amendment(amendment_id=amendment.pk, **stories.by("Idriss"))),
            ("ENDORSED", lambda: review(amendment)),
            ("REVIEWED", lambda: approve(amendment)),
        ):
            name, page = HAS_IT[state]
            assert who_finds(here) == {name}, state
            assert {one: counted(who, one) for who, one in HAS_IT.values()} == before | {page: before[page] + 1}
            step()

        assert who_finds(here) == set()
        assert {page: counted(name, page) for name, page in HAS_IT.values()} == before

    def test_that_was_taken_back_waits_for_nobody(self):
        made = stories.an_approved_request()
        amendment = ask_for(made, ticket())
        withdraw_amendment(amendment_id=amendment.pk, **stories.by("Amina"))

        assert who_finds(f"/amendments/{made.reference}/1/") == set()

    def test_of_another_mission_does_not_wait_for_this_head_of_unit(self):
        made = stories.an_approved_request()
        ask_for(made, ticket())

        assert counted("Joaquín", "/desk/") == 0

    def test_says_when_its_new_total_is_above_ones_authority(self):
        made = stories.an_approved_request()
        dear = NewLine(mission("NE").pk, "TRVL", "Ticket home", "ticket", Decimal(1), usd("4500.00"))
        reviewed(ask_for(made, dear))

        assert "above your authority: comes to USD 5,428.00" in text_of(signed_in("Ines").get("/approvals/"))
        assert "above your authority" not in text_of(signed_in("Chen").get("/approvals/"))


def review(amendment):
    """Bruno finds it in order."""
    from workflow.actions.amendment_decisions import review_amendment

    return review_amendment(amendment_id=amendment.pk, **stories.by("Bruno"))
