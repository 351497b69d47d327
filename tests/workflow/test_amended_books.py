"""The books name an amendment that is no longer what was asked or approved; each change below went past every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from finance.books import verify
from tests.finance.raw_sql import run, unguarded
from tests.stories import an_approved_request, by
from tests.workflow.test_amendments import approve, ask_for, less, more, reviewed, ticket
from workflow.actions.amendment_decisions import refuse_amendment
from workflow.models import Amendment

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]


@pytest.fixture
def amended() -> Amendment:
    """Approved: a ticket more, two nights more, and the medical line given up."""
    made = an_approved_request()
    return approve(reviewed(ask_for(made, ticket(), more(made, "L1", "2"), less(made, "L2", "1"))))


def broken() -> list[str]:
    """The amendments that the books name."""
    return [row.row for one in verify() if one.code == "AMENDED" for row in one.broken]


def change_a_line(change: str) -> Callable[[Amendment], None]:
    """One column of the second change, by hand."""

    def tamper(amendment: Amendment) -> None:
        with unguarded("workflow_amendmentline"):
            run(f"UPDATE workflow_amendmentline SET {change} WHERE number = 2")

    return tamper


def change_it(change: str) -> Callable[[Amendment], None]:
    """One column of the amendment, by hand."""

    def tamper(amendment: Amendment) -> None:
        with unguarded("workflow_amendment"):
            run(f"UPDATE workflow_amendment SET {change}")

    return tamper


def cut_its_line_in_the_budget(amendment: Amendment) -> None:
    run("UPDATE workflow_budgetline SET approved_usd_minor = approved_usd_minor - 100 WHERE number = 3")


def remove_a_change(amendment: Amendment) -> None:
    with unguarded("workflow_amendmentline"):
        run("DELETE FROM workflow_amendmentline_persons")
        run("DELETE FROM workflow_amendmentline WHERE number = 3")


def commit_more(amendment: Amendment) -> None:
    with unguarded("finance_commitment"):
        run("UPDATE finance_commitment SET usd_minor = usd_minor + 100 WHERE line_key = 'L3'")


TAMPERED = {
    "another amount": change_a_line("usd_minor = usd_minor + 100"),
    "another local amount": change_a_line("local_minor = local_minor + 100"),
    "another quantity": change_a_line("quantity = 3"),
    "another rate": change_a_line("units_per_usd = 2"),
    "another kind": change_a_line("kind = 'LESS'"),
    "a change that became nothing": change_a_line("became_id = NULL"),
    "another number": change_it("number = 7"),
    "another person": change_it("asked_by_id = (SELECT MAX(id) FROM accounts_user)"),
    "another day": change_it("asked_at = '2026-01-01 00:00:00+00:00'"),
    "another last move": change_it("moved_at = '2026-01-01 00:00:00+00:00'"),
    "another approved line": cut_its_line_in_the_budget,
    "one change fewer": remove_a_change,
    "another commitment": commit_more,
}


class TestTheBooksOfAnAmendment:
    def test_are_whole_as_the_fund_wrote_them(self, amended):
        assert broken() == []

    def test_are_whole_when_it_was_refused(self):
        refuse_amendment(
            amendment_id=reviewed(ask_for(an_approved_request(), ticket())).pk,
            reason_code="NOT_PROPORTIONATE",
            reason="Too much.",
            **by("Chen"),
        )

        assert broken() == []

    @pytest.mark.parametrize("what", TAMPERED)
    def test_name_it_when_somebody_wrote_in(self, amended, what):
        TAMPERED[what](amended)

        assert set(broken()) == {f"amendment {amended.key}"}

    def test_name_one_that_changed_the_budget_before_anybody_approved_it(self):
        made = an_approved_request()
        asked = ask_for(made, ticket())
        with unguarded("workflow_amendmentline"):
            run("UPDATE workflow_amendmentline SET became_id = (SELECT MIN(id) FROM workflow_budgetline)")

        assert broken() == [f"amendment {asked.key}"]
