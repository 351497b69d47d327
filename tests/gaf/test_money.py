"""Money: whole minor units and a currency, half-up, never two currencies in one sum."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gaf.money import EXPONENTS, Money, WrongAmount, total


class TestReading:
    @pytest.mark.parametrize(
        ("text", "currency", "minor"),
        [
            ("904000", "XOF", 904_000),
            ("171.385", "KWD", 171_385),
            ("12.5", "USD", 1250),
            ("1.500", "USD", 150),
            ("-3", "EUR", -300),
        ],
    )
    def test_takes_the_decimals_the_currency_has(self, text, currency, minor):
        assert Money.of(text, currency) == Money(minor, currency)

    @pytest.mark.parametrize(
        ("text", "currency", "code"),
        [
            ("1.5", "XOF", "MONEY-03"),
            ("0.001", "USD", "MONEY-03"),
            ("NaN", "USD", "MONEY-02"),
            ("1e3", "USD", "MONEY-02"),
            ("12,50", "USD", "MONEY-02"),
            ("１２", "USD", "MONEY-02"),
            ("12\n", "USD", "MONEY-02"),
            ("", "USD", "MONEY-02"),
            ("1", "XXX", "MONEY-01"),
        ],
    )
    def test_refuses_everything_else_with_its_code(self, text, currency, code):
        with pytest.raises(WrongAmount) as refused:
            Money.of(text, currency)

        assert refused.value.code == code


class TestReckoning:
    @pytest.mark.parametrize(
        ("local", "rate", "usd"),
        [
            (Money(904_000, "XOF"), "572", "1580.42"),
            (Money(171_385, "KWD"), "0.3085", "555.54"),
            (Money(171_385, "KWD"), "0.3060", "560.08"),
            (Money(15_000_000, "IDR"), "16480", "9.10"),
        ],
    )
    def test_converts_at_the_un_rate_and_rounds_half_up(self, local, rate, usd):
        assert local.in_usd(Decimal(rate)) == Money.of(usd, "USD")

    def test_rounds_half_up_and_not_to_even(self):
        assert Money(1, "USD").times(Decimal("2.5")) == Money(3, "USD")

    def test_never_puts_two_currencies_in_one_sum(self):
        with pytest.raises(ValueError, match="one sum"):
            Money(1, "USD") + Money(1, "EUR")

    def test_is_never_made_of_a_float(self):
        with pytest.raises(TypeError):
            Money(1.0, "USD")  # type: ignore[arg-type]

    @given(some.integers(0, 10**12), some.integers(1, 60), some.sampled_from(sorted(EXPONENTS)))
    def test_a_share_and_its_rest_are_the_whole(self, minor, parts, currency):
        whole = Money(minor, currency)

        assert whole.share(1, parts) + (whole - whole.share(1, parts)) == whole

    @given(some.lists(some.integers(-(10**9), 10**9)), some.sampled_from(sorted(EXPONENTS)))
    def test_reads_back_what_it_writes(self, minors, currency):
        amounts = [Money(minor, currency) for minor in minors]

        assert [Money.of(amount.decimal, currency) for amount in amounts] == amounts
        assert total(amounts, currency).minor == sum(minors)
