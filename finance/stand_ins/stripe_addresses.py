"""Which addresses the stand-in answers, which parameters each takes, and what the book does for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from finance.stand_ins import stripe_forms as forms
from finance.stand_ins import stripe_shapes as shapes
from finance.stand_ins.stripe_book import Book
from finance.stand_ins.stripe_errors import StripeSaysNo
from finance.stand_ins.stripe_forms import Field
from finance.stand_ins.stripe_shapes import Values

Act = Callable[[Book, str, Values, str], Values]

_NOTHING, _MOVEMENT = forms.expandable(), forms.expandable("balance_transaction")
_MOVEMENTS_OF_PAYOUT = forms.expandable("balance_transaction", "failure_balance_transaction")
_PAGING = {
    "limit": Field(forms.integer(1, 100)),
    "starting_after": Field(forms.text()),
    "ending_before": Field(forms.text()),
}
_LIST = _NOTHING | _PAGING | {"created": Field(forms.moments)}
_AMOUNT = {
    "amount": Field(forms.integer(1, 99_999_999_999), is_required=True),
    "currency": Field(forms.currency, is_required=True),
    "description": Field(forms.text()),
    "metadata": Field(forms.text_map),
}
_SOURCE = Field(forms.one_of("bank_account", "card", "fpx"))

TRANSFER = (
    _MOVEMENT
    | _AMOUNT
    | {
        "destination": Field(forms.text(), is_required=True),
        "source_type": _SOURCE,
        "transfer_group": Field(forms.text()),
    }
)
REVERSAL = _MOVEMENT | {
    "amount": Field(forms.integer(1)),
    "description": Field(forms.text()),
    "metadata": Field(forms.text_map),
    "refund_application_fee": Field(forms.boolean),
}
PAYOUT = (
    _MOVEMENTS_OF_PAYOUT
    | _AMOUNT
    | {
        "destination": Field(forms.text()),
        "method": Field(forms.one_of("instant", "standard")),
        "source_type": _SOURCE,
        "statement_descriptor": Field(forms.text(22)),
    }
)
TOPUP = (
    _MOVEMENT
    | _AMOUNT
    | {
        "source": Field(forms.text()),
        "statement_descriptor": Field(forms.text(15)),
        "transfer_group": Field(forms.text()),
    }
)
ACCOUNT = _NOTHING | {
    "type": Field(forms.one_of("custom", "express", "standard")),
    "country": Field(forms.text(2)),
    "email": Field(forms.text()),
    "business_type": Field(forms.one_of("company", "government_entity", "individual", "non_profit")),
    "default_currency": Field(forms.currency),
    "metadata": Field(forms.text_map),
    "capabilities": Field(forms.nested({"transfers": Field(forms.nested({"requested": Field(forms.boolean)}))})),
    "tos_acceptance": Field(forms.nested({"service_agreement": Field(forms.one_of("full", "recipient"))})),
    "external_account": Field(
        forms.nested(
            {
                "object": Field(forms.one_of("bank_account"), is_required=True),
                "country": Field(forms.text(2), is_required=True),
                "currency": Field(forms.currency, is_required=True),
                "account_number": Field(forms.text(34), is_required=True),
                "routing_number": Field(forms.text(34)),
                "account_holder_name": Field(forms.text()),
                "account_holder_type": Field(forms.one_of("company", "individual")),
            }
        )
    ),
    "settings": Field(
        forms.nested(
            {
                "payouts": Field(
                    forms.nested(
                        {
                            "schedule": Field(
                                forms.nested({"interval": Field(forms.one_of("manual", "daily", "weekly", "monthly"))})
                            )
                        }
                    )
                )
            }
        )
    ),
}


@dataclass(frozen=True, slots=True)
class Address:
    """One method and path; `{ref}` stands for an id. `is_ours` addresses may not be asked on a connected account."""

    method: str
    path: str
    fields: Mapping[str, Field]
    act: Act
    is_ours: bool = False

    def match(self, path: str) -> str | None:
        """The id in the path ("" where it has none), or None when the path is another one."""
        found = re.fullmatch(self.path.replace("{ref}", r"([A-Za-z0-9_]+)"), path)
        return None if found is None else (found.group(1) if found.groups() else "")


def lookup(method: str, path: str) -> tuple[Address, str]:
    """The address for a request and the id in it, or Stripe's 404."""
    for address in ADDRESSES:
        ref = address.match(path)
        if ref is not None and address.method == method:
            return address, ref
    raise StripeSaysNo(404, f"Unrecognized request URL ({method}: {path}).")


def _movements(book: Book, owner: str, asked: Values, ref: str) -> Values:
    """Balance transactions; those of one payout only where Stripe put it together by itself."""
    rows = [row for row in book.rows("movement", owner) if _fits(row, asked, ("currency", "source", "type"))]
    if "payout" in asked:
        if not book.get("payout", asked["payout"], owner)["automatic"]:
            words = "Balance transaction history can only be filtered on automatic transfers, not manual."
            raise StripeSaysNo(400, words, param="payout")
        rows = [row for row in rows if book.paid_in.get(row["id"]) == asked["payout"]]
    return _page(rows, asked, "/v1/balance_transactions")


def _listing(kind: str, url: str, *filters: str) -> Act:
    def act(book: Book, owner: str, asked: Values, ref: str) -> Values:
        rows = [row for row in book.rows(kind, owner) if _fits(row, asked, filters)]
        return _page(rows, asked, url)

    return act


def _showing(kind: str) -> Act:
    def act(book: Book, owner: str, asked: Values, ref: str) -> Values:
        return _expanded(book, book.get(kind, ref, owner), asked)

    return act


