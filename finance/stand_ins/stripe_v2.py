"""The part of Stripe's second interface that Global Payouts needs: payout intents, and the account they draw on.

JSON in and out. Every request is held to the types Stripe's library ships before anything is done.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from finance.stand_ins.stripe_book import Book
from finance.stand_ins.stripe_entries import ENTRIES, page_of_entries
from finance.stand_ins.stripe_errors import StripeSaysNo, no_such
from finance.stand_ins.stripe_ledger import BALANCE, BANK
from finance.stand_ins.stripe_shapes import Values
from finance.stand_ins.stripe_types import misfits

INTENTS = "/v2/money_management/payout_intents"
_INTENT = re.compile(rf"^{INTENTS}/([A-Za-z0-9_]+)(?:/(cancel|confirm))?$")
_ACCOUNT = re.compile(r"^/v2/money_management/financial_accounts/([A-Za-z0-9_]+)$")
PAGE = 10
FINANCIAL_ACCOUNT = "fa_1"  # the stand-in has one
_PARAMS = "stripe.params.v2.money_management"


def carry_out_v2(book: Book, method: str, path: str, body: str) -> Values:
    """Check a request against its type and do it."""
    if path == INTENTS and method == "POST":
        return _create(book, _read(body, "_payout_intent_create_params", "PayoutIntentCreateParams"))
    if path == INTENTS:
        return _page(book, body)
    if path == ENTRIES and method == "GET":
        return page_of_entries(book, FINANCIAL_ACCOUNT, body)
    account = _ACCOUNT.match(path)
    if account and method == "GET":
        return _financial_account(book, account.group(1))
    intent = _INTENT.match(path)
    if intent is None:
        raise StripeSaysNo(404, f"Unrecognized request URL ({method}: {path}).", code="not_found")
    row = _get(book, intent.group(1))
    acts: dict[tuple[str, str | None], Callable[[Book, Values], Values]] = {
        ("GET", None): lambda _book, one: one,
        ("POST", "cancel"): _cancel,
        ("POST", "confirm"): _confirm,
    }
    return acts[method, intent.group(2)](book, row)


def _read(body: str, module: str, name: str) -> Values:
    """The JSON of a request, if it fits the library's type."""
    try:
        values = json.loads(body)
    except ValueError as fault:
        raise StripeSaysNo(400, "The request could not be read as JSON.", code="invalid_json") from fault
    faults = misfits(values, getattr(importlib.import_module(f"{_PARAMS}.{module}"), name))
    if faults:
        raise StripeSaysNo(400, faults[0], code="invalid_fields")
    return dict(values)


def _create(book: Book, asked: Values) -> Values:
    amount = asked["amount"]
    if book.ledger.total(BALANCE, amount["currency"]) < amount["value"]:
        raise StripeSaysNo(
            400, "Not enough on the financial account.", code="insufficient_funds", kind="insufficient_funds"
        )
    ref = book.new_ref("poi")
    row: Values = {
        "id": ref,
        "object": "v2.money_management.payout_intent",
        "amount": amount,
        "confirmation_method": asked.get("confirmation_method", "automatic"),
        "created": _told(book.now()),
        "description": asked.get("description"),
        "estimated_fees": None,
        "from": {**asked["from"], "debited": amount},
        "fx_quote": None,
        "latest_payout": None,
        "livemode": False,
        "metadata": asked.get("metadata") or {},
        "next_action": None,
        "recipient_notification": asked.get("recipient_notification"),
        "statement_descriptor": asked.get("statement_descriptor"),
        "status": "pending",
        "to": asked["to"],
    }
    book.things["intent"][ref] = row
    book.owners[ref] = ""
    if asked["to"].get("recipient", "").endswith("Confirm"):
        row |= {"status": "requires_action", "next_action": _to_confirm()}
    else:
        _send(book, row)
    return row


def _told(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _to_confirm() -> Values:
    return {"type": "confirm", "confirm": {"reason": "automatically_required", "fields_to_review": ["estimated_fees"]}}


def _send(book: Book, row: Values) -> None:
    amount = row["amount"]
    book.ledger.move(
        row["id"],
        amount=amount["value"],
        currency=amount["currency"],
        out_of=BALANCE,
        into=BANK + row["to"]["recipient"],
    )
    row |= {"status": "processing", "next_action": None}
    payment = book.new_ref("obp")
    row["latest_payout"] = {"type": "outbound_payment", "outbound_payment": payment}
    book.movement("", "outbound_payment", -amount["value"], amount["currency"], payment)


def _confirm(book: Book, row: Values) -> Values:
    if row["status"] == "requires_action":
        _send(book, row)
    return row


def _cancel(book: Book, row: Values) -> Values:
    if row["status"] not in ("pending", "requires_action"):
        raise StripeSaysNo(400, "It cannot be cancelled any more.", code="not_cancelable", kind="not_cancelable")
    return _set(row, {"status": "canceled", "next_action": None})


def _set(row: Values, changes: Values) -> Values:
    row |= changes
    return row


def move_on(book: Book, ref: str, status: str, reason: str = "") -> None:
    """Let an intent be posted, fail or come back; what does not stay at the recipient's bank is the fund's again."""
    row = _get(book, ref)
    if status == "posted":
        row["status"] = "posted"
        return
    amount = row["amount"]
    back = BANK + row["to"]["recipient"]
    book.ledger.move(ref, amount=amount["value"], currency=amount["currency"], out_of=back, into=BALANCE)
    payment = row["latest_payout"]["outbound_payment"]
    book.movement("", "outbound_payment_reversal", amount["value"], amount["currency"], payment)
    failure = {"type": "handle_failure", "handle_failure": {"failure_reason": reason}}
    row |= {"status": "requires_action", "next_action": failure}


def _get(book: Book, ref: str) -> Values:
    row = book.things["intent"].get(ref)
    if row is None:
        raise no_such("payout intent", ref)
    return row


def _page(book: Book, query: str) -> Values:
    rows = list(reversed(book.things["intent"].values()))
    found = re.search(r"page=(\d+)", query)
    start = int(found.group(1)) if found else 0
    more = start + PAGE < len(rows)
    return {
        "data": rows[start : start + PAGE],
        "next_page_url": f"{INTENTS}?page={start + PAGE}" if more else None,
        "previous_page_url": None,
    }


def _financial_account(book: Book, ref: str) -> Values:
    held: dict[str, Any] = {
        code: {"value": amount, "currency": code} for code, amount in book.ledger.by_currency(BALANCE).items()
    }
    return {
        "id": ref,
        "object": "v2.money_management.financial_account",
        "balance": {"available": held, "inbound_pending": {}, "outbound_pending": {}},
        "country": "US",
        "created": _told(book.now()),
        "livemode": False,
        "status": "open",
        "type": "storage",
    }
