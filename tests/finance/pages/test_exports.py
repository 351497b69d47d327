"""Lists for spreadsheets: what one may see, numbers as numbers, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from finance.exports import as_csv, as_xlsx, neutral
from finance.models import StatementLine
from gaf.sealing import seal
from tests.finance.builders import Fund, usd
from tests.finance.pages.visits import Reported, Visit
from tests.finance.raw_sql import run, unguarded

HOSTILE = ['=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\tcmd", "\rcmd", "\n=1", "  =1+1", "＝1", "\x00=1"]


def table_of(answer) -> list[list[str]]:
    """The rows of a CSV answer."""
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content[3:].decode(), newline="")))


class TestACell:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_f51_is_never_a_formula_in_csv(self, text):
        content = b"".join(as_csv(["Text"], [[text]]))[3:].decode()

        ((_head,), (cell,)) = csv.reader(io.StringIO(content, newline=""))
        assert cell.startswith("'")

    @pytest.mark.parametrize("text", HOSTILE)
    def test_f51_is_never_a_formula_in_xlsx(self, text):
        book = load_workbook(io.BytesIO(b"".join(as_xlsx("list", ["Text"], [[text]]))))

        cell = book["list"]["A2"]
        assert (cell.data_type, str(cell.value)[0]) == ("s", "'")

    def test_keeps_numbers_days_and_ordinary_words(self):
        row = [Decimal("-588.00"), 12, date(2026, 11, 23), "Maison Sûre", None, "A=B"]

        book = load_workbook(io.BytesIO(b"".join(as_xlsx("list", ["a"], [row]))))

        values = [cell.value for cell in book["list"][2]]
        assert (values[0], values[1], values[2].date(), values[3:]) == (
            -588,
            12,
            date(2026, 11, 23),
            ["Maison Sûre", None, "A=B"],
        )
        assert b"".join(as_csv(["a"], [row])).endswith("-588.00,12,2026-11-23,Maison Sûre,,A=B\r\n".encode())

    def test_is_cut_before_a_spreadsheet_refuses_it(self):
        assert len(neutral("x" * 40_000)) == 32_000


@pytest.mark.django_db
class TestTheDisbursements:
    def test_f51_are_written_with_the_holder_neutralised(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.prepare(usd("400.00"), fund.payee(holder="=cmd|'/C calc'!A0"))

        head, row = table_of(Visit.of(fund.divya).get("/disbursements/export/"))

        told = dict(zip(head, row, strict=True))
        assert told["Account holder"] == "'=cmd|'/C calc'!A0"
        assert (told["Amount"], told["Currency"], told["Account ends in"]) == ("400.00", "USD", "3000")

    def test_name_no_holder_to_who_may_not_read_it(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.prepare(usd("400.00"), fund.payee())

        head, row = table_of(Visit.of(fund.esi).get("/disbursements/export/"))

        assert "Account holder" not in head
        assert "Shelter House" not in row

    def test_are_those_of_the_filter(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        payee = fund.payee()
        fund.release(fund.prepare(usd("400.00"), payee))
        waiting = fund.prepare(usd("100.00"), payee)

        rows = table_of(Visit.of(fund.divya).get("/disbursements/export/?as=csv&state=PREPARED"))

        assert [row[0] for row in rows[1:]] == [waiting.number]

    def test_come_as_a_workbook_too_and_as_nothing_else(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.prepare(usd("400.00"), fund.payee())
        visit = Visit.of(fund.divya)

        answer = visit.get("/disbursements/export/?as=xlsx")
        book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))

        assert answer["Content-Disposition"] == 'attachment; filename="disbursements-2026-11-23.xlsx"'
        assert [cell.value for cell in book["disbursements"][2]][8] == 400
        assert visit.get("/disbursements/export/?as=pdf").status_code == 404


@pytest.mark.django_db
class TestTheLinesOfAnAccount:
    def test_f51_are_written_with_the_banks_text_neutralised(self, fund: Fund, reported: Reported) -> None:
        with unguarded("finance_statementline"):
            run("UPDATE finance_statementline SET text = %s", seal("BANK-GVA", '=IMPORTXML("http://x")'))

        head, *rows = table_of(Visit.of(fund.esi).get("/reconciliation/GVA/export/"))

        told = [dict(zip(head, row, strict=True)) for row in rows]
        assert len(told) == StatementLine.objects.count()
        assert {one["Text of the bank"] for one in told} == {'\'=IMPORTXML("http://x")'}
        assert "-400.00" in {one["Amount"] for one in told}

    def test_are_there_only_for_an_account_of_the_fund(self, fund: Fund) -> None:
        assert Visit.of(fund.esi).get("/reconciliation/NONE/export/").status_code == 404
