"""A stand-in for Stripe on this machine, for the demo and for tests: Stripe's own library talks to it over HTTP.

It keeps books of its own, refuses what Stripe refuses, and can be told to fail in the ways networks do. It listens on
the loopback address only and never talks to any other machine.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from finance.stand_ins.stripe_addresses import carry_out
from finance.stand_ins.stripe_banks import Pace
from finance.stand_ins.stripe_book import Book
from finance.stand_ins.stripe_errors import StripeSaysNo
from finance.stand_ins.stripe_event_faults import EventPlan
from finance.stand_ins.stripe_faults import BEFORE, Fault, FaultPlan, Trouble
from finance.stand_ins.stripe_forms import decode
from finance.stand_ins.stripe_http import LoopbackServer
from finance.stand_ins.stripe_keys import KeyBook, Reply, in_progress
from finance.stand_ins.stripe_ledger import BookTotals
from finance.stand_ins.stripe_messages import Messenger
from finance.stand_ins.stripe_types import faults_of_answer, faults_of_request
from finance.stand_ins.stripe_types_v2 import faults_of_v2_answer
from finance.stand_ins.stripe_v2 import carry_out_v2, move_on
from gaf import clock as gaf_clock

_VERSION = re.compile(r"^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$")


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request as it came in, for the oracle of a test: no key was used for two things, nothing unknown was sent."""

    method: str
    path: str
    form: str
    account: str
    key: str
    version: str
    status: int


