"""How the stand-in bank writes a statement: ISO 20022 camt.053.001.08, valid against the published schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree
from lxml.etree import _Element

from finance.stand_ins.account_numbers import is_iban
from finance.stand_ins.bank_books import BankEntry, IssuedStatement
from gaf.money import Money

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def statement_file(*, account: str, currency: str, statement: IssuedStatement, entries: Sequence[BankEntry]) -> bytes:
    """The statement as bytes; the same statement gives the same bytes."""
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    root = _add(document, "BkToCstmrStmt")
    name, written_at = (f"{account[-20:]}-{statement.number:06d}", f"{statement.to_day}T23:59:59Z")
    header = _add(root, "GrpHdr")
    _add(header, "MsgId", f"M{name}")
    _add(header, "CreDtTm", written_at)
    body = _add(root, "Stmt")
    _add(body, "Id", name)
    _add(body, "ElctrncSeqNb", str(statement.number))
    _add(body, "CreDtTm", written_at)
    period = _add(body, "FrToDt")
    _add(period, "FrDtTm", f"{statement.from_day}T00:00:00Z")
    _add(period, "ToDtTm", written_at)
    holder = _account(body, "Acct", account, is_iban(account))
    _add(holder, "Ccy", currency)
    _balance(body, "OPBD", Money(statement.opening, currency), statement.from_day)
    _balance(body, "CLBD", Money(statement.closing, currency), statement.to_day)
    for place, entry in enumerate(entries, start=1):
        _entry(body, entry, place, currency)
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: _Element, name: str, text: str | None = None) -> _Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def _add_given(parent: _Element, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _amount(parent: _Element, money: Money) -> None:
    _add(parent, "Amt", format(abs(money).decimal, "f")).set("Ccy", money.currency)


def _direction(parent: _Element, minor: int) -> None:
    _add(parent, "CdtDbtInd", "DBIT" if minor < 0 else "CRDT")


def _account(parent: _Element, role: str, number: str, as_iban: bool) -> _Element:
    account = _add(parent, role)
    identification = _add(account, "Id")
    if as_iban:
        _add(identification, "IBAN", number)
    else:
        _add(_add(identification, "Othr"), "Id", number)
    return account


def _balance(body: _Element, code: str, money: Money, day: str) -> None:
    balance = _add(body, "Bal")
    _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", code)
    _amount(balance, money)
    _direction(balance, money.minor)
    _add(_add(balance, "Dt"), "Dt", day)


def _entry(body: _Element, entry: BankEntry, place: int, currency: str) -> None:
    element = _add(body, "Ntry")
    _add(element, "NtryRef", str(place))
    _amount(element, Money(entry.minor, currency))
    _direction(element, entry.minor)
    _add(_add(element, "Sts"), "Cd", "BOOK")
    _add(_add(element, "BookgDt"), "Dt", entry.booked_on)
    _add(_add(element, "ValDt"), "Dt", entry.value_on)
    _add(element, "AcctSvcrRef", entry.reference)
    _code(element, entry.code)
    _transaction(_add(_add(element, "NtryDtls"), "TxDtls"), entry, currency)


def _code(parent: _Element, code: str) -> None:
    domain_code, family_code, subfamily_code = code.split("/")
    domain = _add(_add(parent, "BkTxCd"), "Domn")
    _add(domain, "Cd", domain_code)
    family = _add(domain, "Fmly")
    _add(family, "Cd", family_code)
    _add(family, "SubFmlyCd", subfamily_code)


def _transaction(element: _Element, entry: BankEntry, currency: str) -> None:
    references = _add(element, "Refs")
    _add_given(references, "MsgId", entry.message)
    _add(references, "AcctSvcrRef", entry.reference)
    _add_given(references, "InstrId", entry.instruction)
    _add(references, "EndToEndId", entry.end_to_end or "NOTPROVIDED")
    _add_given(references, "UETR", entry.uetr)
    _amount(element, Money(entry.minor, currency))
    _direction(element, entry.minor)
    if entry.instructed_currency:
        _instructed(element, entry, currency)
    if entry.other_name:
        _parties(element, entry)
    if entry.remittance:
        _add(_add(element, "RmtInf"), "Ustrd", entry.remittance)
    if entry.reason:
        _add(_add(_add(element, "RtrInf"), "Rsn"), "Cd", entry.reason)
    _add_given(element, "AddtlTxInf", entry.note)


def _instructed(element: _Element, entry: BankEntry, currency: str) -> None:
    instructed = _add(_add(element, "AmtDtls"), "InstdAmt")
    _amount(instructed, Money(entry.instructed_minor, entry.instructed_currency))
    if entry.rate:
        source, target = currency, entry.instructed_currency
        if entry.minor > 0 and not entry.reason:
            source, target = target, source
        exchange = _add(instructed, "CcyXchg")
        _add(exchange, "SrcCcy", source)
        _add(exchange, "TrgtCcy", target)
        _add(exchange, "UnitCcy", currency)
        _add(exchange, "XchgRate", entry.rate)


def _parties(element: _Element, entry: BankEntry) -> None:
    """The other side: who was paid, or who paid. A return names again who was to be paid."""
    role = "Dbtr" if entry.minor > 0 and not entry.reason else "Cdtr"
    parties = _add(element, "RltdPties")
    _add(_add(_add(parties, role), "Pty"), "Nm", entry.other_name)
    if entry.other_number:
        _account(parties, f"{role}Acct", entry.other_number, entry.other_is_iban)
