"""The stage the demo's stories are played on: the cast, the clock, the bank and Stripe's stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import Client

from finance.actions.statements import opening_balance
from finance.gateways.stripe_signature import sign
from finance.models import BankAccount, ExchangeRate
from finance.stand_ins.bank import BankStandIn
from finance.stand_ins.stripe_server import StripeStandIn
from gaf import clock
from gaf.accounts.models import User
from gaf.money import Money
from gaf.outbox.outbox import drain

# The last act of the stories as they were written; the shift brings it into the week that has just gone.
LAST_ACT = datetime(2027, 2, 27, 12, tzinfo=UTC)
Story = Iterator[datetime]


def weeks_to_move(now: datetime) -> timedelta:
    """Whole weeks by which every date of the stories moves, so that the last act lies in the past and is recent."""
    return timedelta(weeks=(now - LAST_ACT) // timedelta(weeks=1))


class Stage:
    """Everything a story needs; `moment` is the hour it stands at."""

    def __init__(self, shift: timedelta, stripe: StripeStandIn) -> None:
        self.shift = shift
        self.stripe = stripe
        self.moment = clock.now()
        self._told: set[str] = set()
        self._bank: BankStandIn | None = None

    def at(self, text: str, zone: str = "UTC") -> datetime:
        """A moment of the stories as written (`2026-10-13 15:20` in a zone), moved by the shift."""
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) + self.shift

    def day(self, text: str) -> date:
        """A day of the stories as written, moved by the shift."""
        return date.fromisoformat(text) + self.shift

    def who(self, name: str) -> User:
        """One of the cast, by first name."""
        return User.objects.get(email=f"{name}@gaf.example")

    def bank(self) -> BankStandIn:
        """The demo's bank, which knows the fund's accounts and what they held at the start, and nothing else."""
        if self._bank is None:
            self._bank = open_bank()
        return self._bank

    def until(self, happened: Callable[[], bool], days: int = 40) -> Story:
        """Let days pass until something has happened. Raises AssertionError when it never does."""
        for _day in range(days):
            if happened():
                return
            yield self.moment + timedelta(days=1)
        raise AssertionError("what the story waits for did not happen")

    def deliver_stripe_messages(self) -> None:
        """Bring Stripe's signed messages to the site's own door, as Stripe would."""
        client = Client()
        for event in self.stripe.events():
            if event["id"] in self._told:
                continue
            payload = json.dumps(event)
            secret = settings.STRIPE_WEBHOOK_SECRETS.split(",")[0]
            answer = client.post(
                "/webhooks/stripe/",
                payload,
                content_type="application/json",
                headers={"Stripe-Signature": sign(payload, secret, clock.now())},
            )
            if answer.status_code != 200:
                raise AssertionError(f"the site answered {answer.status_code} to a message of Stripe")
            self._told.add(event["id"])


def open_bank() -> BankStandIn:
    """The bank over the fund's accounts as the books know them; its memory is in its folder."""
    accounts: dict[str, tuple[str, Money]] = {}
    for account in BankAccount.objects.filter(rail="BANK_FILE"):
        accounts[account.number] = (account.currency, opening_balance(account))
    rates: dict[str, Decimal] = {}
    for rate in ExchangeRate.objects.order_by("effective_from"):
        rates.setdefault(rate.currency, rate.units_per_usd)
    return BankStandIn(Path(settings.GAF_BANK_FOLDER), accounts, rates)


def play(stage: Stage, stories: list[Story]) -> None:
    """Play the stories side by side in the order of their moments; after each act the outbox is kept."""
    coming: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        first = next(story, None)
        if first is not None:
            coming.append((first, number, story))
    while coming:
        coming.sort(key=lambda item: item[:2])
        moment, number, story = coming.pop(0)
        stage.moment = moment
        with clock.at(moment):
            following = next(story, None)
            drain()
        if following is not None:
            coming.append((following, number, story))
