"""The stage of these specifications: Stripe's own client on one side, the stand-in on the other, HTTP between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import stripe

from finance.gateways.port import Instruction
from finance.gateways.stripe_connect import StripeRail
from finance.stand_ins.stripe_server import StripeStandIn
from gaf.money import Money

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GOOD_BANK, KEY = "CH9300762011623852957", "sk_test_specification"


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe's library waits half a second and more before it tries again; nobody learns anything from waiting."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.001)


@pytest.fixture
def stand_in() -> Iterator[StripeStandIn]:
    """A stand-in at noon of one day, with USD 1,000.00 of the fund on its platform balance."""
    stand_in = StripeStandIn(api_key=KEY, clock=lambda: NOON)
    stand_in.address = stand_in.start()  # type: ignore[attr-defined]
    stand_in.top_up(100_000, "usd")
    yield stand_in
    stand_in.stop()
    assert stand_in.out_of_type == []


@pytest.fixture
def payee(stand_in: StripeStandIn) -> str:
    """A payee's account at Stripe whose bank pays."""
    return stand_in.connect_account(GOOD_BANK, currency="usd")


@pytest.fixture
def make_rail(stand_in: StripeStandIn) -> Iterator[Callable[..., StripeRail]]:
    """The rail with retries inside the library switched off unless asked for, so that each fault is seen."""
    rails: list[StripeRail] = []

    def make(**choices: object) -> StripeRail:
        settings = {
            "api_key": KEY,
            "api_base": stand_in.address,
            "network_retries": 0,
            "read_timeout": 2.0,
        }  # type: ignore[attr-defined]
        rails.append(StripeRail(**(settings | choices)))  # type: ignore[arg-type]
        return rails[-1]

    yield make
    for rail in rails:
        rail.close()


@pytest.fixture
def rail(make_rail: Callable[..., StripeRail]) -> StripeRail:
    return make_rail()


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def instruction(payee: str) -> Instruction:
    """USD 250.00 for disbursement P-2026-00031, first attempt."""
    return instruct(payee)


@pytest.fixture
def instruct_for() -> Callable[..., Instruction]:
    return instruct


def instruct(
    destination: str,
    amount: str = "250.00",
    currency: str = "USD",
    *,
    number: str = "P-2026-00031",
    key: str = "0123456789abcdef0123456789abcdef",
    statement_text: str = "GAF P-2026-00031",
) -> Instruction:
    return Instruction(
        number=number,
        key=key,
        money=Money.of(amount, currency),
        end_to_end="RF18P202600031",
        statement_text=statement_text,
        destination=destination,
    )
