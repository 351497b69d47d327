"""Reads a bank's list (CSV) by a mapping that says which column is what and how this bank writes numbers and days."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements.plain_text import day_of, lines_of
from finance.gateways.statements.reading import Amount, BalanceRead, EntryRead, FileRead, StatementRead

MOST_ROWS: Final = 200_000
# What a column can be. A list needs a day, and an amount or a pair of credit and debit.
COLUMNS: Final = (
    "booked_on", "value_on", "amount", "credit", "debit", "balance", "text", "counterparty", "counterparty_account",
    "end_to_end", "bank_reference", "original_amount", "original_currency", "code", "return_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CsvShape:
    """How one bank writes its lists. `date_order` is DMY, MDY or YMD; `columns` gives our names the bank's headings."""

    account: str
    currency: str
    delimiter: str
    decimal_mark: str
    date_order: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]
    where: str

    def of(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def read_csv(text: str, shape: CsvShape) -> FileRead:
    """The list as one statement. Raises StatementRefused (STMT-08 to STMT-28) with the first wrong line."""
    rows = _rows(text, shape)
    if not rows:
        raise refuse_statement("STMT-08", _("The list holds no entry."))
    read = [(_entry(row, shape), _balance(row, shape)) for row in rows]
    if _is_backwards(read):
        read.reverse()
    entries = tuple(entry for entry, _told in read)
    days = [entry.booking_date for entry in entries if entry.booking_date is not None]
    opening, closing = _ends(read, shape)
    return FileRead(
        "CSV",
        (
            StatementRead(
                statement_id=f"CSV {shape.account[-12:]} {min(days)}-{max(days)}"[:40],
                account=shape.account,
                currency=shape.currency,
                opening=opening,
                closing=closing,
                entries=entries,
                from_date=min(days),
                to_date=max(days),
            ),
        ),
    )


def _rows(text: str, shape: CsvShape) -> list[_Row]:
    """The rows below the headings; banks write their own words above them and sums below."""
    reader = csv.reader(lines_of(text), delimiter=shape.delimiter, strict=True)
    wanted = {heading.strip(): name for name, heading in shape.columns.items()}
    places: dict[int, str] = {}
    rows: list[_Row] = []
    try:
        for cells in reader:
            if not places:
                found = {place: wanted[cell.strip()] for place, cell in enumerate(cells) if cell.strip() in wanted}
                places = found if set(found.values()) == set(wanted.values()) else {}
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= MOST_ROWS:
                raise refuse_statement("STMT-02", _("The list has more than %(most)s lines.") % {"most": MOST_ROWS})
            rows.append(_row(reader.line_num, cells, places))
    except csv.Error as fault:
        raise refuse_statement(
            "STMT-05", _("Line %(line)s is no line of a list: %(fault)s.") % {"line": reader.line_num, "fault": fault}
        ) from None
    if not places:
        raise refuse_statement(
            "STMT-26",
            _("No line has all the headings of the mapping: %(headings)s.")
            % {"headings": ", ".join(sorted(wanted))[:200]},
            _("Choose the mapping of this bank, or make a new version of it."),
        )
    return rows


def _row(line: int, cells: list[str], places: Mapping[int, str]) -> _Row:
    if len(cells) <= max(places):
        raise refuse_statement("STMT-05", _("Line %(line)s has fewer columns than the headings.") % {"line": line})
    return _Row(line, {name: cells[place] for place, name in places.items()}, _("Line %(line)s") % {"line": line})


def _entry(row: _Row, shape: CsvShape) -> EntryRead:
    booked_on = _day(row.of("booked_on"), row, shape)
    valued = row.of("value_on")
    return EntryRead(
        amount=Amount(_amount(row, shape), shape.currency),
        booking_date=booked_on,
        value_date=_day(valued, row, shape) if valued else booked_on,
        bank_reference=row.of("bank_reference")[:80],
        end_to_end=row.of("end_to_end")[:40],
        counterparty_name=row.of("counterparty")[:350],
        counterparty_account=row.of("counterparty_account")[:80],
        remittance=row.of("text")[:4000],
        original=_original(row, shape),
        domain_code=row.of("code")[:40],
        return_reason=row.of("return_code")[:10],
        is_return=bool(row.of("return_code")),
    )


def _original(row: _Row, shape: CsvShape) -> Amount | None:
    """What was ordered in another currency, without sign."""
    written, currency = row.of("original_amount"), row.of("original_currency")
    if not written or not re.fullmatch("[A-Z]{3}", currency):
        return None
    return Amount(abs(number(written, shape.decimal_mark, row.where)), currency)


def _amount(row: _Row, shape: CsvShape) -> Decimal:
    if "amount" in shape.columns:
        return number(row.of("amount"), shape.decimal_mark, row.where)
    credit, debit = row.of("credit"), row.of("debit")
    if bool(credit) == bool(debit):
        raise refuse_statement(
            "STMT-19", _("%(where)s has not exactly one of credit and debit.") % {"where": row.where}
        )
    return (
        abs(number(credit, shape.decimal_mark, row.where))
        if credit
        else -abs(number(debit, shape.decimal_mark, row.where))
    )


def number(written: str, decimal_mark: str, where: str) -> Decimal:
    """A number as this bank writes it: one decimal mark, groups of three, a sign before or after. STMT-11 otherwise."""
    plain = written.replace("\u00a0", " ").replace("\u202f", " ").strip()
    sign = -1 if plain.startswith("-") or plain.endswith("-") else 1
    plain = plain.strip("+- ") if len(plain.strip("+-")) >= len(plain) - 1 else plain
    point, groups = (r"\.", r"[,' ]") if decimal_mark == "." else (",", r"[.' ]")
    if not re.fullmatch(rf"([0-9]{{1,13}}|[0-9]{{1,3}}({groups}[0-9]{{3}}){{1,4}})({point}[0-9]{{1,5}})?", plain):
        raise refuse_statement(
            "STMT-11",
            _("%(where)s: “%(amount)s” is not an amount as the mapping says this bank writes them.")
            % {"where": where, "amount": written[:30]},
        )
    digits = re.sub(groups, "", plain).replace(",", ".")
    return sign * Decimal(digits)


def _day(written: str, row: _Row, shape: CsvShape) -> date:
    """A day in the mapping's order, never guessed: 03/04 is the third of April for a bank that writes the day first."""
    parts = re.fullmatch(r"([0-9]{1,4})[./\- ]([0-9]{1,2})[./\- ]([0-9]{1,4})(?:[ T].*)?", written)
    whole = re.fullmatch(r"[0-9]{8}", written)
    if whole and shape.date_order == "YMD":
        return day_of(written[:4], written[4:6], written[6:], row.where)
    found = parts.groups() if parts else ("", "", "")
    named = dict(zip(shape.date_order, found, strict=True))
    if len(named["Y"]) not in (2, 4) or len(named["M"]) > 2 or len(named["D"]) > 2:
        raise refuse_statement(
            "STMT-18",
            _("%(where)s: “%(day)s” is no day as the mapping says this bank writes them.")
            % {"where": row.where, "day": written[:30]},
        )
    return day_of(named["Y"], named["M"], named["D"], row.where)


def _balance(row: _Row, shape: CsvShape) -> Decimal | None:
    written = row.of("balance")
    return number(written, shape.decimal_mark, row.where) if written else None


def _is_backwards(read: list[tuple[EntryRead, Decimal | None]]) -> bool:
    """Whether the newest line stands first: by the running balance where there is one, else by the days."""
    told = [balance for _entry, balance in read if balance is not None]
    if len(told) == len(read) and len(read) > 1:
        pairs = list(pairwise(read))
        forwards = all(one[1] + two[0].amount.value == two[1] for one, two in pairs)  # type: ignore[operator]
        backwards = all(two[1] + one[0].amount.value == one[1] for one, two in pairs)  # type: ignore[operator]
        if forwards != backwards:
            return backwards
    first, last = read[0][0].booking_date, read[-1][0].booking_date
    return first is not None and last is not None and first > last


def _ends(
    read: list[tuple[EntryRead, Decimal | None]], shape: CsvShape
) -> tuple[BalanceRead | None, BalanceRead | None]:
    """Opening and closing by the running balance; None where the list has none."""
    (first, after_first), (last, at_end) = read[0], read[-1]
    if after_first is None or at_end is None:
        return None, None
    return (
        BalanceRead("RUNNING", Amount(after_first - first.amount.value, shape.currency), first.booking_date),
        BalanceRead("RUNNING", Amount(at_end, shape.currency), last.booking_date),
    )
