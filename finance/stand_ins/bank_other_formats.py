"""How the stand-in bank writes a statement in two other formats banks use: MT940, and a list (CSV) with its balance."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from finance.stand_ins.bank_books import BankEntry, IssuedStatement
from gaf.money import Money

# The headings of its lists, by what they mean to a reader. It writes semicolons, a decimal comma, the day first.
CSV_COLUMNS: Final = {
    "booked_on": "Booked",
    "value_on": "Value",
    "amount": "Amount",
    "balance": "Balance",
    "text": "Text",
    "counterparty": "Name",
    "counterparty_account": "Account",
    "end_to_end": "Reference",
    "bank_reference": "Bank reference",
    "original_amount": "Original amount",
    "original_currency": "Original currency",
    "code": "Code",
    "return_code": "Return reason",
}
_LINE_OF_86: Final = 65


def mt940_file(*, account: str, currency: str, statement: IssuedStatement, entries: Sequence[BankEntry]) -> bytes:
    """The statement as SWIFT MT940; the same statement gives the same bytes."""
    lines = [
        "{1:F01SIMBCHZZAXXX0000000000}{2:I940SIMBCHZZXXXXN}{4:",
        f":20:S{statement.number:06d}",
        f":25:{account}",
        f":28C:{statement.number}/1",
        f":60F:{_balance(statement.opening, currency, statement.from_day)}",
    ]
    for entry in entries:
        lines += _swift_entry(entry, currency)
    lines += [f":62F:{_balance(statement.closing, currency, statement.to_day)}", "-}"]
    return ("\r\n".join(lines) + "\r\n").encode("ascii", errors="replace")


def _digits(minor: int, currency: str) -> str:
    whole, _point, decimals = format(abs(Money(minor, currency)).decimal, "f").partition(".")
    return f"{whole},{decimals}"


def _balance(minor: int, currency: str, day: str) -> str:
    return f"{'D' if minor < 0 else 'C'}{_short(day)}{currency}{_digits(minor, currency)}"


def _short(day: str) -> str:
    return day[2:4] + day[5:7] + day[8:10]


def _swift_entry(entry: BankEntry, currency: str) -> list[str]:
    kind = "NCHG" if entry.code.endswith("CHRG") else "NRTI" if entry.reason else "NTRF"
    mark = "D" if entry.minor < 0 else "C"
    days = _short(entry.value_on) + _short(entry.booked_on)[2:]
    lines = [f":61:{days}{mark}{_digits(entry.minor, currency)}{kind}NONREF//{entry.reference}"]
    if entry.instructed_currency and entry.instructed_currency != currency:
        lines.append(f"/OCMT/{entry.instructed_currency}{_digits(entry.instructed_minor, entry.instructed_currency)}/")
    told = "".join(
        f"/{key}/{value}"
        for key, value in (
            ("EREF", entry.end_to_end),
            ("RTRN", entry.reason),
            ("NAME", entry.other_name),
            ("IBAN", entry.other_number),
            ("REMI", entry.remittance or entry.note),
        )
        if value
    )
    wrapped = [told[place : place + _LINE_OF_86] for place in range(0, len(told), _LINE_OF_86)] or ["/REMI/"]
    return [*lines, f":86:{wrapped[0]}", *wrapped[1:]]


def csv_file(*, account: str, currency: str, statement: IssuedStatement, entries: Sequence[BankEntry]) -> bytes:
    """The statement as a list: one line for each entry, each with the balance after it."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([f"Account {account}", f"Statement {statement.number}"])
    writer.writerow(CSV_COLUMNS.values())
    balance = statement.opening
    for entry in entries:
        balance += entry.minor
        writer.writerow(_row(entry, balance, currency))
    return written.getvalue().encode("utf-8")


def _row(entry: BankEntry, balance: int, currency: str) -> list[str]:
    original = entry.instructed_currency != "" and entry.instructed_currency != currency
    return [
        _european(entry.booked_on),
        _european(entry.value_on),
        _signed(entry.minor, currency),
        _signed(balance, currency),
        entry.remittance or entry.note,
        entry.other_name,
        entry.other_number,
        entry.end_to_end,
        entry.reference,
        _signed(entry.instructed_minor, entry.instructed_currency) if original else "",
        entry.instructed_currency if original else "",
        entry.code,
        entry.reason,
    ]


def _european(day: str) -> str:
    return f"{day[8:10]}.{day[5:7]}.{day[0:4]}"


def _signed(minor: int, currency: str) -> str:
    return format(Money(minor, currency).decimal, "f").replace(".", ",")
