"""Tranches in the browser: a line is divided, and its parts are opened one by one."""

from __future__ import annotations

from datetime import date

import pytest

from finance.models import Tranche
from gaf.decisions.models import Decision
from gaf.sealing import unseal
from tests.finance.builders import REQUEST, Fund, everything, usd
from tests.finance.pages.visits import Visit, problems, words

PLAN = f"/tranches/{REQUEST}/L1/"
OPEN = f"{PLAN}2/open-tranche/"


@pytest.fixture
def marie(fund: Fund) -> Visit:
    """The certifying officer, and USD 1,200.00 that she confirmed."""
    fund.commit(usd("1200.00"))
    return Visit.of(fund.marie)


def planned(marie: Visit, **second: object) -> None:
    """Two tranches of USD 600.00; the second waits as told."""
    marie.press(PLAN, amount_1="600", amount_2="600", **second)


class TestTheMoneyOnAPage:
    def test_is_written_as_the_reader_writes_it(self, marie: Visit) -> None:
        assert "The tranches together are USD 1,200.00." in words(marie.get(PLAN))

        marie.client.post("/language/", {"language": "fr", "next": PLAN})
        shown = words(marie.get(PLAN))
        assert "1 200,00 USD" in shown
        assert "USD 1,200.00" not in shown


class TestPlanning:
    def test_reads_the_day_in_its_three_boxes(self, marie: Visit) -> None:
        planned(marie, condition_2="DATE", not_before_2_0="31", not_before_2_1="12", not_before_2_2="2026")

        assert list(Tranche.objects.values_list("state", "not_before")) == [
            ("OPEN", None),
            ("WAITING", date(2026, 12, 31)),
        ]

    def test_asks_for_the_day_that_a_tranche_waits_for(self, marie: Visit) -> None:
        before = everything()
        answer = marie.press(PLAN, amount_1="600", amount_2="600", condition_2="DATE")

        assert (answer.status_code, problems(answer), everything()) == (422, ["Write the day."], before)


class TestOpening:
    def test_asks_how_a_condition_was_met_that_only_a_person_sees(self, marie: Visit) -> None:
        planned(marie, condition_2="GATE")
        before = everything()
        version = Tranche.objects.get(number=2).version

        answer = marie.press(OPEN, seen_version=version)
        assert (answer.status_code, everything()) == (422, before)
        assert problems(answer) == ["Answer “How was the condition met? No names of persons.”."]

        marie.press(OPEN, seen_version=version, confirmed="The panel signed on 20 November.")
        assert unseal(Decision.objects.get(act="open_tranche").reason) == "The panel signed on 20 November."

    def test_asks_nothing_where_the_books_can_tell(self, marie: Visit) -> None:
        planned(marie, condition_2="ACCOUNTED")

        shown = words(marie.get(OPEN))

        assert "Open a tranche: " + f"{REQUEST}/L1/T2" in shown
        assert "(optional)" in shown
        assert "Tranche 1 is not accounted for yet." in shown