def _fits(row: Values, asked: Values, filters: tuple[str, ...]) -> bool:
    span = asked.get("created", {})
    at = row["created"]
    in_time = (
        at > span.get("gt", at - 1)
        and at >= span.get("gte", at)
        and at < span.get("lt", at + 1)
        and at <= span.get("lte", at)
    )
    wanted = asked.get("types")
    return (
        in_time
        and all(row[name] == asked[name] for name in filters if name in asked)
        and (wanted is None or row["type"] in wanted)
    )


def _page(rows: list[Values], asked: Values, url: str) -> Values:
    """One page of rows that are newest first."""
    refs = [row["id"] for row in rows]
    limit = asked.get("limit", 10)
    for name in ("starting_after", "ending_before"):
        if name in asked and asked[name] not in refs:
            raise StripeSaysNo(400, f"No such object: '{asked[name]}'", code="resource_missing", param=name)
    if "ending_before" in asked:
        before = rows[: refs.index(asked["ending_before"])]
        return shapes.listing(url, before[-limit:], has_more=len(before) > limit)
    start = refs.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
    return shapes.listing(url, rows[start : start + limit], has_more=len(rows) > start + limit)


def _expanded(book: Book, row: Values, asked: Values) -> Values:
    whole = {name: book.things["movement"].get(row[name] or "") for name in asked.get("expand", [])}
    return row | whole


def _open_account(book: Book, owner: str, asked: Values, ref: str) -> Values:
    return book.open_account(asked)


def _transfer(book: Book, owner: str, asked: Values, ref: str) -> Values:
    return _expanded(book, book.make_transfer(asked), asked)


def _reverse(book: Book, owner: str, asked: Values, ref: str) -> Values:
    return _expanded(book, book.reverse_transfer(ref, asked), asked)


def _reversals(book: Book, owner: str, asked: Values, ref: str) -> Values:
    rows = book.get("transfer", ref, owner)["reversals"]["data"]
    return _page(rows, asked, f"/v1/transfers/{ref}/reversals")


def _pay_out(book: Book, owner: str, asked: Values, ref: str) -> Values:
    return _expanded(book, book.make_payout(asked, owner), asked)


def _cancel(book: Book, owner: str, asked: Values, ref: str) -> Values:
    return _expanded(book, book.cancel_payout(ref, owner), asked)


def _top_up(book: Book, owner: str, asked: Values, ref: str) -> Values:
    return _expanded(book, book.top_up(asked), asked)


def _balance(book: Book, owner: str, asked: Values, ref: str) -> Values:
    waiting: dict[str, int] = {}
    for row in [] if owner else book.rows("topup", ""):
        if row["status"] == "pending":
            waiting[row["currency"]] = waiting.get(row["currency"], 0) + row["amount"]
    return shapes.balance(book.available(owner), waiting)


_MOVEMENTS = _LIST | {
    "currency": Field(forms.currency),
    "payout": Field(forms.text()),
    "source": Field(forms.text()),
    "type": Field(forms.text()),
}
_EVENTS = _LIST | {"type": Field(forms.text()), "types": Field(forms.list_of(forms.text()))}
_PAYOUTS = _LIST | {
    "status": Field(forms.text()),
    "destination": Field(forms.text()),
}
_TRANSFERS = _LIST | {"destination": Field(forms.text()), "transfer_group": Field(forms.text())}

ADDRESSES: tuple[Address, ...] = (
    Address("POST", "/v1/accounts", ACCOUNT, _open_account, is_ours=True),
    Address("GET", "/v1/accounts", _LIST, _listing("account", "/v1/accounts"), is_ours=True),
    Address("GET", "/v1/accounts/{ref}", _NOTHING, _showing("account"), is_ours=True),
    Address("POST", "/v1/transfers", TRANSFER, _transfer, is_ours=True),
    Address("GET", "/v1/transfers", _TRANSFERS, _listing("transfer", "/v1/transfers", "destination", "transfer_group")),
    Address("GET", "/v1/transfers/{ref}", _MOVEMENT, _showing("transfer")),
    Address("POST", "/v1/transfers/{ref}/reversals", REVERSAL, _reverse, is_ours=True),
    Address("GET", "/v1/transfers/{ref}/reversals", _NOTHING | _PAGING, _reversals),
    Address("POST", "/v1/payouts", PAYOUT, _pay_out),
    Address("GET", "/v1/payouts", _PAYOUTS, _listing("payout", "/v1/payouts", "status", "destination")),
    Address("GET", "/v1/payouts/{ref}", _MOVEMENTS_OF_PAYOUT, _showing("payout")),
    Address("POST", "/v1/payouts/{ref}/cancel", _MOVEMENTS_OF_PAYOUT, _cancel),
    Address("POST", "/v1/topups", TOPUP, _top_up, is_ours=True),
    Address("GET", "/v1/topups", _LIST | {"status": Field(forms.text())}, _listing("topup", "/v1/topups", "status")),
    Address("GET", "/v1/topups/{ref}", _MOVEMENT, _showing("topup")),
    Address("GET", "/v1/balance", _NOTHING, _balance),
    Address("GET", "/v1/balance_transactions", _MOVEMENTS, _movements),
    Address("GET", "/v1/balance_transactions/{ref}", _NOTHING, _showing("movement")),
    Address("GET", "/v1/events", _EVENTS, _listing("event", "/v1/events", "type")),
    Address("GET", "/v1/events/{ref}", _NOTHING, _showing("event")),
)


def carry_out(book: Book, method: str, path: str, tree: Mapping[str, Any], owner: str) -> Values:
    """Check the parameters of a request and do it."""
    address, ref = lookup(method, path)
    if owner and address.is_ours:
        raise StripeSaysNo(403, "Only the platform itself may do this.", code="account_invalid")
    return address.act(book, owner, forms.check(tree, address.fields), ref)
