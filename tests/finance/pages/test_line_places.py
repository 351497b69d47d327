"""Where a reconciler stands in the lines: by what is shown, in which order, how old; every act leads back there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from finance.actions.statement_sheets import DetailLine
from finance.models import StatementLine
from gaf import clock
from gaf.outbox.outbox import drain
from tests.finance.builders import Fund, usd
from tests.finance.matching.lines import import_lines, read, sent
from tests.finance.pages.visits import Visit, words

LIST = "/reconciliation/GVA/"


def shown(visit: Visit, query: str) -> list[str]:
    """The lines a page shows, in its order."""
    return html.fromstring(visit.get(f"{LIST}?{query}").content).xpath("//tr/@data-line")


def names(*lines: StatementLine) -> list[str]:
    return [line.identity[:16] for line in lines]


class TestSuspense:
    DAYS = (0, 7, 8, 30, 31, 60, 61, 200)

    @pytest.fixture
    def aside(self, fund: Fund) -> list[StatementLine]:
        """One line set aside on each side of every border between two ages."""
        today = clock.today()
        lines = [
            read(f"-{days + 1}.00", booked_on=today - timedelta(days=days), value_on=today, text=f"{days}")
            for days in self.DAYS
        ]
        made = import_lines(fund, *lines)
        return [fund.set_aside(line) for line in made]

    @pytest.mark.parametrize(("age", "places"), [("0-7", (0, 1)), ("8-30", (2, 3)), ("31-60", (4, 5)), ("61", (6, 7))])
    def test_is_told_by_age_and_each_number_opens_its_rows(self, fund: Fund, aside, age: str, places) -> None:
        visit = Visit.of(fund.esi)
        (link,) = html.fromstring(visit.get(LIST).content).xpath(f"//section//a[contains(@href, 'age={age}#')]")

        rows = shown(visit, link.get("href").removeprefix("?").partition("#")[0])

        assert link.text.strip() == str(len(rows)) == "2"
        assert rows == names(*(aside[place] for place in places))

    def test_that_nobody_can_name_counts_as_all_of_it(self, fund: Fund, aside) -> None:
        visit = Visit.of(fund.esi)
        for age in ("", "9-9", "' OR 1=1"):
            assert shown(visit, f"show=aside&age={age}") == names(*aside)

    def test_without_lines_says_so_and_leads_on(self, fund: Fund) -> None:
        import_lines(fund, read("-5.00"))
        page = Visit.of(fund.esi).get(f"{LIST}?show=aside")
        assert "No line is set aside." in words(page)
        assert b'href="?show=open"' in page.content
        assert "In suspense" not in words(page)

    def test_is_undone_from_its_own_row(self, fund: Fund, aside) -> None:
        visit = Visit.of(fund.esi)
        page = html.fromstring(visit.get(f"{LIST}?show=aside&age=8-30").content)
        (undo,) = page.xpath(f"//tr[@data-line='{names(aside[2])[0]}']//a[contains(@href, '/undo/')]/@href")
        assert undo.endswith("?show=aside&page=1&age=8-30")

        answer = visit.press(undo.partition("?")[0], seen_version=aside[2].version, show="aside", age="8-30")

        assert answer["Location"] == f"{LIST}?show=aside&page=1&age=8-30#line-{names(aside[2])[0]}"
        assert shown(visit, "show=aside&age=8-30") == names(aside[3])


class TestTheOrder:
    def test_by_amount_is_largest_first_whatever_the_direction(self, fund: Fund) -> None:
        small, large, middle = import_lines(fund, read("-5.00"), read("300.00"), read("-40.00"))
        visit = Visit.of(fund.esi)
        assert shown(visit, "") == names(small, large, middle)
        assert shown(visit, "sort=amount") == names(large, middle, small)

    def test_keeps_the_line_on_which_one_stands_on_whatever_page_it_comes_to(self, fund: Fund) -> None:
        lines = import_lines(fund, *(read(f"-{n}.00", text=f"{n}") for n in range(1, 61)))
        visit = Visit.of(fund.esi)
        for line in (lines[0], lines[24], lines[25], lines[59]):
            assert names(line)[0] in shown(visit, f"sort=amount&at={names(line)[0]}")
            assert names(line)[0] in shown(visit, f"sort=bank&at={names(line)[0]}")

    def test_leads_on_to_the_next_line_of_that_order(self, fund: Fund) -> None:
        small, large, middle = import_lines(fund, read("-5.00"), read("-9.00"), read("-7.00"))
        visit = Visit.of(fund.esi)

        answer = visit.press(f"{LIST}lines/{names(large)[0]}/match/", seen_version=0, fee="on", sort="amount")
        assert answer["Location"] == f"{LIST}?show=open&page=1&sort=amount#line-{names(middle)[0]}"

        answer = visit.press(f"{LIST}lines/{names(small)[0]}/match/", seen_version=0, fee="on", sort="amount")
        assert answer["Location"].endswith(f"#line-{names(middle)[0]}"), "after the last, the first that is left"

    def test_leads_on_to_the_page_on_which_the_next_line_stands(self, fund: Fund) -> None:
        lines = import_lines(fund, *(read(f"-{n}.00", text=f"{n}") for n in range(1, 31)))
        where = f"{LIST}lines/{names(lines[24])[0]}/match/"

        answer = Visit.of(fund.esi).press(where, seen_version=0, fee="on", show="all", page="1")

        assert answer["Location"] == f"{LIST}?show=all&page=2#line-{names(lines[25])[0]}"


class TestABatch:
    def test_unfolds_into_its_payments_with_who_of_ours_each_is(self, fund: Fund) -> None:
        one, two = sent(fund, "300.00", "400.00")
        inside = (
            DetailLine(usd("-300.00"), end_to_end=one.end_to_end, counterparty="Safe House"),
            DetailLine(usd("-400.00"), end_to_end=two.end_to_end),
        )
        import_lines(fund, read("-700.00", details=inside))
        page = Visit.of(fund.esi).get(LIST)
        assert (
            f"2 payments in it −USD 300.00 Safe House {one.number} −USD 400.00 {two.number} "
            "= −USD 700.00 ✓ adds up to the line"
        ) in words(page)
        assert f'href="/disbursements/{two.number}/"'.encode() in page.content

    def test_that_does_not_say_each_amount_says_so(self, fund: Fund) -> None:
        import_lines(fund, read("-700.00", details=(DetailLine(usd("-300.00")), DetailLine(None))))
        assert "The bank does not say each amount." in words(Visit.of(fund.esi).get(LIST))


class TestItsQuestions:
    @pytest.mark.parametrize("show", ["open", "all", "aside"])
    def test_are_fifteen_at_most_however_many_lines_and_suggestions_there_are(self, fund: Fund, show: str) -> None:
        fund.commit(usd("5000.00"))
        work(fund, 1)
        few = asked(fund, show)
        for _turn in range(4):
            work(fund, 3)
        assert (few <= 15, asked(fund, show)) == (True, few)


def work(fund: Fund, times: int) -> None:
    """Lines of every sort: exact, with a fee, with two candidates, split, a batch, set aside, matched."""
    day = date(2026, 11, 24)
    payee = fund.payee()
    for turn in range(times):
        unique = StatementLine.objects.count() * 7 + turn
        exact, fee, twin, other, parts, done = made = [
            fund.prepare(usd(amount), payee) for amount in ("3.00", "3.10", "3.20", "3.20", "3.30", "3.40")
        ]
        fund.release(*made)
        fund.signed_file()
        drain()
        batch = (DetailLine(usd("-1.00"), end_to_end=exact.end_to_end, counterparty="Somebody"),)
        lines = import_lines(
            fund,
            read("-3.00", end_to_end=exact.end_to_end),
            read("-3.15", end_to_end=fee.end_to_end),
            read("-3.20", text=f"{twin.end_to_end} {other.end_to_end}", bank_reference=f"T{unique}"),
            read("-1.30", text=parts.end_to_end, bank_reference=f"P{unique}"),
            read("-2.00", text=parts.end_to_end, bank_reference=f"Q{unique}"),
            read("-1.00", details=batch, bank_reference=f"B{unique}"),
            read("25.00", text="a stranger", bank_reference=f"S{unique}", booked_on=day),
            read("-3.40", end_to_end=done.end_to_end),
        )
        fund.set_aside(lines[6])
        fund.match(lines[7])


def asked(fund: Fund, show: str) -> int:
    """How many questions the page asks the database."""
    visit = Visit.of(fund.esi)
    with CaptureQueriesContext(connection) as questions:
        assert visit.get(f"{LIST}?show={show}").status_code == 200
    return len(questions)
