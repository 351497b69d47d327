"""The financial account of Global Payouts, entry by entry, written from the stand-in's own book of movements."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from finance.stand_ins.stripe_book import Book
from finance.stand_ins.stripe_errors import StripeSaysNo
from finance.stand_ins.stripe_shapes import Values
from finance.stand_ins.stripe_types import misfits

ENTRIES = "/v2/money_management/transaction_entries"
_PAGE = 10
# A movement's kind, in the words of the second interface, and the flow it belongs to.
_CATEGORIES = {
    "topup": ("received_credit", "received_credit"),
    "topup_reversal": ("received_credit_reversal", "received_credit"),
    "outbound_payment": ("outbound_payment", "outbound_payment"),
    "outbound_payment_reversal": ("outbound_payment_reversal", "outbound_payment"),
    "stripe_fee": ("stripe_fee", "fee_batch"),
}
_OTHER = ("adjustment", "adjustment")
_FLOWS = (
    "adjustment",
    "currency_conversion",
    "fee_batch",
    "inbound_transfer",
    "outbound_payment",
    "outbound_transfer",
    "received_credit",
    "received_debit",
)


def page_of_entries(book: Book, account: str, query: str) -> Values:
    """One page of entries, newest first, that were made at or after the moment that is asked for."""
    from stripe.params.v2.money_management._transaction_entry_list_params import TransactionEntryListParams

    asked = _asked(query)
    faults = misfits(asked, TransactionEntryListParams)
    if faults:
        raise StripeSaysNo(400, faults[0], code="invalid_fields")
    since = datetime.fromisoformat(asked.get("created", {}).get("gte", "1970-01-01T00:00:00+00:00")).timestamp()
    own = [row for ref, row in book.things["movement"].items() if not book.owners[ref] and row["created"] >= since]
    found = re.search(r"page=(\d+)", query)
    start = int(found.group(1)) if found else 0
    rows = [_entry(row, account) for row in reversed(own)]
    more = start + _PAGE < len(rows)
    return {
        "data": rows[start : start + _PAGE],
        "next_page_url": f"{ENTRIES}?{_without_page(query)}&page={start + _PAGE}" if more else None,
        "previous_page_url": None,
    }


def _without_page(query: str) -> str:
    return re.sub(r"&?page=\d+", "", query)


def _asked(query: str) -> Values:
    """The parameters of a list: `created[gte]=…&limit=…`."""
    from urllib.parse import parse_qsl

    asked: Values = {}
    for name, value in parse_qsl(query):
        inner = re.fullmatch(r"created\[(\w+)\]", name)
        if inner:
            asked.setdefault("created", {})[inner.group(1)] = value
        elif name != "page":
            asked[name] = json.loads(value) if name == "limit" else value
    return asked


def _entry(row: Values, account: str) -> Values:
    category, flow = _CATEGORIES.get(row["type"], _OTHER)
    at = datetime.fromtimestamp(row["created"], UTC).isoformat()
    nothing = {"value": 0, "currency": row["currency"]}
    return {
        "id": row["id"].replace("txn_", "trxne_"),
        "object": "v2.money_management.transaction_entry",
        "balance_impact": {
            "available": {"value": row["net"], "currency": row["currency"]},
            "inbound_pending": nothing,
            "outbound_pending": nothing,
        },
        "created": at,
        "effective_at": at,
        "livemode": False,
        "transaction": row["id"].replace("txn_", "trxn_"),
        "transaction_details": {
            "category": category,
            "financial_account": account,
            "flow": {name: row["source"] if name == flow else None for name in _FLOWS} | {"type": flow},
        },
    }
