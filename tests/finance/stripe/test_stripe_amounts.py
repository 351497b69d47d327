"""Stripe's units and ISO 4217's: exact both ways, refused where they cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.gateways.stripe_amounts import NotPayableByStripe, from_stripe, stripe_exponent, to_stripe
from gaf.money import EXPONENTS, Money, WrongAmount

CARRIED = sorted(set(EXPONENTS) - {"IQD", "LYD"})


class TestAnAmountForStripe:
    @pytest.mark.parametrize(
        ("amount", "currency", "expected"),
        [
            ("12.50", "USD", 1250),
            ("0.01", "EUR", 1),
            ("25000", "XOF", 25000),
            ("500", "JPY", 500),
            ("1.230", "KWD", 1230),
            ("12.500", "TND", 12500),
            ("7000", "UGX", 700000),
            ("1", "ISK", 100),
            ("3500.00", "MGA", 3500),
            ("10.50", "HUF", 1050),
        ],
    )
    def test_is_counted_in_stripes_units_and_back(self, amount, currency, expected):
        money = Money.of(amount, currency)

        assert to_stripe(money) == expected
        assert from_stripe(expected, currency.lower()) == money

    @pytest.mark.parametrize(
        ("amount", "currency", "payout", "code"),
        [
            ("1.235", "KWD", False, "STRIPE-03"),
            ("3500.50", "MGA", False, "STRIPE-02"),
            ("10.50", "HUF", True, "STRIPE-03"),
            ("10.50", "TWD", True, "STRIPE-03"),
            ("5.000", "IQD", False, "STRIPE-01"),
        ],
    )
    def test_is_refused_rather_than_rounded(self, amount, currency, payout, code):
        with pytest.raises(NotPayableByStripe) as refusal:
            to_stripe(Money.of(amount, currency), payout=payout)

        assert refusal.value.code == code

    def test_of_whole_forints_is_paid_out(self):
        assert to_stripe(Money.of("10.00", "HUF"), payout=True) == 1000

    def test_reported_with_a_fraction_the_currency_has_not_is_refused(self):
        with pytest.raises(NotPayableByStripe, match="STRIPE-04"):
            from_stripe(150, "isk")

    def test_in_an_unknown_currency_is_refused(self):
        with pytest.raises(WrongAmount):
            from_stripe(100, "zzz")

    @given(minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(CARRIED))
    def test_is_never_changed_on_the_way(self, minor, currency):
        money = Money(minor, currency)
        try:
            amount = to_stripe(money)
        except NotPayableByStripe:
            assert stripe_exponent(currency) < EXPONENTS[currency] or EXPONENTS[currency] == 3
            return
        assert from_stripe(amount, currency) == money