class StripeStandIn:
    """`start()` gives the address to set as STRIPE_API_BASE; `stop()` ends it. Amounts are in Stripe's own units.

    `webhook_url` must be on this machine. With `by_itself`, time passes and messages go out twice a second without
    anyone asking; otherwise tests call `advance` and `deliver`. `kept_in` is a file the book survives in.
    """

    def __init__(
        self,
        *,
        api_key: str,
        webhook_secret: str = "",
        webhook_url: str = "",
        clock: Callable[[], datetime] = gaf_clock.now,
        pace: Pace | None = None,
        payout_fee: Mapping[str, int] | None = None,
        kept_in: Path | None = None,
        by_itself: bool = False,
        messages_twice: bool = False,
        event_plan: EventPlan | None = None,
        port: int = 0,
    ) -> None:
        self.api_key = api_key
        self.faults = FaultPlan()
        self.seen: list[SeenRequest] = []
        self.out_of_type: list[str] = []  # what was taken or answered and does not fit the types Stripe ships
        self._book = Book(clock, pace or Pace(), payout_fee or {})
        self._keys = KeyBook()
        self._lock = threading.RLock()
        self._delivering = threading.Lock()
        self._ended = threading.Event()
        self._kept_in, self._by_itself, self._port = kept_in, by_itself, port
        self.messenger: Messenger | None = None
        if webhook_url:
            self.messenger = Messenger(webhook_url, webhook_secret, clock, twice=messages_twice, plan=event_plan)
        self._server: LoopbackServer | None = None
        self._requests = 0
        if kept_in is not None and kept_in.exists():
            self._load(kept_in.read_text("utf-8"))

    # Coming and going

    def start(self) -> str:
        """Listen, and say where (`http://127.0.0.1:PORT`)."""
        self._server = LoopbackServer(self, self._port)
        self._server.start()
        if self._by_itself:
            threading.Thread(target=self._go_on, name="stripe-stand-in-clock", daemon=True).start()
        return self._server.address

    def stop(self) -> None:
        """Stop listening and cut every open connection."""
        self._ended.set()
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What a test or the demo may do beside HTTP

    def connect_account(self, number: str, *, currency: str, country: str = "CH", ref: str = "") -> str:
        """Open a payee's account with this bank account number, whose ending tells what its bank will do."""
        bank = {"account_number": number, "currency": currency.lower(), "country": country}
        with self._lock:
            row = self._book.open_account({"country": country, "external_account": bank}, ref)
            self._keep()
        return str(row["id"])

    def top_up(self, amount: int, currency: str) -> str:
        """Put money of the fund on the platform's balance at once. Gives the top-up's id."""
        with self._lock:
            row = self._book.top_up({"amount": amount, "currency": currency.lower()})
            self._book.coming[row["id"]] = [move.__class__(0, move.status) for move in self._book.coming[row["id"]]]
            self._book.settle()
            self._keep()
        return str(row["id"])

    def reverse_top_up(self, ref: str) -> None:
        """Let the fund's own bank take a top-up back."""
        with self._lock:
            self._book.reverse_top_up(ref)
            self._keep()

    def debit(self, amount: int, currency: str) -> None:
        """Let Stripe take money from the platform's balance by itself."""
        with self._lock:
            self._book.debit(amount, currency)
            self._keep()

    def pay_out_by_itself(self, currency: str) -> str:
        """Let Stripe pay the whole platform balance out on its schedule. Gives the payout's id."""
        with self._lock:
            row = self._book.pay_out_by_itself(currency.lower())
            self._keep()
        return str(row["id"])

    def advance(self, seconds: int) -> int:
        """Let time pass for Stripe and the banks alone. Says how many things moved."""
        with self._lock:
            self._book.shift += seconds
            moved = self._book.settle()
            self._keep()
        return moved

    def deliver(self) -> int:
        """Send every message not taken yet to the webhook address. Says how many were taken."""
        if self.messenger is None:
            return 0
        with self._lock:
            events = list(self._book.things["event"].values())
        with self._delivering:
            return self.messenger.deliver(events)

    def events(self) -> list[dict[str, Any]]:
        """Every event so far, of every account, oldest first."""
        with self._lock:
            return list(self._book.things["event"].values())

    def book(self) -> BookTotals:
        """Where the money is, added up from the entries."""
        with self._lock:
            return self._book.ledger.totals()

    def paid_for(self, number: str) -> dict[str, int]:
        """What payees' banks hold for one disbursement, by currency, in Stripe's units: the test's oracle."""
        sums: dict[str, int] = {}
        with self._lock:
            for row in self._book.things["payout"].values():
                if row["metadata"].get("disbursement") == number and row["status"] not in ("failed", "canceled"):
                    sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount"]
        return sums

    def payouts(self) -> list[dict[str, Any]]:
        """Every payout that was not undone, of every account."""
        with self._lock:
            rows = self._book.things["payout"].values()
            return [row for row in rows if row["status"] not in ("failed", "canceled")]

    def move_intent(self, ref: str, status: str, reason: str = "") -> None:
        """Let a payout intent be posted, or fail or come back with Stripe's reason."""
        with self._lock:
            move_on(self._book, ref, status, reason)
            self._keep()

    @property
    def refused_key_reuses(self) -> int:
        return self._keys.refused_reuses

    # One request

    def answer(
        self, method: str, path: str, form: str, headers: Mapping[str, str]
    ) -> tuple[Reply | None, dict[str, str]]:
        """The reply and its headers; no reply means that the connection breaks."""
        account, key = (headers.get("Stripe-Account", ""), headers.get("Idempotency-Key", ""))
        with self._lock:
            self._requests += 1
            request_ref = f"req_{self._requests:08d}"
        fault = self.faults.take(method, path)
        extra = {"Request-Id": request_ref}
        if fault is not None and fault.trouble in BEFORE:
            reply = _trouble_before(fault)
        else:
            reply, is_again = self._do(method, path, form, headers, request_ref, fault)
            extra |= {"Idempotent-Replayed": "true"} if is_again else {}
        version = headers.get("Stripe-Version", "")
        self.seen.append(SeenRequest(method, path, form, account, key, version, reply.status if reply else 0))
        if fault is not None and fault.trouble is Trouble.DROPPED_AFTER:
            return None, extra
        if fault is not None and fault.trouble is Trouble.TRUNCATED and reply is not None:
            reply = Reply(reply.status, reply.body[: len(reply.body) // 2])
        return reply, extra

    def _do(
        self, method: str, path: str, form: str, headers: Mapping[str, str], request_ref: str, fault: Fault | None
    ) -> tuple[Reply, bool]:
        """Carry the request out once under its key; True says that the reply was given before."""
        account = headers.get("Stripe-Account", "")
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        try:
            self._let_in(headers, account)
            with self._lock:
                now = self._book.now()
            kept = self._keys.begin(account, key, f"{method} {path} {form}", now) if key else None
        except StripeSaysNo as no:
            return _reply(no), False
        if kept is not None:
            return kept, True
        known = len(self._book.things["event"])
        reply, is_kept = self._carry_out(
            method, path, form, account, {"id": request_ref, "idempotency_key": key or None}
        )
        if self.messenger is not None:
            self.messenger.deliver_early(self.events(), known)
        if fault is not None and fault.trouble is Trouble.SLOW:
            self._ended.wait(fault.seconds)
        if fault is not None and fault.trouble is Trouble.ERROR_AFTER:
            reply = _reply(StripeSaysNo(500, "An unknown error occurred", kind="api_error"))
        if key and is_kept:
            self._keys.finish(account, key, reply)
        elif key:
            self._keys.forget(account, key)
        with self._lock:
            self._keep()
        return reply, False

    def _carry_out(
        self, method: str, path: str, form: str, account: str, request: dict[str, Any]
    ) -> tuple[Reply, bool]:
        with self._lock:
            self._book.settle()
            self._book.request = request
            try:
                if path.startswith("/v2/"):
                    values = carry_out_v2(self._book, method, path, form)
                    self.out_of_type += faults_of_v2_answer(values)
                    return Reply(200, json.dumps(values)), True
                tree = decode(form)
                values = carry_out(self._book, method, path, tree, account)
                self.out_of_type += [*faults_of_request(method, path, tree), *faults_of_answer(values)]
                return Reply(200, json.dumps(values)), True
            except StripeSaysNo as no:
                return _reply(no), no.is_kept
            finally:
                self._book.request = {"id": None, "idempotency_key": None}

    def _let_in(self, headers: Mapping[str, str], account: str) -> None:
        if headers.get("Authorization", "") != f"Bearer {self.api_key}":
            raise StripeSaysNo(401, "Invalid API Key provided")
        version = headers.get("Stripe-Version", "")
        if version and not _VERSION.match(version):
            raise StripeSaysNo(400, f"Invalid Stripe API version: {version}")
        with self._lock:
            is_known = not account or account in self._book.things["account"]
        if not is_known:
            message = f"The provided key does not have access to account '{account}'."
            raise StripeSaysNo(403, message, code="account_invalid")

    # Going on and being kept

    def _go_on(self) -> None:
        while not self._ended.wait(0.5):
            with self._lock:
                if self._book.settle():
                    self._keep()
            self.deliver()

    def _keep(self) -> None:
        if self._kept_in is None:
            return
        text = json.dumps({"book": self._book.dump(), "keys": self._keys.dump()})
        beside = self._kept_in.with_suffix(".new")
        beside.write_text(text, "utf-8")
        beside.replace(self._kept_in)

    def _load(self, text: str) -> None:
        kept = json.loads(text)
        self._book.load(kept["book"])
        self._keys.load(kept["keys"])


def _reply(no: StripeSaysNo) -> Reply:
    return Reply(no.status, json.dumps(no.body()))


def _trouble_before(fault: Fault) -> Reply | None:
    """The reply to a request that Stripe never looked at."""
    if fault.trouble is Trouble.RATE_LIMITED:
        return _reply(StripeSaysNo(429, "Request rate limit exceeded", code="rate_limit"))
    if fault.trouble is Trouble.UNAVAILABLE:
        return _reply(StripeSaysNo(503, "Stripe is unavailable", kind="api_error"))
    return _reply(in_progress()) if fault.trouble is Trouble.IN_PROGRESS else None
