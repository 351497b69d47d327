"""Reads one entry of a camt.053 statement: what moved, for which order, and why it came back if it did."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file import strict_values as strict
from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.bank_file.statements import BOOKED, DetailRead, EntryRead
from gaf.money import Money, total

_STATUSES: Final = {BOOKED, "PDNG", "INFO", "FUTR"}
_RETURN_SUBFAMILY: Final = "RRTN"
_YES_AND_NO: Final = {"true": True, "1": True, "false": False, "0": False, "": False}
_NOT_GIVEN: Final = "NOTPROVIDED"


def read_entry(element: _Element, *, day_if_none: date | None) -> EntryRead:
    """The entry in plain values. `day_if_none` is the statement's closing day, for banks that date no entries.

    Raises StatementRefused with the first thing that is wrong.
    """
    amount, direction = _required_money(element), _required_sign(element)
    booked_on = strict.day_choice(element, "BookgDt") or strict.day_choice(element, "ValDt") or day_if_none
    if booked_on is None:
        raise refuse_statement("STMT-10", _("An entry has no booking date."))
    transactions = [one for group in strict.children(element, "NtryDtls") for one in strict.children(group, "TxDtls")]
    only = transactions[0] if len(transactions) == 1 else None
    facts = _facts(only, entry=element, credit=direction > 0)
    money = amount if direction > 0 else -amount
    details = _details(transactions, entry=element, money=money) if len(transactions) > 1 else ()
    return EntryRead(
        money=money,
        booking_date=booked_on,
        value_date=strict.day_choice(element, "ValDt") or booked_on,
        is_reversal=_is_reversal(element),
        status=_status(element),
        entry_reference=strict.text(element, "NtryRef"),
        details=details,
        **{**facts, "bank_reference": strict.text(element, "AcctSvcrRef") or facts["bank_reference"]},
    )


def _required_money(element: _Element) -> Money:
    amount = strict.money(element, "Amt")
    if amount is None:
        raise refuse_statement("STMT-10", _("An entry has no amount."))
    return amount


def _required_sign(element: _Element) -> int:
    direction = strict.sign(element)
    if direction is None:
        raise refuse_statement("STMT-10", _("An entry does not say whether it is a credit or a debit."))
    return direction


def _is_reversal(element: _Element) -> bool:
    written = strict.text(element, "RvslInd")
    if written not in _YES_AND_NO:
        raise refuse_statement("STMT-19", _("“%(word)s” is neither true nor false.") % {"word": written[:30]})
    return _YES_AND_NO[written]


def _status(element: _Element) -> str:
    """BOOK, PDNG, INFO or FUTR. Banks that give no status list booked entries only; the balance proves it."""
    given = strict.child(element, "Sts")
    if given is None:
        return BOOKED
    written = strict.text(given, "Cd") if len(given) else strict.text(element, "Sts")
    if written not in _STATUSES:
        raise refuse_statement("STMT-19", _("The entry status “%(status)s” is not known.") % {"status": written[:30]})
    return written


def _details(transactions: list[_Element], *, entry: _Element, money: Money) -> tuple[DetailRead, ...]:
    """The transactions of a batch. Raises StatementRefused STMT-20 where their amounts do not add up to the entry's."""
    credit = money.minor > 0
    details = tuple(
        DetailRead(money=_detail_money(one, money), **_facts(one, entry=entry, credit=credit)) for one in transactions
    )
    amounts = [detail.money for detail in details if detail.money is not None]
    if len(amounts) < len(details):
        return details
    as_signed = total(amounts, money.currency)
    as_entry = total([abs(amount) for amount in amounts], money.currency)
    if as_signed != money and as_entry != abs(money):
        raise refuse_statement(
            "STMT-20",
            _("The transactions inside an entry add up to %(sum)s, the entry says %(entry)s.")
            % {"sum": as_signed, "entry": money},
        )
    return details


def _detail_money(transaction: _Element, entry_money: Money) -> Money | None:
    amount = strict.money(transaction, "Amt")
    if amount is None:
        amount = strict.money(transaction, "AmtDtls", "TxAmt", "Amt")
    if amount is None or amount.currency != entry_money.currency:
        return None
    direction = strict.sign(transaction) or (1 if entry_money.minor > 0 else -1)
    return amount if direction > 0 else -amount


