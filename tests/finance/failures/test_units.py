"""F40: currencies without decimals, with three, and with steps: one amount at Stripe, in file, ledger, page."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from finance.actions.files import debtor, order
from finance.actions.rates import approve_rate, enter_rate
from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.models import ExchangeRate
from finance.stand_ins.bank_orders import read_order_file
from gaf import clock
from gaf.money import Money
from tests.finance.builders import PAYEE_BIC, PAYEE_IBAN, YEAR_START

# Currency, amount as written, ISO minor units, Stripe's units, invented units per dollar.
CARRIED = [
    ("XOF", "25000", 25000, 25000, "605"),
    ("KWD", "12.340", 12340, 12340, "0.306"),
    ("UGX", "7000", 7000, 700000, "3700"),
    ("ISK", "1500", 1500, 150000, "138"),
    ("HUF", "3600.00", 360000, 360000, "360"),
    ("TWD", "320.00", 32000, 32000, "32"),
    ("MGA", "45000.00", 4500000, 45000, "4500"),
]
REFUSED = [
    ("KWD", "12.345", "STRIPE-03"),
    ("HUF", "3600.50", "STRIPE-03"),
    ("TWD", "320.50", "STRIPE-03"),
    ("MGA", "45000.20", "STRIPE-02"),
]


@pytest.fixture
def pay(stage):
    """Prepare and release an amount in a currency, to a payee at Stripe in that currency."""

    def prepared(currency: str, written: str):
        units = Decimal({row[0]: row[4] for row in CARRIED}[currency])
        if not ExchangeRate.objects.filter(currency=currency).exists():
            rate = enter_rate(
                currency=currency,
                effective_from=YEAR_START,
                units_per_usd=units,
                source="invented",
                actor=stage.fund.marie,
                at=clock.now(),
            )
            approve_rate(rate_id=rate.pk, actor=stage.fund.viktor, at=clock.now())
        account = f"acct_1{currency}{written.replace('.', '')}"
        stage.stripe.connect_account("CH9300762011623852957", currency=currency, ref=account)
        stage.stripe.top_up(10_000_000, currency)
        money, line = Money.of(written, currency), f"L-{account[-8:]}"
        stage.fund.commit(money, rate=str(units), line_key=line)
        at_stripe = {"rail": "STRIPE", "bic": "", "bank": "", "country": "CH", "is_iban": False}
        row = stage.fund.prepare(
            money, stage.fund.payee(currency=currency, account=account, **at_stripe), line_key=line
        )
        stage.fund.release(row)
        stage.work()
        return stage.fund.now(row)

    return prepared


class TestAnAmountWhereverItIsWritten:
    def test_f40_is_the_same_amount_in_api_file_ledger_and_on_the_page(self, stage, pay):
        client = Client()
        client.force_login(stage.fund.divya)
        for currency, written, minor, units, _rate in CARRIED:
            row = pay(currency, written)
            content = build_credit_transfer(
                msg_id="FILE-2026-00001",
                created_at=clock.now(),
                execution_date=clock.today(),
                debtor=debtor(stage.fund.geneva),
                orders=[_by_bank(row)],
            )
            page = client.get(f"/disbursements/{row.number}/").content.decode().replace("\xa0", " ")
            digits = "".join(filter(str.isdigit, written))
            assert (row.state, row.minor) == ("SENT", minor)
            assert stage.stripe.paid_for(row.number) == {currency.lower(): units}
            assert read_order_file(content).orders[0].instructed == Money(minor, currency)
            assert f">{written}<" in content.decode()
            assert sum(part.local_minor for part in row.parts.all()) == minor
            assert digits in "".join(filter(str.isdigit, page))

    def test_f40_that_does_not_fit_the_step_is_refused_before_anything_is_sent(self, stage, pay):
        stage.stripe.seen.clear()
        for currency, written, code in REFUSED:
            row = pay(currency, written)
            assert (row.state, row.return_code) == ("FAILED", code)
        assert stage.posts() == []


def _by_bank(row):
    """The same disbursement as if it went by file, to an account at a bank."""
    to = {"payee_account": PAYEE_IBAN, "payee_account_is_iban": True, "payee_bic": PAYEE_BIC, "payee_country": "DE"}
    return replace(order(row, "a" * 32), **to)
