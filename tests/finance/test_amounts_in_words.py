"""Amounts written out: each number once, in one way, and never another amount's words."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from finance.amounts_in_words import english, in_words
from gaf.money import Money

SAID = {
    0: "zero",
    7: "seven",
    13: "thirteen",
    20: "twenty",
    21: "twenty-one",
    99: "ninety-nine",
    100: "one hundred",
    101: "one hundred and one",
    342: "three hundred and forty-two",
    1_000: "one thousand",
    1_005: "one thousand and five",
    1_100: "one thousand one hundred",
    38_410: "thirty-eight thousand four hundred and ten",
    100_000: "one hundred thousand",
    875_000: "eight hundred and seventy-five thousand",
    1_000_001: "one million and one",
    2_300_040: "two million three hundred thousand and forty",
    1_000_000_000: "one billion",
}


class TestANumber:
    @pytest.mark.parametrize(("number", "said"), SAID.items())
    def test_is_said_in_english(self, number: int, said: str) -> None:
        assert english(number) == said

    @given(st.integers(0, 10**18 - 1))
    def test_is_read_back_from_its_words(self, number: int) -> None:
        assert read_back(english(number)) == number

    @pytest.mark.parametrize("number", [-1, 10**18])
    def test_beyond_what_there_are_words_for_is_refused(self, number: int) -> None:
        with pytest.raises(ValueError, match="no words"):
            english(number)


def read_back(words: str) -> int:
    """The number that words say, by a reading that knows nothing of how they were made."""
    scales = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15}
    small = {english(number): number for number in range(100)}
    total = here = 0
    for word in words.replace(" and ", " ").split():
        if word == "hundred":
            here *= 100
        elif word in scales:
            total, here = total + here * scales[word], 0
        else:
            here += small[word]
    return total + here


class TestAnAmount:
    @pytest.mark.parametrize(
        ("money", "said"),
        [
            (Money(3_841_020, "USD"), "USD thirty-eight thousand four hundred and ten and 20/100"),
            (Money(3_841_000, "USD"), "USD thirty-eight thousand four hundred and ten"),
            (Money(5, "USD"), "USD zero and 05/100"),
            (Money(875_000, "XOF"), "XOF eight hundred and seventy-five thousand"),
            (Money(306_125, "KWD"), "KWD three hundred and six and 125/1000"),
        ],
    )
    def test_keeps_its_code_and_says_the_rest_as_a_fraction(self, money: Money, said: str) -> None:
        assert in_words(money) == said

    def test_has_no_words_in_a_language_that_is_not_written_yet(self) -> None:
        with translation.override("fr"):
            assert in_words(Money(100, "USD")) == ""

    def test_below_nothing_has_none(self) -> None:
        assert in_words(Money(-100, "USD")) == ""
