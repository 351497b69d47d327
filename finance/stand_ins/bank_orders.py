"""How the stand-in bank reads a payment file. Written from the standard, so that it can disagree with us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree
from lxml.etree import _Element

from gaf.money import Money, WrongAmount


class FileRejected(Exception):
    """The bank cannot take the file. `reason` is an ISO 20022 status reason: FF01, AM10, AM12, AM18, RC01..."""

    def __init__(self, reason: str, note: str) -> None:
        self.reason, self.note = reason, note
        super().__init__(f"{reason}: {note}")


@dataclass(frozen=True, slots=True)
class Party:
    """A name and an account, as written in the file."""

    name: str
    number: str
    is_iban: bool


@dataclass(frozen=True, slots=True)
class Order:
    """One credit transfer as the bank understood it."""

    debtor: Party
    creditor: Party
    instructed: Money
    execute_on: date
    instruction: str
    end_to_end: str
    uetr: str
    remittance: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A payment file as the bank understood it."""

    message: str
    orders: tuple[Order, ...]


def read_order_file(content: bytes) -> OrderFile:
    """The orders of a pain.001 file, its control totals recomputed. Raises FileRejected."""
    root = _root(content)
    initiation = _one(root, "CstmrCdtTrfInitn")
    header = _one(initiation, "GrpHdr")
    message = _text(header, "MsgId")
    if not message:
        raise FileRejected("FF01", "no MsgId")
    orders: list[Order] = []
    for block in _all(initiation, "PmtInf"):
        in_block = _orders(block)
        _check_totals(block, in_block)
        orders += in_block
    _check_totals(header, orders)
    return OrderFile(message=message, orders=tuple(orders))


def _root(content: bytes) -> _Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise FileRejected("FF01", "document type not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise FileRejected("FF01", "not XML") from error
    if not re.fullmatch(r"\{urn:iso:std:iso:20022:tech:xsd:pain\.001\.001\.\d\d\}Document", str(root.tag)):
        raise FileRejected("FF01", "not a credit transfer file")
    return root


def _all(parent: _Element, name: str) -> list[_Element]:
    return [one for one in parent if isinstance(one.tag, str) and etree.QName(one).localname == name]


def _one(parent: _Element, *names: str) -> _Element:
    for name in names:
        found = _all(parent, name)
        if len(found) != 1:
            raise FileRejected("FF01", f"one {name} expected, {len(found)} found")
        parent = found[0]
    return parent


def _text(parent: _Element, *names: str) -> str:
    for name in names:
        found = _all(parent, name)
        if not found:
            return ""
        parent = found[0]
    return (parent.text or "").strip()


def _orders(block: _Element) -> list[Order]:
    debtor = _party(block, "Dbtr")
    try:
        execute_on = date.fromisoformat(_text(block, "ReqdExctnDt", "Dt"))
    except ValueError as error:
        raise FileRejected("DT01", "no execution date") from error
    return [_order(one, debtor, execute_on) for one in _all(block, "CdtTrfTxInf")]


def _order(transaction: _Element, debtor: Party, execute_on: date) -> Order:
    amount = _one(transaction, "Amt", "InstdAmt")
    try:
        instructed = Money.of((amount.text or "").strip(), amount.get("Ccy", ""))
    except WrongAmount as error:
        raise FileRejected("AM12", "amount not readable") from error
    if instructed.minor <= 0:
        raise FileRejected("AM01", "amount not above zero")
    return Order(
        debtor=debtor,
        creditor=_party(transaction, "Cdtr"),
        instructed=instructed,
        execute_on=execute_on,
        instruction=_text(transaction, "PmtId", "InstrId"),
        end_to_end=_text(transaction, "PmtId", "EndToEndId"),
        uetr=_text(transaction, "PmtId", "UETR"),
        remittance=_text(transaction, "RmtInf", "Ustrd"),
    )


def _party(parent: _Element, role: str) -> Party:
    account = _one(parent, f"{role}Acct", "Id")
    iban = _text(account, "IBAN")
    return Party(name=_text(parent, role, "Nm"), number=iban or _text(account, "Othr", "Id"), is_iban=bool(iban))


def _check_totals(place: _Element, orders: list[Order]) -> None:
    if _text(place, "NbOfTxs") != str(len(orders)):
        raise FileRejected("AM18", "number of transactions")
    try:
        control = Decimal(_text(place, "CtrlSum"))
    except InvalidOperation as error:
        raise FileRejected("AM10", "control sum") from error
    if control != sum((order.instructed.decimal for order in orders), Decimal(0)):
        raise FileRejected("AM10", "control sum")