def _facts(transaction: _Element | None, *, entry: _Element, credit: bool) -> dict[str, Any]:
    """What is told of a transaction, or of the entry itself where the bank gives no transaction."""
    references = strict.child(transaction, "Refs")
    returned = strict.child(transaction, "RtrInf")
    code = _domain_code(strict.child(transaction, "BkTxCd")) or _domain_code(strict.child(entry, "BkTxCd"))
    is_return = returned is not None or code.endswith("/" + _RETURN_SUBFAMILY)
    name, account = _counterparty(strict.child(transaction, "RltdPties"), payer=credit is not is_return)
    reason = strict.child(returned, "Rsn")
    return {
        "end_to_end": _given(strict.text(references, "EndToEndId")),
        "instruction_id": _given(strict.text(references, "InstrId")),
        "msg_id": _given(strict.text(references, "MsgId")) or _batch_message(entry),
        "bank_reference": strict.text(references, "AcctSvcrRef"),
        "return_reason": strict.text(reason, "Cd") or strict.text(reason, "Prtry"),
        "is_return": is_return,
        "original_money": _first_amount(transaction, entry),
        "exchange_rate": _first_rate(transaction, entry),
        "charges": _charges(entry if transaction is None or not strict.children(transaction, "Chrgs") else transaction),
        "counterparty_name": name,
        "counterparty_account": account,
        "remittance": _remittance(transaction, entry),
        "domain_code": code,
    }


def _given(reference: str) -> str:
    return "" if reference == _NOT_GIVEN else reference


def _batch_message(entry: _Element) -> str:
    for group in strict.children(entry, "NtryDtls"):
        found = strict.text(group, "Btch", "MsgId")
        if found:
            return _given(found)
    return ""


def _domain_code(code: _Element | None) -> str:
    domain = strict.child(code, "Domn")
    if domain is None:
        return strict.text(code, "Prtry", "Cd")
    family = strict.child(domain, "Fmly")
    parts = (strict.text(domain, "Cd"), strict.text(family, "Cd"), strict.text(family, "SubFmlyCd"))
    return "/".join(part for part in parts if part)


def _counterparty(parties: _Element | None, *, payer: bool) -> tuple[str, str]:
    """Name and account of the other side. `payer`: the other side paid this; of a return, it was to be paid."""
    role = "Dbtr" if payer else "Cdtr"
    party, account = (strict.child(parties, role), strict.child(parties, role + "Acct", "Id"))
    name = strict.text(party, "Pty", "Nm", longest=strict.LONGEST_NAME) or strict.text(
        party, "Nm", longest=strict.LONGEST_NAME
    )
    return name, strict.text(account, "IBAN") or strict.text(account, "Othr", "Id")


def _first_amount(transaction: _Element | None, entry: _Element) -> Money | None:
    """What was instructed, perhaps in another currency than the account's."""
    for place in (transaction, entry):
        instructed = strict.child(place, "AmtDtls", "InstdAmt")
        amount = strict.money(instructed, "Amt") if instructed is not None else None
        if amount is not None:
            return amount
    return None


def _first_rate(transaction: _Element | None, entry: _Element) -> Decimal | None:
    for place in (transaction, entry):
        for amount in ("InstdAmt", "TxAmt", "CntrValAmt"):
            found = strict.rate(place, "AmtDtls", amount, "CcyXchg", "XchgRate")
            if found is not None:
                return found
    return None


def _charges(place: _Element) -> Money | None:
    """All charges told in one place, where they are in one currency; None otherwise (they are for information)."""
    amounts: list[Money] = []
    for charges in strict.children(place, "Chrgs"):
        whole = strict.money(charges, "TtlChrgsAndTaxAmt")
        records = strict.children(charges, "Rcrd") or [charges]
        parts = [strict.money(record, "Amt") for record in records]
        amounts += [whole] if whole is not None else [part for part in parts if part is not None]
    if not amounts or len({amount.currency for amount in amounts}) > 1:
        return None
    return total(amounts, amounts[0].currency)


def _remittance(transaction: _Element | None, entry: _Element) -> str:
    """What the payer wrote, with structured references; else what the bank says about the transaction or the entry."""
    information = strict.child(transaction, "RmtInf")
    references = [
        reference
        for structured in strict.children(information, "Strd")
        if (reference := strict.child(structured, "CdtrRefInf", "Ref")) is not None
    ]
    written = strict.joined_text(strict.children(information, "Ustrd") + references, "RmtInf")
    return (
        written
        or strict.text(transaction, "AddtlTxInf", longest=strict.LONGEST_REMITTANCE)
        or strict.text(entry, "AddtlNtryInf", longest=strict.LONGEST_REMITTANCE)
    )
