"""Stripe's objects with every field that Stripe's own have, so that Stripe's library reads them like the real ones."""

from __future__ import annotations

from typing import Any

Values = dict[str, Any]


def listing(url: str, rows: list[Values], *, has_more: bool = False) -> Values:
    return {"object": "list", "url": url, "has_more": has_more, "data": rows}


def account(
    ref: str, *, country: str, currency: str, created: int, bank: Values | None, can: Values, own: Values
) -> Values:
    """`can` holds `transfers` and `payouts`; an account that cannot is shown with Stripe's reason for it."""
    nothing_due: Values = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None if can["payouts"] and can["transfers"] else "requirements.past_due",
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    return {
        "id": ref,
        "object": "account",
        "business_type": own.get("business_type", "individual"),
        "capabilities": {"transfers": "active" if can["transfers"] else "inactive"},
        "charges_enabled": False,
        "country": country,
        "created": created,
        "default_currency": currency,
        "details_submitted": True,
        "email": own.get("email"),
        "external_accounts": listing(f"/v1/accounts/{ref}/external_accounts", [bank] if bank else []),
        "future_requirements": nothing_due | {"disabled_reason": None},
        "metadata": own.get("metadata", {}),
        "payouts_enabled": can["payouts"],
        "requirements": nothing_due,
        "settings": None,
        "tos_acceptance": {"date": created, "ip": None, "user_agent": None},
        "type": own.get("type", "custom"),
    }


def bank_account(ref: str, *, owner: str, country: str, currency: str, number: str) -> Values:
    """A bank account as Stripe shows it: never the whole number."""
    return {
        "id": ref,
        "object": "bank_account",
        "account": owner,
        "account_holder_name": None,
        "account_holder_type": None,
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STAND-IN BANK",
        "country": country,
        "currency": currency,
        "default_for_currency": True,
        "fingerprint": f"fp{ref[3:]}",
        "last4": number[-4:],
        "metadata": {},
        "routing_number": None,
        "status": "new",
    }


def transfer(ref: str, asked: Values, *, created: int, movement: str, arrival: str) -> Values:
    return {
        "id": ref,
        "object": "transfer",
        "amount": asked["amount"],
        "amount_reversed": 0,
        "balance_transaction": movement,
        "created": created,
        "currency": asked["currency"],
        "description": asked.get("description"),
        "destination": asked["destination"],
        "destination_payment": arrival,
        "livemode": False,
        "metadata": asked.get("metadata", {}),
        "reversals": listing(f"/v1/transfers/{ref}/reversals", []),
        "reversed": False,
        "source_transaction": None,
        "source_type": asked.get("source_type", "card"),
        "transfer_group": asked.get("transfer_group"),
    }


def reversal(ref: str, asked: Values, *, of: Values, created: int, movement: str, refund: str) -> Values:
    return {
        "id": ref,
        "object": "transfer_reversal",
        "amount": asked["amount"],
        "balance_transaction": movement,
        "created": created,
        "currency": of["currency"],
        "destination_payment_refund": refund,
        "metadata": asked.get("metadata") or {},
        "source_refund": None,
        "transfer": of["id"],
    }


def payout(ref: str, asked: Values, *, created: int, movement: str, bank: str, arrival: int) -> Values:
    return {
        "id": ref,
        "object": "payout",
        "amount": asked["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": False,
        "balance_transaction": movement,
        "created": created,
        "currency": asked["currency"],
        "description": asked.get("description"),
        "destination": bank,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": asked.get("metadata", {}),
        "method": asked.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": asked.get("source_type", "card"),
        "statement_descriptor": asked.get("statement_descriptor"),
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def topup(ref: str, asked: Values, *, created: int, expected: int) -> Values:
    return {
        "id": ref,
        "object": "topup",
        "amount": asked["amount"],
        "balance_transaction": None,
        "created": created,
        "currency": asked["currency"],
        "description": asked.get("description"),
        "expected_availability_date": expected,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": asked.get("metadata") or {},
        "source": None,
        "statement_descriptor": asked.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": asked.get("transfer_group"),
    }


def balance(available: dict[str, int], pending: dict[str, int]) -> Values:
    currencies = sorted(set(available) | set(pending)) or ["usd"]

    def rows(amounts: dict[str, int]) -> list[Values]:
        return [
            {"amount": amounts.get(code, 0), "currency": code, "source_types": {"card": amounts.get(code, 0)}}
            for code in currencies
        ]

    return {
        "object": "balance",
        "available": rows(available),
        "connect_reserved": [{"amount": 0, "currency": code} for code in currencies],
        "livemode": False,
        "pending": rows(pending),
    }


def movement(
    ref: str, kind: str, *, amount: int, fee: int, currency: str, source: str, at: int, words: str | None
) -> Values:
    """A balance transaction; `amount` is signed, the fee is taken from it."""
    fees = [
        {"amount": fee, "application": None, "currency": currency, "description": "Stripe fee", "type": "stripe_fee"}
    ]
    return {
        "id": ref,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at,
        "balance_type": "payments",
        "created": at,
        "currency": currency,
        "description": words,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees if fee else [],
        "net": amount - fee,
        "reporting_category": _CATEGORIES.get(kind, kind),
        "source": source,
        "status": "available",
        "type": kind,
    }


_CATEGORIES = {
    "transfer_refund": "transfer_reversal",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "payment": "charge",
    "payment_refund": "refund",
    "stripe_fee": "fee",
}


def event(
    ref: str, kind: str, about: Values, *, before: Values, account_ref: str, created: int, request: Values
) -> Values:
    values: Values = {
        "id": ref,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": created,
        "data": {"object": about} | ({"previous_attributes": before} if before else {}),
        "livemode": False,
        "pending_webhooks": 1,
        "request": request,
        "type": kind,
    }
    return values | ({"account": account_ref} if account_ref else {})
