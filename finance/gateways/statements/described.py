"""A file in plain values, as `read_statement --json` prints it: amounts as decimal strings, exactly as they add up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from finance.gateways.statements.pain002 import StatusReportRead
from finance.gateways.statements.reading import (
    CLOSING_CODES,
    OPENING_CODES,
    BalanceRead,
    EntryRead,
    FileRead,
    StatementRead,
)


def described(read: FileRead | StatusReportRead) -> dict[str, Any]:
    """What was accepted, in plain values."""
    if isinstance(read, StatusReportRead):
        return _of_report(read)
    entries = read.entries
    told = {
        "format": read.format,
        "outcome": "accept",
        "entries": len(entries),
        "entries_booked": sum(entry.is_booked for entry in entries),
        "reversals": sum(entry.is_reversal for entry in entries),
        "sums": _sums(entries),
        "statements": [_of_statement(statement) for statement in read.statements],
    }
    if read.format.startswith("camt"):
        told["tx_details"] = sum(entry.transactions for entry in entries)
    return told


def _sums(entries: tuple[EntryRead, ...]) -> dict[str, dict[str, str]]:
    """Every entry, whether booked or not, for each currency."""
    currencies = sorted({entry.amount.currency for entry in entries})
    sums = {}
    for currency in currencies:
        values = [entry.amount.value for entry in entries if entry.amount.currency == currency]
        credit = sum((value for value in values if value > 0), Decimal(0))
        debit = sum((-value for value in values if value < 0), Decimal(0))
        sums[currency] = {"credit": _text(credit), "debit": _text(debit), "net": _text(credit - debit)}
    return sums


def _text(value: Decimal) -> str:
    return format(value, "f")


def _of_statement(statement: StatementRead) -> dict[str, Any]:
    opening = _of_balance(statement.opening, OPENING_CODES)
    closing = _of_balance(statement.closing, CLOSING_CODES)
    told = {
        "account": statement.account,
        "currency": statement.currency,
        "opening": opening,
        "closing": closing,
        "entries": len(statement.entries),
        "booked": len(statement.booked),
        "net_booked": _text(statement.net_booked),
        "balanced": statement.balanced if opening and closing else None,
    }
    return {**told, "mixed_currency": True} if statement.is_mixed else told


def _of_balance(balance: BalanceRead | None, codes: tuple[str, ...]) -> dict[str, Any] | None:
    if balance is None or balance.code not in (*codes, "RUNNING"):
        return None
    return {
        "amount": _text(balance.amount.value),
        "currency": balance.amount.currency,
        "date": balance.day.isoformat() if balance.day else None,
        "code": balance.code,
    }


def _of_report(read: StatusReportRead) -> dict[str, Any]:
    return {
        "format": read.format,
        "namespace": read.namespace,
        "outcome": "accept",
        "original_message_id": read.original_message_id or None,
        "group_status": read.group_status or None,
        "group_reasons": list(read.group_reasons),
        "payment_infos": [
            {"id": one.id, "status": one.status or None, "reasons": list(one.reasons)}
            for one in read.payments
            if one.id or one.status
        ],
        "transactions": [
            {
                "end_to_end_id": one.end_to_end or None,
                "instruction_id": one.instruction_id or None,
                "status": one.status or None,
                "reasons": list(one.reasons),
            }
            for one in read.transactions
        ],
    }
