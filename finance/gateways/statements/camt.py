"""Reads ISO 20022 camt.052, camt.053 and camt.054, any version, by local names in whatever namespace the file has.

Whether a file follows the published schema is not asked: whole clearing systems write files that do not, and add up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file.hardened_xml import walk
from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements import xml_values as strict
from finance.gateways.statements.camt_entries import read_entry
from finance.gateways.statements.reading import (
    CLOSING_CODES,
    OPENING_CODES,
    Amount,
    BalanceRead,
    EntryRead,
    FileRead,
    StatementRead,
    first_of,
    last_of,
)

MESSAGES: Final = {
    "BkToCstmrAcctRpt": ("camt.052", "Rpt"),
    "BkToCstmrStmt": ("camt.053", "Stmt"),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", "Ntfctn"),
}
_VERSION = re.compile(r"camt\.\d{3}\.\d{3}\.\d{2}", re.ASCII)
_VERSIONED = re.compile(r"V\d{2}$", re.ASCII)


@dataclass(slots=True)
class _Reading:
    """One statement while its elements are still arriving."""

    balances: list[BalanceRead] = field(default_factory=list)
    entries: list[EntryRead] = field(default_factory=list)


def message_of(local_name: str) -> tuple[str, str] | None:
    """The kind of message and the name of its statements, by the name of the element that holds it."""
    return MESSAGES.get(_VERSIONED.sub("", local_name))


def read_camt(content: bytes) -> FileRead:
    """Every statement of the file. Raises StatementRefused (STMT-01 to STMT-25) with the first thing that is wrong;
    then nothing of the file is read, not even the statements that were right."""
    statements: list[StatementRead] = []
    kind, wanted, space, version = "", "", "", ""
    reading = _Reading()
    for event, path, element in walk(content):
        if event == "start":
            if len(path) == 1:
                space = _space(path[0])
                version = _version(element)
            elif len(path) == 2:
                kind, wanted = _message(path[1], space, kind)
            elif len(path) == 3 and path[2] == wanted:
                reading = _Reading()
        elif len(path) == 4 and path[2] == wanted and path[3].startswith(space):
            _take(strict.local(element), element, reading)
        elif len(path) == 3 and path[2] == wanted:
            statements.append(_statement(element, reading))
            element.clear()
    _check_file(statements, kind)
    return FileRead(version if version.startswith(kind) else kind, tuple(statements))


def _space(tag: str) -> str:
    return tag[: tag.find("}") + 1]


def _version(root: _Element) -> str:
    """`camt.053.001.08` where the namespace, or what stands in its place, says it."""
    for place in (str(root.tag), *(str(value) for value in root.attrib.values())):
        found = _VERSION.search(place)
        if found:
            return found[0]
    return ""


def _message(tag: str, space: str, before: str) -> tuple[str, str]:
    found = message_of(tag.removeprefix(space))
    if found is None or before:
        raise _not_camt()
    return found[0], space + found[1]


def _not_camt() -> Exception:
    return refuse_statement(
        "STMT-07",
        _("The file is not a bank statement in a camt format."),
        _("Ask the bank for camt.053; payment files are not statements."),
    )


def _take(name: str, element: _Element, reading: _Reading) -> None:
    """Keep a balance or an entry, and let go of an entry's elements: a statement may have a hundred thousand."""
    if name == "Bal":
        _take_balance(element, reading)
    elif name == "Ntry":
        reading.entries.append(read_entry(element))
        element.clear()


def _take_balance(element: _Element, reading: _Reading) -> None:
    """Keep a balance under its code. Raises StatementRefused STMT-17 where one code is given with two amounts."""
    code = strict.text(element, "Tp", "CdOrPrtry", "Cd") or strict.text(element, "Tp", "Cd")
    if code not in (*OPENING_CODES, *CLOSING_CODES):
        return
    given = strict.amount(element, "Amt")
    if given is None:
        raise refuse_statement("STMT-10", _("Line %(line)s: a balance has no amount.") % {"line": element.sourceline})
    balance = Amount(given.value * (strict.sign(element) or 1), given.currency)
    same = [one for one in reading.balances if one.code == code and one.amount.currency == balance.currency]
    if any(one.amount != balance for one in same) and code in ("OPBD", "CLBD"):
        raise refuse_statement(
            "STMT-17", _("The statement gives two different balances of one kind (%(code)s).") % {"code": code}
        )
    reading.balances.append(BalanceRead(code, balance, strict.day_choice(element, "Dt")))


def _statement(element: _Element, reading: _Reading) -> StatementRead:
    """The statement in plain values."""
    opening, closing = first_of(reading.balances, OPENING_CODES), last_of(reading.balances, CLOSING_CODES)
    account = strict.child(element, "Acct", "Id")
    number = next(filter(None, (strict.text(account, *path) for path in _ACCOUNT_PLACES)), "")
    if not number:
        raise refuse_statement("STMT-10", _("A statement does not name its account."))
    named = strict.text(element, "Acct", "Ccy")
    known = [one.amount.currency for one in (opening, closing) if one is not None]
    known += [entry.amount.currency for entry in reading.entries[:1]]
    first, last = _period(element, opening, closing, reading.entries)
    return StatementRead(
        statement_id=strict.text(element, "Id")[:40],
        account=number,
        currency=named or next(iter(known), ""),
        opening=opening,
        closing=closing,
        entries=tuple(_dated(entry, closing) for entry in reading.entries),
        number=_sequence(element),
        from_date=first,
        to_date=last,
    )


_ACCOUNT_PLACES: Final = (("IBAN",), ("Othr", "Id"), ("BBAN",), ("PrtryAcct", "Id"), ("UPIC",))


def _dated(entry: EntryRead, closing: BalanceRead | None) -> EntryRead:
    """Banks that date no entries mean the closing day."""
    if entry.booking_date is not None or closing is None or closing.day is None:
        return entry
    return replace(entry, booking_date=closing.day, value_date=entry.value_date or closing.day)


def _period(
    element: _Element, opening: BalanceRead | None, closing: BalanceRead | None, entries: list[EntryRead]
) -> tuple[date | None, date | None]:
    """First and last day: as the bank names them, else the days of the balances, else of the entries (STMT-18)."""
    booked_on = [entry.booking_date for entry in entries if entry.booking_date is not None]
    first, last = strict.day(element, "FrToDt", "FrDtTm"), strict.day(element, "FrToDt", "ToDtTm")
    if first is not None and last is not None and first > last:
        raise refuse_statement("STMT-18", _("A statement ends before it begins."))
    first = first or (opening.day if opening else None) or min(booked_on, default=None)
    last = last or (closing.day if closing else None) or max(booked_on, default=None)
    if first is not None and last is not None:
        return min(first, last), max(first, last)
    return first or last, last or first


def _sequence(element: _Element) -> int | None:
    written = strict.text(element, "ElctrncSeqNb")
    if not written:
        return None
    if not re.fullmatch(r"[0-9]{1,18}(\.0*)?", written):
        raise refuse_statement("STMT-25", _("“%(number)s” is not a statement number.") % {"number": written[:30]})
    return int(written.partition(".")[0])


def _check_file(statements: list[StatementRead], kind: str) -> None:
    if not kind:
        raise _not_camt()
    if not statements:
        raise refuse_statement("STMT-08", _("The file holds no statement."))
    for place, one in enumerate(statements):
        if kind == "camt.053" and one in statements[:place]:
            raise refuse_statement(
                "STMT-09", _("Statement %(statement)s is in the file twice.") % {"statement": one.statement_id}
            )
