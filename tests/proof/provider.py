"""The world outside: Stripe and a bank, both outside the database, so they survive crashes and restores of it.

Stripe's own library and the real rail run in full; only the wire is replaced. Every payment is counted here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from django.db import connection

from finance.gateways import rails
from finance.gateways.stripe_connect import StripeRail
from finance.stand_ins import bank_books
from finance.stand_ins.stripe_server import StripeStandIn
from gaf import clock
from tests.proof.faults import Faults

SPOILT = ("refused", "stored_500", "unavailable", "too_many", "in_progress", "truncated", "dropped", "dropped_after")
UNDONE = ("failed", "canceled")


class Wire(stripe.HTTPClient):
    """Stripe's library speaks here instead of to a network. `coming` spoils the next calls, one each."""

    name = "wire"

    def __init__(self, faults: Faults) -> None:
        """Calls are points of these faults."""
        super().__init__()
        self.faults = faults
        self.stripe: StripeStandIn | None = None
        self.coming: list[str] = []
        self.small_pages = self.only_posts = False
        self.spoilt: Counter[str] = Counter()
        self.keyless = 0
        self.inside_a_transaction = 0
        self.meanwhile: Callable[[], object] | None = None

    def request(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """One call and its answer; no answer is a connection that broke."""
        parts = urlsplit(url)
        form = parts.query if method.upper() == "GET" else (post_data or "")
        if self.small_pages:
            form = form.replace("limit=100", "limit=1")
        given = {name: headers.get(name, "") for name in _HEADERS}
        if method.upper() == "POST" and not given["Idempotency-Key"].startswith("gaf:"):
            self.keyless += 1
        self.inside_a_transaction += connection.in_atomic_block
        answer = self.faults.at_point("call", lambda: self._call(method.upper(), parts.path, form, given))
        if self.meanwhile is not None and method.upper() == "POST":
            other, self.meanwhile = self.meanwhile, None
            other()
        if answer is None:
            raise stripe.APIConnectionError("the connection broke", should_retry=True)
        return answer

    def _call(self, method: str, path: str, form: str, headers: Mapping[str, str]) -> Any:
        spoils = bool(self.coming) and (method == "POST" or not self.only_posts)
        how = self.coming.pop(0) if spoils else ""
        if how:
            self.spoilt[how] += 1
        if how in _INSTEAD:
            status, body = _INSTEAD[how]
            return json.dumps(body), status, {"Request-Id": "req_spoilt"}
        if how == "dropped":
            return None
        assert self.stripe is not None
        reply, extra = self.stripe.answer(method, path, form, headers)
        if reply is None or how == "dropped_after":
            return None
        if how == "stored_500":
            return json.dumps({"error": {"type": "api_error", "message": "An unknown error"}}), 500, extra
        return reply.body[: len(reply.body) // 2] if how == "truncated" else reply.body, reply.status, extra

    def close(self) -> None:
        """Nothing is open."""


_HEADERS = ("Authorization", "Stripe-Account", "Stripe-Version", "Idempotency-Key")
_INSTEAD = {
    "refused": (400, {"error": {"type": "invalid_request_error", "code": "balance_insufficient", "message": "No"}}),
    "unavailable": (503, {"error": {"type": "api_error", "message": "Not now"}}),
    "too_many": (429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Slowly"}}),
    "in_progress": (409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "?"}}),
}

FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
PAYEES = {  # connected accounts, by what their banks do
    "acct_1Good": "CH9300762011623852957",
    "acct_1Second": "CH9300762011623852957",
    "acct_1Returns": "CH0000000000000000007",
    "acct_1NoAccount": "CH0000000000000000008",
    "acct_1NoPayout": "CH0000000000000000009",
}


@dataclass(frozen=True)
class Payment:
    """One payment as the outside has it: for which disbursement, by which attempt, to whom, how much, still out?"""

    number: str
    attempt: str
    destination: str
    minor: int
    currency: str
    status: str
    is_out: bool  # the money has left the fund's account and has not come back to it
    charged: int = 0  # cents of the fund's account, at the bank
    payouts: tuple[str, ...] = ()  # Stripe's own numbers of what was paid out under the attempt


@dataclass
class Outside:
    """Both providers of one schedule."""

    faults: Faults
    wire: Wire
    stripe: StripeStandIn
    kept: list[bytes] = field(default_factory=list)

    @classmethod
    def begin(cls, faults: Faults, wire: Wire, balance: int) -> Outside:
        """Fresh providers; Stripe holds `balance` cents of the fund."""
        stand_in = StripeStandIn(api_key=settings.STRIPE_API_KEY)
        with clock.at(FIRST_DAY):  # what was there on the account's first day is in its opening balance
            stand_in.top_up(balance, "usd")
        for ref, number in PAYEES.items():
            stand_in.connect_account(number, currency="usd", ref=ref)
        wire.stripe, wire.coming, wire.small_pages, wire.meanwhile = stand_in, [], False, None
        wire.keyless = wire.inside_a_transaction = 0
        return cls(faults, wire, stand_in)

    # What the oracle counts

    def at_stripe(self) -> list[Payment]:
        """Every transfer with what became of its payout."""
        things = self.stripe._book.things
        payouts: dict[str, list[dict[str, Any]]] = {}
        for row in things["payout"].values():
            payouts.setdefault(row["metadata"].get("attempt", ""), []).append(row)
        found = []
        for row in things["transfer"].values():
            marks = row["metadata"]
            paid = payouts.get(marks.get("attempt", ""), [])
            live = [one for one in paid if one["status"] not in UNDONE]
            status = (live or paid or [{"status": "no_payout"}])[-1]["status"]
            found += [_payment(row, status, tuple(one["id"] for one in paid))] * max(1, len(live))
        return found

    def at_bank(self) -> list[Payment]:
        """Every order that the bank booked, by its end-to-end reference."""
        entries = bank_books.load(Path(settings.GAF_BANK_FOLDER) / "ledger.json").entries
        orders = [one for one in entries if one.end_to_end and one.minor < 0 and one.code.endswith("XBCT")]
        back = {(one.instruction, one.end_to_end) for one in entries if one.minor > 0}
        return [
            Payment(
                one.end_to_end,
                one.instruction,
                one.other_number,
                one.instructed_minor,
                one.instructed_currency,
                "returned" if (one.instruction, one.end_to_end) in back else "paid",
                (one.instruction, one.end_to_end) not in back,
                -one.minor,
            )
            for one in orders
        ]

    def events(self) -> list[dict[str, Any]]:
        """What Stripe has to tell, oldest first."""
        return self.stripe.events()


def _payment(row: dict[str, Any], status: str, payouts: tuple[str, ...]) -> Payment:
    marks = row["metadata"]
    return Payment(
        marks.get("disbursement", ""),
        marks.get("attempt", ""),
        row["destination"],
        row["amount"],
        row["currency"].upper(),
        status,
        not row["reversed"],
        payouts=payouts,
    )


@contextmanager
def real_rail_on_a_wire(faults: Faults) -> Iterator[Wire]:
    """The real Stripe rail, with Stripe's library and no network under it."""
    wire, before = Wire(faults), rails._rail
    rail = StripeRail(settings.STRIPE_API_KEY, None, network_retries=0)
    rail.__dict__["_http"] = wire
    rails._rail = lambda *_key_and_base: rail  # type: ignore[assignment]
    try:
        yield wire
    finally:
        rails._rail = before
