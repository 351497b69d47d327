"""What reconciling costs the database: an act takes at most twenty statements, or as many as are written here; and one
on many lines takes as many as one on few.

A match books a journal, decides, and keeps what it said; the lock that PostgreSQL takes for the chains is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.models import MatchRule, StatementLine
from gaf import clock
from tests.finance.builders import GENEVA, YEAR_START, Fund, usd
from tests.finance.matching.lines import import_lines, read, sent
from tests.finance.pages.visits import Reported, Visit

pytestmark = pytest.mark.both
LIST = "/reconciliation/GVA/"
RULES = "/reconciliation/rules/new/"
MOST = 20


def asked(visit: Visit, address: str, **typed: object) -> list[str]:
    """What the database was asked by one press that did what it says."""
    with CaptureQueriesContext(connection) as queries:
        answer = visit.press(address, **typed)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return [one["sql"][:160] for one in queries if "pg_advisory_xact_lock" not in one["sql"]]


def told(statements: list[str]) -> str:
    return "\n".join([str(len(statements)), *statements])


def address(line: StatementLine, act: str) -> str:
    return f"{LIST}lines/{line.identity[:16]}/{act}/"


def split(fund: Fund, parts: int) -> tuple[str, list[StatementLine]]:
    """A disbursement that the bank paid in equal parts, and the lines of these parts."""
    (one,) = sent(fund, "300.00")
    reads = [read(f"-{300 // parts}.00", text=f"{one.end_to_end} {place}") for place in range(parts)]
    return one.number, import_lines(fund, *reads)


def exact(fund: Fund, count: int) -> list[StatementLine]:
    """Lines that each name another disbursement to the cent, and one more that stays."""
    rows = sent(fund, *(f"{100 + place}.00" for place in range(count)))
    reads = [read(f"-{100 + place}.00", end_to_end=row.end_to_end) for place, row in enumerate(rows)]
    return import_lines(fund, *reads, read("5.00", text="Nobody knows"))[:count]


class TestMatchingALine:
    def test_that_confirms_a_disbursement_takes_what_is_written_here(self, fund: Fund, reported: Reported) -> None:
        """Two acts, each decided and saved with a version, and a journal of five statements between them."""
        statements = asked(Visit.of(fund.esi), reported.address(-40_000, "match"), seen_version=1)

        assert len(statements) == 22, told(statements)

    def test_that_confirms_nothing_takes_at_most_twenty(self, fund: Fund, reported: Reported) -> None:
        (first,) = import_lines(fund, read("-3.00", text="Charges", is_charge=True))
        visit = Visit.of(fund.esi)
        asked(visit, address(first, "match"), seen_version=1)  # so that the balances it touches are there

        statements = asked(visit, reported.address(-400, "match"), seen_version=1)

        assert len(statements) <= MOST, told(statements)

    def test_with_a_fee_takes_what_is_written_here(self, fund: Fund) -> None:
        """Besides: the caps of fees, and the stream that bears it."""
        rows = sent(fund, "300.00", "200.00")
        lines = import_lines(
            fund,
            *(
                read(amount, end_to_end=row.end_to_end)
                for amount, row in zip(("-301.50", "-201.50"), rows, strict=True)
            ),
        )
        visit = Visit.of(fund.esi)

        statements = [
            asked(visit, address(line, "find"), seen_version=0, record=[row.number], books_to="bank_fee")
            for line, row in zip(lines, rows, strict=True)
        ][-1]

        assert len(statements) == 24, told(statements)

    @pytest.mark.parametrize("parts", [2, 5])
    def test_paid_in_parts_takes_the_same_for_two_as_for_five(self, fund: Fund, parts: int) -> None:
        number, lines = split(fund, parts)
        also = [line.identity[:16] for line in lines[1:]]

        statements = asked(Visit.of(fund.esi), address(lines[0], "find"), seen_version=0, record=[number], also=also)

        assert len(statements) == 22, told(statements)

    @pytest.mark.parametrize("count", [2, 5])
    def test_that_paid_several_takes_the_same_for_two_as_for_five(self, fund: Fund, count: int) -> None:
        rows = sent(fund, *["100.00"] * count)
        (line,) = import_lines(fund, read(f"-{100 * count}.00", text="Several"))
        record = [row.number for row in rows]

        statements = asked(Visit.of(fund.esi), address(line, "find"), seen_version=0, record=record)

        assert len(statements) == 22, told(statements)


class TestAllExactLines:
    @pytest.mark.parametrize("count", [1, 6])
    def test_take_the_same_for_one_as_for_six(self, fund: Fund, count: int) -> None:
        lines = exact(fund, count)

        statements = asked(Visit.of(fund.esi), f"{LIST}exact/", line=[f"{line.identity[:16]}:1" for line in lines])

        assert len(statements) == 22, told(statements)
        assert {line.state for line in StatementLine.objects.filter(minor__lt=0)} == {"MATCHED"}


class TestSettingAside:
    def test_takes_at_most_twenty_statements_and_so_does_undoing_it(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        typed = {"reason_code": "unknown_sender", "reason": "The bank was asked."}
        first = asked(visit, reported.address(2_500, "set-aside"), seen_version=0, **typed)
        undone = asked(visit, reported.address(2_500, "undo"), seen_version=1)
        again = asked(visit, reported.address(2_500, "set-aside"), seen_version=2, **typed)

        assert max(len(first), len(again)) <= MOST, told(first)
        assert len(undone) == 24, told(undone)


class TestUndoing:
    """It thinks anew about every open line of the account, which takes seven of these."""

    def test_a_match_takes_what_is_written_here(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        visit.press(reported.address(-40_000, "match"), seen_version=1)

        statements = asked(visit, reported.address(-40_000, "undo"), seen_version=2)

        assert len(statements) == 29, told(statements)

    @pytest.mark.parametrize("parts", [2, 5])
    def test_parts_takes_the_same_for_two_as_for_five(self, fund: Fund, parts: int) -> None:
        number, lines = split(fund, parts)
        visit, also = Visit.of(fund.esi), [line.identity[:16] for line in lines[1:]]
        visit.press(address(lines[0], "find"), seen_version=0, record=[number], also=also)

        statements = asked(visit, address(lines[1], "undo"), seen_version=1)

        assert len(statements) == 30, told(statements)
        assert set(StatementLine.objects.values_list("state", flat=True)) == {"UNMATCHED"}


def brought(fund: Fund, visit: Visit, amounts: tuple[str, ...], change: Callable[[bytes], bytes] = bytes) -> str:
    """Payments of these amounts went out; where the page stands that shows the bank's file about them."""
    fund.commit(usd("1000.00"))
    payee = fund.payee()
    for amount in amounts:
        fund.send_by_file(usd(amount), payee)
    bank = fund.bank()
    bank.receive(clock.now())
    content = change(bank.statement(GENEVA, YEAR_START, date(2026, 11, 24)).read_bytes())
    file = SimpleUploadedFile("statement.xml", content, content_type="text/xml")
    return visit.press("/reconciliation/import/", statement=file)["Location"]


