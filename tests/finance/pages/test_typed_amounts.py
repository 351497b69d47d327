"""Amounts as people type them."""

from __future__ import annotations

import pytest

from gaf.amounts import read_amount
from gaf.money import Money, WrongAmount


class TestAnAmount:
    @pytest.mark.parametrize(
        ("text", "currency", "minor"),
        [
            ("1250", "USD", 125_000),
            ("1250.5", "USD", 125_050),
            ("1,250.00", "USD", 125_000),
            ("1 250,00", "USD", 125_000),
            ("1\u202f250,00", "USD", 125_000),
            ("1\u00a0250,00", "USD", 125_000),
            ("1.250,00", "USD", 125_000),
            ("1'250.50", "CHF", 125_050),
            ("1,250,000", "XOF", 1_250_000),
            ("1.250.000,50", "EUR", 125_000_050),
            ("1,250", "USD", 125_000),
            ("1,25", "USD", 125),
            ("0.500", "USD", 50),
            ("1.250", "KWD", 1250),
            ("1,250.000", "KWD", 1_250_000),
            ("١٢٥٠٫٥٠", "USD", 125_050),
            ("١٬٢٥٠", "USD", 125_000),
            ("\u200f1250 ", "USD", 125_000),
            ("0", "USD", 0),
        ],
    )
    def test_is_read_as_it_was_meant(self, text: str, currency: str, minor: int) -> None:
        assert read_amount(text, currency) == Money(minor, currency)

    @pytest.mark.parametrize(
        ("text", "currency", "code"),
        [
            ("", "USD", "MONEY-04"),
            ("   ", "USD", "MONEY-04"),
            ("-5", "USD", "MONEY-06"),
            ("−5", "USD", "MONEY-06"),
            ("NaN", "USD", "MONEY-02"),
            ("Infinity", "USD", "MONEY-02"),
            ("1e3", "USD", "MONEY-02"),
            ("12 50", "USD", "MONEY-02"),
            ("1,25,000", "USD", "MONEY-02"),
            ("1.2.3", "USD", "MONEY-02"),
            (".5", "USD", "MONEY-02"),
            ("²", "USD", "MONEY-02"),
            ("9" * 16, "USD", "MONEY-02"),
            ("9" * 41, "USD", "MONEY-02"),
            ("12.345", "USD", "MONEY-05"),
            ("1.250", "XOF", "MONEY-05"),
            ("1,250", "KWD", "MONEY-05"),
            ("1250.555", "USD", "MONEY-03"),
            ("12.5", "XOF", "MONEY-03"),
            ("5", "XXX", "MONEY-01"),
        ],
    )
    def test_that_cannot_be_money_is_refused_by_its_rule(self, text: str, currency: str, code: str) -> None:
        with pytest.raises(WrongAmount) as refused:
            read_amount(text, currency)
        assert refused.value.code == code

    def test_that_can_be_read_in_two_ways_is_given_back_with_both(self) -> None:
        with pytest.raises(WrongAmount) as refused:
            read_amount("1,250", "KWD")
        assert refused.value.next_step == "Write 1250 or 1.250."
