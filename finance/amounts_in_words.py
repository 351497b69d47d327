"""Amounts written out, for a second look at what leaves: “USD thirty-eight thousand four hundred and ten and 20/100”.

A slipped digit is easily read over in figures and not in words. The currency keeps its code, the part below one is a
fraction, so that no currency's own words are needed. A language that has no words here gets none: the page then shows
figures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import get_language, pgettext

from gaf.money import Money, exponent

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_ROUND = "none ten twenty thirty forty fifty sixty seventy eighty ninety"
_ONES, _TENS = tuple(_SMALL.split(" ")), tuple(_ROUND.split(" "))
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_MOST = 1000 ** len(_SCALES)


def english(number: int) -> str:
    """A whole number from zero up in English: “one thousand and five”. Raises ValueError beyond what it can say."""
    if not 0 <= number < _MOST:
        raise ValueError(f"no words for {number}")
    if number < 1000:
        return _below_a_thousand(number)
    parts = []
    rest = number
    for scale in reversed(range(1, len(_SCALES))):
        count, rest = divmod(rest, 1000**scale)
        if count:
            parts.append(f"{_below_a_thousand(count)} {_SCALES[scale]}")
    if rest:
        parts.append(f"and {_below_a_thousand(rest)}" if rest < 100 else _below_a_thousand(rest))
    return " ".join(parts)


def _below_a_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_a_hundred(rest)
    said = f"{_ONES[hundreds]} hundred"
    return f"{said} and {_below_a_hundred(rest)}" if rest else said


def _below_a_hundred(number: int) -> str:
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{_ONES[ones]}" if ones else _TENS[tens]


_LANGUAGES: dict[str, Callable[[int], str]] = {"en": english}


def in_words(money: Money) -> str:
    """An amount in the reader's language; empty where that language has no words here, or for less than nothing."""
    say = _LANGUAGES.get((get_language() or "en")[:2])
    if say is None or money.minor < 0:
        return ""
    places = exponent(money.currency)
    whole, part = divmod(money.minor, 10**places)
    told = {"currency": money.currency, "number": say(whole)}
    if not part:
        return pgettext("an amount in words", "%(currency)s %(number)s") % told
    return pgettext("an amount in words", "%(currency)s %(number)s and %(part)s/%(whole)s") % {
        **told,
        "part": f"{part:0{places}d}",
        "whole": 10**places,
    }


def with_words(amounts: Iterable[Money]) -> list[tuple[Money, str]]:
    """Each amount beside its words, for a page."""
    return [(money, in_words(money)) for money in amounts]
