"""Reads bank statements (ISO 20022 camt.053, any version) and proves each one's balance before anybody sees a line.

Whether a file follows the published schema is not asked: whole clearing systems write files that do not, and add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file import strict_values as strict
from finance.gateways.bank_file.camt053_entries import read_entry
from finance.gateways.bank_file.hardened_xml import walk
from finance.gateways.bank_file.refusals import StatementRefused, refuse_statement
from finance.gateways.bank_file.statements import DetailRead, EntryRead, StatementRead
from gaf.money import Money, total

__all__ = ["DetailRead", "EntryRead", "StatementRead", "StatementRefused", "read_camt053"]

_NAMESPACE = re.compile(r"\{(?P<space>[^{}]*camt\.053\.\d{3}\.\d{2}[^{}]*)\}Document", re.ASCII)
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_PLACE_OF_STATEMENT: Final = ("Document", "BkToCstmrStmt", "Stmt")


@dataclass(slots=True)
class _Reading:
    """One statement while its elements are still arriving."""

    balances: dict[str, tuple[Money, date | None]] = field(default_factory=dict)
    entries: list[EntryRead] = field(default_factory=list)

    def first(self, codes: Iterable[str]) -> tuple[Money, date | None] | None:
        return next((self.balances[code] for code in codes if code in self.balances), None)


def read_camt053(content: bytes) -> list[StatementRead]:
    """Every statement of a camt.053 file, each with its balance proved: opening plus booked entries is closing.

    Entries that are not booked are given but not counted. Raises StatementRefused (STMT-01 to STMT-25) with the first
    thing that is wrong; then nothing of the file is read, not even the statements that were right.
    """
    statements: list[StatementRead] = []
    places: tuple[str, ...] = ()
    reading = _Reading()
    for event, path, element in walk(content):
        if event == "start":
            if len(path) == 1:
                places = _places(element)
            elif path == places:
                reading = _Reading()
            continue
        if path[:3] != places:
            continue
        if len(path) == 4:
            _take(path[3].removeprefix(places[0].removesuffix("Document")), element, reading)
        elif len(path) == 3:
            statements.append(_statement(element, reading))
            element.clear()
    _check_file(statements)
    return statements


def _places(root: _Element) -> tuple[str, ...]:
    """The path to a statement in this file's own namespace. Raises StatementRefused STMT-07 if it is no camt.053."""
    matched = _NAMESPACE.fullmatch(str(root.tag))
    if matched is None:
        raise refuse_statement(
            "STMT-07",
            _("The file is not a bank statement in the camt.053 format."),
            _("Ask the bank for camt.053; payment files, advices and status reports are not statements."),
        )
    return tuple(f"{{{matched['space']}}}{name}" for name in _PLACE_OF_STATEMENT)


def _take(name: str, element: _Element, reading: _Reading) -> None:
    """Keep a balance or an entry, and let go of an entry's elements: a statement may have a hundred thousand."""
    if name == "Bal":
        _take_balance(element, reading)
    elif name == "Ntry":
        closing = reading.first(_CLOSING)
        reading.entries.append(read_entry(element, day_if_none=closing[1] if closing else None))
        element.clear()


def _take_balance(element: _Element, reading: _Reading) -> None:
    """Keep a balance under its code. Raises StatementRefused STMT-17 where one code is given with two amounts."""
    code = strict.text(element, "Tp", "CdOrPrtry", "Cd")
    if code not in (*_OPENING, *_CLOSING):
        return
    amount = strict.money(element, "Amt")
    if amount is None:
        raise refuse_statement("STMT-10", _("A balance has no amount."))
    balance = -amount if strict.sign(element) == -1 else amount
    if code in reading.balances and reading.balances[code][0] != balance:
        raise refuse_statement(
            "STMT-17", _("The statement gives two different balances of one kind (%(code)s).") % {"code": code}
        )
    reading.balances[code] = (balance, strict.day_choice(element, "Dt"))