FEW, MANY = ("40.00",), ("40.00", "41.00", "42.00", "43.00")


class TestImporting:
    @pytest.mark.parametrize("amounts", [FEW, MANY], ids=["few", "many"])
    def test_takes_the_same_for_few_lines_as_for_many(self, fund: Fund, amounts: tuple[str, ...]) -> None:
        visit = Visit.of(fund.esi)
        where = brought(fund, visit, amounts)

        statements = asked(visit, where)

        assert len(statements) == 30, told(statements)
        assert StatementLine.objects.filter(state="PROPOSED").count() >= len(amounts)


class TestASecondLook:
    @pytest.mark.parametrize("amounts", [FEW, MANY], ids=["few", "many"])
    def test_takes_the_same_for_few_lines_as_for_many(self, fund: Fund, amounts: tuple[str, ...]) -> None:
        visit = Visit.of(fund.esi)
        visit.press(brought(fund, visit, amounts, lambda content: content.replace(b"25.00", b"26.00")))
        assert set(StatementLine.objects.values_list("state", flat=True)) == {"HELD"}

        statements = asked(Visit.of(fund.helena), f"{LIST}statements/1/accept/", reason="Rang the bank.")

        assert len(statements) == 27, told(statements)


class TestARule:
    def test_takes_at_most_twenty_statements_to_write_test_and_put_in_force(self, fund: Fund) -> None:
        import_lines(fund, read("-12.00", text="GAF CARD FEES"))
        esi, helena = Visit.of(fund.esi), Visit.of(fund.helena)
        typed = {"name": "Card fees", "classifies": "BANK_FEE", "contains": "CARD FEE"}

        written = asked(esi, RULES, idempotency_key=f"{1:032x}", **typed)
        rule = MatchRule.objects.get()
        where = f"/reconciliation/rules/{rule.key}/{rule.number}/"
        tried = asked(esi, f"{where}test/")
        in_force = asked(helena, f"{where}activate/")

        for statements in (written, tried, in_force):
            assert len(statements) <= MOST, told(statements)


class TestAReceipt:
    def test_takes_at_most_twenty_statements(self, fund: Fund) -> None:
        visit = Visit.of(fund.helena)
        statements = [asked(visit, "/receipts/new/", **receipt(place)) for place in (1, 2)][-1]

        assert len(statements) <= MOST, told(statements)


def receipt(place: int) -> dict[str, str]:
    return {
        "stream": "A",
        "account": "GVA",
        "amount": "100.00",
        "key": f"R-2026-9{place}",
        "received_on_0": "20",
        "received_on_1": "11",
        "received_on_2": "2026",
        "idempotency_key": f"{place:032x}",
    }
