"""The stand-in bank writes camt.053, MT940 and lists, and the fund reads the same from each."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from finance.actions.statements import import_statement
from finance.books import verify
from finance.chain import chain_of
from finance.gateways.statements.csv_lists import CsvShape
from finance.gateways.statements.formats import read_file
from finance.gateways.statements.reading import EntryRead, FileRead
from finance.models import Statement, StatementLine
from finance.stand_ins.bank_books import BankEntry, IssuedStatement
from finance.stand_ins.bank_other_formats import CSV_COLUMNS, csv_file, mt940_file
from finance.stand_ins.bank_statements import statement_file
from gaf import clock
from gaf.money import Money
from tests.finance.builders import GENEVA, YEAR_START, Fund, usd

ISSUED = IssuedStatement(3, "2026-11-20", "2026-11-24", 1_000_000, 958_425, "x")
ENTRIES = [
    BankEntry("SIM1", GENEVA, -40_000, "2026-11-23", "2026-11-24", "PMNT/ICDT/XBCT", end_to_end="RF18P202600001",
              instructed_minor=230_000, instructed_currency="XOF", other_name="Transit Centre Supplies",
              other_number="79927398713", remittance="RF18P202600001 and a text that is longer than one line can be"),
    BankEntry("SIM2", GENEVA, -400, "2026-11-23", "2026-11-23", "ACMT/MDOP/CHRG", note="Handling of a payment file"),
    BankEntry("SIM3", GENEVA, 1_325, "2026-11-24", "2026-11-24", "PMNT/ICDT/RRTN", end_to_end="RF18P202600002",
              instructed_minor=1_325, instructed_currency="USD", reason="AC01", other_name="Vendor"),
    BankEntry("SIM4", GENEVA, -2_500, "2026-11-24", "2026-11-25", "PMNT/ICDT/XBCT", other_name="Wages"),
]  # fmt: skip
SHAPE = CsvShape(GENEVA, "USD", ";", ",", "DMY", CSV_COLUMNS)
WRITERS = {"camt.053.001.08": statement_file, "MT940": mt940_file, "CSV": csv_file}


def told(entry: EntryRead) -> tuple[object, ...]:
    return (
        entry.money, entry.booking_date, entry.value_date, entry.bank_reference, entry.end_to_end,
        entry.counterparty_name, entry.counterparty_account, entry.is_bank_charge, entry.is_return, entry.return_reason,
    )  # fmt: skip


@pytest.mark.parametrize("file_format", WRITERS)
def test_each_format_says_the_same(file_format: str) -> None:
    facts = {"account": GENEVA, "currency": "USD", "statement": ISSUED, "entries": ENTRIES}
    read = read_file(WRITERS[file_format](**facts), SHAPE)
    plain = read_file(statement_file(**facts))
    assert isinstance(read, FileRead) and isinstance(plain, FileRead)  # noqa: PT018 # both are what they say
    (statement,), (other,) = read.statements, plain.statements
    assert (read.format, statement.account, statement.balanced) == (file_format, GENEVA, True)
    assert (statement.opening_money, statement.closing_money) == (usd("10000.00"), usd("9584.25"))
    assert [told(one) for one in statement.entries] == [told(one) for one in other.entries]
    assert statement.entries[0].original_money == Money(230_000, "XOF")
    assert "RF18P202600001" in statement.entries[0].remittance


def test_the_fund_reconciles_from_three_formats_on_one_chain(fund: Fund) -> None:
    fund.commit(usd("1000.00"))
    for day, written in ((24, "camt.053"), (25, "MT940"), (26, "CSV")):
        fund.send_by_file(usd("100.00"), fund.payee())
        bank = fund.bank()
        bank.receive(clock.now())
        path = bank.statement(GENEVA, YEAR_START, date(2026, 11, day), written)
        at = datetime.combine(date(2026, 11, day), time(12), UTC)
        (statement,) = import_statement(content=path.read_bytes(), actor=fund.esi, at=at, shape=SHAPE)
        fund.explain(statement)
    assert list(Statement.objects.values_list("state", flat=True)) == ["IMPORTED"] * 3
    assert set(StatementLine.objects.values_list("state", flat=True)) <= {"MATCHED", "SET_ASIDE"}
    assert StatementLine.objects.filter(state="MATCHED", matches__kind="DISBURSEMENT").count() == 3
    assert chain_of(fund.geneva).whole
    assert [one.code for one in verify() if one.broken] == []
