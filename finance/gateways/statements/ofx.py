"""Reads OFX, in its first form (SGML, most tags never closed) and its second (XML). One closing balance, no opening."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements.plain_text import day_of, signed
from finance.gateways.statements.reading import Amount, BalanceRead, EntryRead, FileRead, StatementRead

_TOKEN = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z0-9._]{1,40})\s*>(?P<text>[^<]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_FORBIDDEN = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_STATEMENTS: Final = {"STMTRS", "CCSTMTRS"}
_GROUPS: Final = {
    *_STATEMENTS, "BANKACCTFROM", "CCACCTFROM", "BANKTRANLIST", "STMTTRN", "LEDGERBAL", "AVAILBAL", "BANKACCTTO",
    "CCACCTTO", "PAYEE", "CURRENCY", "ORIGCURRENCY", "BALLIST", "BAL", "BANKTRANLISTP", "STMTTRNP",
}  # fmt: skip
_LONGEST_VALUE: Final = 2000
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


@dataclass(slots=True)
class _Group:
    """An aggregate of OFX: its values and the groups inside it."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    inside: list[_Group] = field(default_factory=list)

    def one(self, *names: str) -> _Group:
        return next((group for group in self.inside if group.name in names), _Group(""))

    def all(self, name: str) -> list[_Group]:
        return [group for group in self.inside if group.name == name]


def read_ofx(text: str) -> FileRead:
    """Every statement of the file. Raises StatementRefused (STMT-03, STMT-05, STMT-08 to STMT-22)."""
    if _FORBIDDEN.search(text):
        raise refuse_statement(
            "STMT-03", _("The file declares a document type or an entity; no bank statement needs one.")
        )
    start = text.upper().find("<OFX>")
    if start < 0:
        raise refuse_statement("STMT-05", _("The file says it is OFX and has no <OFX>."))
    if "</OFX>" not in text.upper()[start:]:
        raise refuse_statement("STMT-05", _("The file breaks off: its end (</OFX>) is missing."))
    statements = tuple(_statement(group) for group in _statements(text[start:]))
    if not statements:
        raise refuse_statement("STMT-08", _("The file holds no statement."))
    return FileRead("OFX", statements)


def _statements(text: str) -> list[_Group]:
    root = _Group("OFX")
    path = [root]
    for closes, name, value in _tokens(text):
        if closes:
            if name in _GROUPS and any(group.name == name for group in path):
                while path.pop().name != name:
                    continue
        elif name in _GROUPS:
            group = _Group(name)
            path[-1].inside.append(group)
            path.append(group)
        elif value and len(path) > 1:
            path[-1].values.setdefault(name, value)
        elif not value and len(path) > 1:
            path[-1].values.setdefault(name, "")
    return [group for group in root.inside if group.name in _STATEMENTS]


def _tokens(text: str) -> Iterator[tuple[bool, str, str]]:
    plain = _CDATA.sub(lambda found: found[1].replace("&", "&amp;").replace("<", "&lt;"), text)
    for found in _TOKEN.finditer(plain):
        value = " ".join(found["text"].split())
        if len(value) > _LONGEST_VALUE:
            raise refuse_statement(
                "STMT-22",
                _("“%(name)s” has more than %(longest)s characters.")
                % {"name": found["name"], "longest": _LONGEST_VALUE},
            )
        for written, meant in _ENTITIES:
            value = value.replace(written, meant)
        yield bool(found["close"]), found["name"].upper(), value


def _statement(group: _Group) -> StatementRead:
    origin = group.one("BANKACCTFROM", "CCACCTFROM")
    account, currency = origin.values.get("ACCTID", ""), group.values.get("CURDEF", "").upper()
    if not account:
        raise refuse_statement("STMT-10", _("A statement does not name its account."))
    if not re.fullmatch("[A-Z]{3}", currency):
        raise refuse_statement("STMT-13", _("A statement does not say in which currency it is."))
    listed = group.one("BANKTRANLIST")
    entries = tuple(_entry(one, currency) for one in listed.all("STMTTRN"))
    closing = _closing(group, currency)
    start, end = listed.values.get("DTSTART", ""), listed.values.get("DTEND", "")
    days = [entry.booking_date for entry in entries if entry.booking_date]
    last = _day(end, _("The end of the list")) if end else max(days, default=closing.day if closing else None)
    first = _day(start, _("The start of the list")) if start else min(days, default=last)
    return StatementRead(
        statement_id=f"OFX {account[-12:]} {first or ''}-{last or ''}"[:40],
        account=account,
        currency=currency,
        opening=None,
        closing=closing,
        entries=entries,
        from_date=first,
        to_date=last,
    )


def _closing(group: _Group, currency: str) -> BalanceRead | None:
    ledger = group.one("LEDGERBAL")
    if not ledger.name:
        return None
    where = _("The closing balance")
    written = ledger.values.get("BALAMT", "")
    day = ledger.values.get("DTASOF", "")
    return BalanceRead("LEDGERBAL", Amount(signed(written, where), currency), _day(day, where) if day else None)


def _entry(group: _Group, currency: str) -> EntryRead:
    values = group.values
    where = _("Entry %(id)s") % {"id": values.get("FITID", "?")[:40]}
    posted = _day(values.get("DTPOSTED", ""), where)
    available = values.get("DTAVAIL", "")
    other = group.one("BANKACCTTO", "CCACCTTO").values.get("ACCTID", "")
    name = values.get("NAME", "") or group.one("PAYEE").values.get("NAME", "")
    return EntryRead(
        amount=Amount(signed(values.get("TRNAMT", ""), where), currency),
        booking_date=posted,
        value_date=_day(available, where) if available else posted,
        bank_reference=values.get("FITID", "")[:80],
        end_to_end=values.get("REFNUM", "")[:40],
        counterparty_name=name,
        counterparty_account=other,
        remittance=values.get("MEMO", ""),
        domain_code=values.get("TRNTYPE", ""),
    )


def _day(written: str, where: str) -> date:
    if len(written) < 8:
        raise refuse_statement(
            "STMT-18", _("%(where)s: “%(day)s” is no day of the calendar.") % {"where": where, "day": written[:20]}
        )
    return day_of(written[:4], written[4:6], written[6:8], where)
