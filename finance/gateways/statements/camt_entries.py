"""Reads one entry of a camt statement, report or advice: what moved, for which order, why it came back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements import xml_values as strict
from finance.gateways.statements.reading import BOOKED, DETAILS_DIFFER, Amount, DetailRead, EntryRead

_STATUSES: Final = {BOOKED, "PDNG", "INFO", "FUTR"}
_RETURN_SUBFAMILY: Final = "RRTN"
_YES_AND_NO: Final = {"true": True, "1": True, "false": False, "0": False, "": False}
_NOT_GIVEN: Final = "NOTPROVIDED"


def read_entry(element: _Element) -> EntryRead:
    """The entry in plain values. Raises StatementRefused with the first thing that is wrong."""
    given, direction = _required_amount(element), _required_sign(element)
    valued_on = strict.day_choice(element, "ValDt")
    transactions = [one for group in _groups(element) for one in strict.children(group, "TxDtls")]
    only = transactions[0] if len(transactions) == 1 else None
    facts = _facts(only, entry=element, credit=direction > 0)
    amount = Amount(given.value * direction, given.currency)
    details = _details(transactions, entry=element, amount=amount) if len(transactions) > 1 else ()
    return EntryRead(
        amount=amount,
        booking_date=strict.day_choice(element, "BookgDt") or valued_on,
        value_date=valued_on,
        is_reversal=_is_reversal(element),
        status=_status(element),
        entry_reference=strict.text(element, "NtryRef"),
        transactions=len(transactions),
        details=details,
        notes=() if _add_up(details, amount) else (DETAILS_DIFFER,),
        **{**facts, "bank_reference": strict.text(element, "AcctSvcrRef") or facts["bank_reference"]},
    )


def _groups(entry: _Element) -> list[_Element]:
    """Where an entry's transactions stand; in the first version of the format they stand in the entry itself."""
    return strict.children(entry, "NtryDtls") or [entry]


def _required_amount(element: _Element) -> Amount:
    given = strict.amount(element, "Amt")
    if given is None:
        raise refuse_statement("STMT-10", _("Line %(line)s: an entry has no amount.") % {"line": element.sourceline})
    return given


def _required_sign(element: _Element) -> int:
    direction = strict.sign(element)
    if direction is None:
        raise refuse_statement(
            "STMT-10",
            _("Line %(line)s: an entry does not say whether it is a credit or a debit.") % {"line": element.sourceline},
        )
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


def _details(transactions: list[_Element], *, entry: _Element, amount: Amount) -> tuple[DetailRead, ...]:
    """The transactions of a batch; the entry's own direction rules where one contradicts it."""
    credit = amount.value > 0
    return tuple(
        DetailRead(amount=_detail_amount(one, amount), **_facts(one, entry=entry, credit=credit))
        for one in transactions
    )


def _add_up(details: tuple[DetailRead, ...], amount: Amount) -> bool:
    """Whether the transactions make the entry, as far as the bank gives their amounts in its currency."""
    given = [one.amount.value for one in details if one.amount is not None]
    if len(given) < len(details) or not given:
        return True
    return sum(given) == amount.value or sum(map(abs, given)) == abs(amount.value)


def _detail_amount(transaction: _Element, of_entry: Amount) -> Amount | None:
    given = strict.amount(transaction, "Amt")
    if given is None:
        given = strict.amount(transaction, "AmtDtls", "TxAmt", "Amt")
    if given is None or given.currency != of_entry.currency:
        return None
    direction = strict.sign(transaction) or (1 if of_entry.value > 0 else -1)
    return Amount(given.value * direction, given.currency)


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
        "msg_id": _given(strict.text(references, "MsgId")) or _in_batch(entry, "MsgId"),
        "batch_key": _given(strict.text(references, "PmtInfId")) or _in_batch(entry, "PmtInfId"),
        "bank_reference": strict.text(references, "AcctSvcrRef"),
        "return_reason": strict.text(reason, "Cd") or strict.text(reason, "Prtry"),
        "is_return": is_return,
        "original": _first_amount(transaction, entry),
        "exchange_rate": _first_rate(transaction, entry),
        "charges": _charges(entry if transaction is None or not strict.children(transaction, "Chrgs") else transaction),
        "counterparty_name": name,
        "counterparty_account": account,
        "remittance": _remittance(transaction, entry),
        "domain_code": code,
    }


def _given(reference: str) -> str:
    return "" if reference == _NOT_GIVEN else reference


def _in_batch(entry: _Element, name: str) -> str:
    for group in _groups(entry):
        found = strict.text(group, "Btch", name)
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


def _first_amount(transaction: _Element | None, entry: _Element) -> Amount | None:
    """What was instructed, perhaps in another currency than the account's."""
    for place in (transaction, entry):
        instructed = strict.child(place, "AmtDtls", "InstdAmt")
        given = strict.amount(instructed, "Amt") if instructed is not None else None
        if given is not None:
            return given
    return None


def _first_rate(transaction: _Element | None, entry: _Element) -> Decimal | None:
    for place in (transaction, entry):
        for amount in ("InstdAmt", "TxAmt", "CntrValAmt"):
            found = strict.rate(place, "AmtDtls", amount, "CcyXchg", "XchgRate")
            if found is not None:
                return found
    return None


def _charges(place: _Element) -> Amount | None:
    """All charges told in one place, where they are in one currency; None otherwise (they are for information)."""
    amounts: list[Amount] = []
    for charges in strict.children(place, "Chrgs"):
        whole = strict.amount(charges, "TtlChrgsAndTaxAmt")
        records = strict.children(charges, "Rcrd") or [charges]
        parts = [strict.amount(record, "Amt") for record in records]
        amounts += [whole] if whole is not None else [part for part in parts if part is not None]
    if not amounts or len({amount.currency for amount in amounts}) > 1:
        return None
    return Amount(sum((one.value for one in amounts), Decimal(0)), amounts[0].currency)


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
