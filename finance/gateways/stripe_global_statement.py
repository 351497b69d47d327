"""What moved on a financial account, in the words in which Connect's balance is read: one import serves both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from finance.gateways.stripe_amounts import from_stripe
from finance.gateways.stripe_reading import BalanceTransaction

# Stripe's categories in the words of its first interface; others are kept as they are, and a person explains them.
_WORDS = {
    "outbound_payment": "transfer",
    "outbound_payment_reversal": "transfer_refund",
    "received_credit": "topup",
    "inbound_transfer": "topup",
    "received_credit_reversal": "topup_reversal",
    "inbound_transfer_reversal": "topup_reversal",
    "stripe_fee_tax": "stripe_fee",
}


def intents_by_payment(intents: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Which intent each outbound payment was made for: we know the intent, the account's entries know the payment."""
    found = {}
    for intent in intents:
        latest = intent.get("latest_payout") or {}
        for ref in (latest.get("outbound_payment"), latest.get("outbound_transfer")):
            if ref:
                found[str(ref)] = str(intent["id"])
    return found


def movements(
    entries: Iterable[Mapping[str, Any]], *, account: str, intents: Mapping[str, str], now: datetime
) -> tuple[BalanceTransaction, ...]:
    """Every entry that has changed what is available on the account, in the order in which it did.

    What is only pending, and what takes effect later, has not moved yet.
    """
    found = []
    for entry in entries:
        about, moved = entry["transaction_details"], entry["balance_impact"]["available"]
        effective = datetime.fromisoformat(entry["effective_at"])
        if about["financial_account"] != account or not moved["value"] or effective > now:
            continue
        flow = about.get("flow") or {}
        ref = str(flow.get(flow.get("type", ""), "") or "")
        money = from_stripe(moved["value"], moved["currency"])
        found.append(
            BalanceTransaction(
                id=str(entry["id"]),
                type=_WORDS.get(about["category"], about["category"]),
                money=money,
                fee=money - money,
                net=money,
                source=intents.get(ref, ref),
                created=effective,
                available_on=effective.date(),
                description=about["category"],
            )
        )
    return tuple(sorted(found, key=lambda one: (one.created, one.id)))
