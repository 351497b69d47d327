"""Reads an amount as people write it in three languages, and says so when it could mean two things.

`Money.of` reads what machines write. This reads “1,250.00”, “1 250,00”, “1.250,00” and Arabic-Indic digits. A comma
before exactly three digits counts thousands (1,250 is one thousand two hundred and fifty), except in a currency with
three decimals, where nobody can know.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from gaf.money import Money, WrongAmount, exponent

_LONGEST = 40
_INVISIBLE = re.compile(r"[\u2066-\u2069\u200e\u200f]")
_GAPS = re.compile(r"[\s'’]+")
_MINUS = "-\u2212\u2013"
_OTHER_SIGNS = str.maketrans({"٫": ",", "٬": "'", "，": ",", "．": "."})
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_WITH_GAPS = re.compile(r"([0-9]{1,3}(?:'[0-9]{3})+)(?:[.,]([0-9]+))?")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _refuse(code: str, why: str, next_step: str) -> WrongAmount:
    return WrongAmount(code, _("The amount was not accepted."), why, next_step)


def read_amount(text: str, currency: str) -> Money:
    """The amount a person typed, in this currency; nought is an amount, less than nought is not.

    Raises WrongAmount: MONEY-01 unknown currency, MONEY-02 not a number, MONEY-03 too many decimals, MONEY-04 nothing
    written, MONEY-05 it can be read in two ways, MONEY-06 below nought.
    """
    places = exponent(currency)
    if len(text) > _LONGEST:
        raise _refuse("MONEY-02", _("It is not a number."), _("Write it like 1250.50."))
    compact = _GAPS.sub("'", _INVISIBLE.sub("", _plain_digits(text)).strip())
    if not compact:
        raise _refuse("MONEY-04", _("No amount was written."), _("Write it like 1250.50."))
    if compact[0] in _MINUS:
        raise _refuse("MONEY-06", _("It is below nought."), _("Write an amount without a minus sign."))
    return Money.of(_machine_form(compact, places), currency)


def _plain_digits(text: str) -> str:
    """The same text with the digits 0 to 9, whichever digits were typed."""
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.translate(_OTHER_SIGNS)
    )


def _machine_form(compact: str, places: int) -> str:
    """Plain digits with at most one point. What is no number in any reading comes back as it is, to be refused."""
    if "'" in compact:
        spaced = _WITH_GAPS.fullmatch(compact)
        return f"{spaced[1].replace(chr(39), '')}.{spaced[2] or '0'}" if spaced else "?"
    last = max(compact.rfind("."), compact.rfind(","))
    if last < 0:
        return compact
    point = compact[last]
    other = "," if point == "." else "."
    if other in compact:
        whole, decimals = compact[:last], compact[last + 1 :]
        grouped = _GROUPED.fullmatch(whole)
        return f"{whole.replace(other, '')}.{decimals}" if grouped and grouped[1] == other else "?"
    if compact.count(point) > 1:
        return compact.replace(point, "") if _GROUPED.fullmatch(compact) else "?"
    if _GROUPED.fullmatch(compact):
        return _three_digits_after(compact, point, places)
    plain = compact.replace(",", ".")
    return plain if _PLAIN.fullmatch(plain) else "?"


def _three_digits_after(compact: str, point: str, places: int) -> str:
    """One sign and three digits behind it: thousands after a comma, decimals after a point, if only one is meant."""
    if point == "," and places != 3:
        return compact.replace(",", "")
    if point == "." and places == 3:
        return compact
    whole, decimals = compact.split(point)
    raise _refuse(
        "MONEY-05",
        _("“%(text)s” can be read in two ways.") % {"text": compact},
        _("Write %(thousands)s or %(decimals)s.") % {"thousands": whole + decimals, "decimals": f"{whole}.{decimals}"}
        if places == 3
        else _("Write %(thousands)s if thousands are meant.") % {"thousands": whole + decimals},
    )
