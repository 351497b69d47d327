"""Writes the file that asks the bank to pay: ISO 20022 pain.001.001.09, the same bytes for the same orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from lxml import etree
from lxml.etree import _Element

from finance.gateways.bank_file.order_rules import LONGEST_ID, check_id, clean_debtor, clean_orders
from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from finance.gateways.bank_file.refusals import PaymentFileRefused

__all__ = ["NAMESPACE", "PaymentFileRefused", "build_credit_transfer"]

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

# The fund bears every charge, so that the payee receives the whole amount.
_CHARGE_BEARER: Final = "DEBT"
_ROOM_FOR_CURRENCY: Final = len("-XOF")


def build_credit_transfer(
    *, msg_id: str, created_at: datetime, execution_date: date, debtor: DebtorAccount, orders: Sequence[CreditOrder]
) -> bytes:
    """The payment file. One block for each currency asked for; the bank converts where the account has another.

    `msg_id` is unique for ever: a bank takes a second file with it for a duplicate. `created_at` needs a time zone.
    Raises PaymentFileRefused (BANK-01 to BANK-10), see `clean_orders`.
    """
    check_id(msg_id, _("The file's id"), LONGEST_ID - _ROOM_FOR_CURRENCY)
    if created_at.tzinfo is None:
        raise ValueError("created_at needs a time zone")
    account, cleaned = clean_debtor(debtor), clean_orders(orders)
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    initiation = _add(document, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", msg_id)
    _add(header, "CreDtTm", created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add_control_totals(header, cleaned)
    _add(_add(header, "InitgPty"), "Nm", account.name)
    for currency in sorted({order.money.currency for order in cleaned}):
        same = [order for order in cleaned if order.money.currency == currency]
        _add_block(initiation, f"{msg_id}-{currency}", execution_date, account, same)
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: _Element, name: str, text: str | None = None) -> _Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def _add_control_totals(parent: _Element, orders: Sequence[CreditOrder]) -> None:
    """Number of orders and the plain sum of their amounts, whatever their currency, as the standard has it."""
    _add(parent, "NbOfTxs", str(len(orders)))
    _add(parent, "CtrlSum", format(sum((order.money.decimal for order in orders), Decimal(0)), "f"))


def _add_block(
    initiation: _Element, block_id: str, execution_date: date, debtor: DebtorAccount, orders: Sequence[CreditOrder]
) -> None:
    block = _add(initiation, "PmtInf")
    _add(block, "PmtInfId", block_id)
    _add(block, "PmtMtd", "TRF")
    _add(block, "BtchBookg", "false")
    _add_control_totals(block, orders)
    _add(_add(block, "ReqdExctnDt"), "Dt", execution_date.isoformat())
    _add_party(block, "Dbtr", debtor.name, debtor.town, debtor.country)
    account = _add_account(block, "DbtrAcct", debtor.iban_or_number, debtor.is_iban)
    _add(account, "Ccy", debtor.currency)
    _add(_add(_add(block, "DbtrAgt"), "FinInstnId"), "BICFI", debtor.bic)
    _add(block, "ChrgBr", _CHARGE_BEARER)
    for order in orders:
        _add_order(block, order)


def _add_order(block: _Element, order: CreditOrder) -> None:
    transaction = _add(block, "CdtTrfTxInf")
    ids = _add(transaction, "PmtId")
    _add(ids, "InstrId", order.instruction_id)
    _add(ids, "EndToEndId", order.end_to_end)
    _add(ids, "UETR", order.uetr)
    amount = _add(_add(transaction, "Amt"), "InstdAmt", format(order.money.decimal, "f"))
    amount.set("Ccy", order.money.currency)
    if order.payee_bic or order.payee_bank_name:
        bank = _add(_add(transaction, "CdtrAgt"), "FinInstnId")
        if order.payee_bic:
            _add(bank, "BICFI", order.payee_bic)
        if order.payee_bank_name:
            _add(bank, "Nm", order.payee_bank_name)
    _add_party(transaction, "Cdtr", order.payee_name, order.payee_town, order.payee_country)
    _add_account(transaction, "CdtrAcct", order.payee_account, order.payee_account_is_iban)
    _add(_add(transaction, "RmtInf"), "Ustrd", order.remittance)


def _add_party(parent: _Element, role: str, name: str, town: str, country: str) -> None:
    party = _add(parent, role)
    _add(party, "Nm", name)
    address = _add(party, "PstlAdr")
    _add(address, "TwnNm", town)
    _add(address, "Ctry", country)


def _add_account(parent: _Element, role: str, number: str, is_iban: bool) -> _Element:
    account = _add(parent, role)
    identification = _add(account, "Id")
    if is_iban:
        _add(identification, "IBAN", number)
    else:
        other = _add(identification, "Othr")
        _add(other, "Id", number)
    return account
