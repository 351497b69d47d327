"""The fund with a fresh Stripe beside it, for the failures that must leave it right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import stripe

from finance.actions.messages import store_event
from finance.leaving import resume_what_is_mended
from finance.models import Attempt, Disbursement, PayeeVersion
from finance.stand_ins.stripe_server import StripeStandIn
from gaf import clock
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain, keep
from tests.finance.builders import NOON, Fund, usd

GOOD_BANK, SENDS_BACK, CANNOT_PAY_OUT = "CH9300762011623852957", "CH0000000000000000007", "CH0000000000000000009"
CANNOT_RECEIVE, NO_ACCOUNT = "CH0000000000000000005", "CH0000000000000000008"
ACCOUNT = "acct_1Sample"


class Stage:
    """The fund, Stripe, and the worker between them. `at(minutes)` lets everything inside happen later."""

    def __init__(self, fund: Fund, stand_in: StripeStandIn) -> None:
        self.fund, self.stripe = fund, stand_in
        self.payees: dict[str, PayeeVersion] = {}

    def payee(self, bank: str = GOOD_BANK, account: str = ACCOUNT) -> PayeeVersion:
        """A confirmed payee with an account at Stripe whose bank does what its number says."""
        if account not in self.payees:
            self.stripe.connect_account(bank, currency="usd", ref=account)
            self.payees[account] = self.fund.stripe_payee(account)
        return self.payees[account]

    def released(self, amount: str = "300.00", bank: str = GOOD_BANK, account: str = ACCOUNT) -> Disbursement:
        """An amount released to that payee and promised to the worker."""
        row = self.fund.prepare(usd(amount), self.payee(bank, account))
        self.fund.release(row)
        return row

    def work(self, minutes: float = 0) -> int:
        """The worker's round so many minutes after noon: what is mended goes on, what is due is done."""
        with self.at(minutes):
            resume_what_is_mended()
            return drain()

    @contextmanager
    def at(self, minutes: float) -> Iterator[datetime]:
        with clock.at(NOON + timedelta(minutes=minutes)):
            yield clock.now()

    def tell(self, *events: dict) -> None:
        """Let messages come in this order, and be looked at as each comes."""
        for event in events:
            store_event(body=json.dumps(event).encode(), at=clock.now())
            keep("provider_event")

    def events(self, kind: str) -> list[dict]:
        """Stripe's events about objects of a kind, oldest first."""
        return [one for one in self.stripe.events() if one["data"]["object"]["object"] == kind]

    def state(self, row: Disbursement) -> str:
        return str(self.fund.now(row).state)

    def attempt(self, row: Disbursement) -> Attempt:
        return Attempt.objects.filter(disbursement=row).latest("id")

    def told(self) -> list[str]:
        """Names of the mails promised about rails and payments, each once."""
        rows = OutboxMessage.objects.filter(topic="notice").values_list("payload", flat=True)
        own = {"rail_paused", "disbursement_held", "message_quarantined", "money_stranded"}
        return sorted({row["notice"] for row in rows} & own)

    def posts(self, path: str = "/v1/") -> list[str]:
        """Keys of the POST requests to exactly this path (all of them when not said), in order."""
        return [one.key for one in self.stripe.seen if one.method == "POST" and path in ("/v1/", one.path)]


@pytest.fixture
def stage(fund: Fund, settings, monkeypatch) -> Iterator[Stage]:
    """USD 5,000.00 committed for one request, USD 1,000.00 on the fund's balance at Stripe."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.001)
    stand_in = StripeStandIn(api_key=settings.STRIPE_API_KEY, clock=lambda: NOON)
    settings.STRIPE_API_BASE = stand_in.start()
    stand_in.top_up(100_000, "usd")
    fund.commit(usd("5000.00"))
    yield Stage(fund, stand_in)
    stand_in.stop()
    assert stand_in.out_of_type == []