def _statement(element: _Element, reading: _Reading) -> StatementRead:
    """The statement in plain values, its balance proved."""
    statement_id = _required(element, "Id")
    account = strict.text(element, "Acct", "Id", "IBAN") or _required(element, "Acct", "Id", "Othr", "Id")
    opening, opened_on = _required_balance(reading, _OPENING, "STMT-15", statement_id)
    closing, closed_on = _required_balance(reading, _CLOSING, "STMT-16", statement_id)
    currency = strict.text(element, "Acct", "Ccy") or closing.currency
    _check_currencies(statement_id, currency, [opening, closing, *(entry.money for entry in reading.entries)])
    _prove(statement_id, opening, closing, reading.entries)
    first, last = _period(element, opened_on, closed_on, reading.entries)
    return StatementRead(
        statement_id=statement_id,
        electronic_sequence=_sequence(element),
        account=account.replace(" ", ""),
        currency=currency,
        from_date=first,
        to_date=last,
        opening=opening,
        closing=closing,
        entries=tuple(reading.entries),
    )


def _required(element: _Element, *names: str) -> str:
    found = strict.text(element, *names)
    if not found:
        raise refuse_statement("STMT-10", _("A statement does not give its “%(place)s”.") % {"place": "/".join(names)})
    return found


def _required_balance(
    reading: _Reading, codes: tuple[str, ...], rule: str, statement_id: str
) -> tuple[Money, date | None]:
    found = reading.first(codes)
    if found is None:
        raise refuse_statement(
            rule,
            _("Statement %(statement)s has no booked balance of the kind %(codes)s.")
            % {"statement": statement_id, "codes": ", ".join(codes)},
            _("Ask the bank for statements with opening and closing booked balances."),
        )
    return found


def _check_currencies(statement_id: str, currency: str, amounts: list[Money]) -> None:
    for amount in amounts:
        if amount.currency != currency:
            raise refuse_statement(
                "STMT-14",
                _("Statement %(statement)s is in %(currency)s but holds an amount in %(other)s.")
                % {"statement": statement_id, "currency": currency, "other": amount.currency},
            )


def _prove(statement_id: str, opening: Money, closing: Money, entries: list[EntryRead]) -> None:
    """Opening plus booked entries is closing, to the minor unit. Raises StatementRefused STMT-21 with both sums."""
    reached = total([opening, *(entry.money for entry in entries if entry.is_booked)], opening.currency)
    if reached != closing:
        raise refuse_statement(
            "STMT-21",
            _(
                "Statement %(statement)s does not add up: opening balance and booked entries make %(reached)s, "
                "the closing balance says %(closing)s, a difference of %(difference)s."
            )
            % {"statement": statement_id, "reached": reached, "closing": closing, "difference": closing - reached},
        )


def _period(
    element: _Element, opened_on: date | None, closed_on: date | None, entries: list[EntryRead]
) -> tuple[date, date]:
    """First and last day: as the bank names them, else the days of the balances, else of the entries (STMT-18)."""
    booked_on = [entry.booking_date for entry in entries]
    first = strict.day(element, "FrToDt", "FrDtTm") or opened_on or min(booked_on, default=None)
    last = strict.day(element, "FrToDt", "ToDtTm") or closed_on or max(booked_on, default=None)
    if first is None or last is None:
        raise refuse_statement("STMT-18", _("A statement does not say for which days it is."))
    if first > last:
        raise refuse_statement("STMT-18", _("A statement ends before it begins."))
    return first, last


def _sequence(element: _Element) -> int | None:
    written = strict.text(element, "ElctrncSeqNb")
    if not written:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", written):
        raise refuse_statement("STMT-25", _("“%(number)s” is not a statement number.") % {"number": written[:30]})
    return int(written)


def _check_file(statements: list[StatementRead]) -> None:
    if not statements:
        raise refuse_statement("STMT-08", _("The file holds no statement."))
    seen: set[str] = set()
    for statement in statements:
        if statement.statement_id in seen:
            raise refuse_statement(
                "STMT-09", _("Statement %(statement)s is in the file twice.") % {"statement": statement.statement_id}
            )
        seen.add(statement.statement_id)
