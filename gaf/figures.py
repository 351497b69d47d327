"""Digits and colons as the reader's language sets them: the one table of separators, below money and below pages."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language

NARROW = "\u202f"  # the narrow space that does not break
_SEPARATORS = {"en": (",", "."), "fr": (NARROW, ","), "es": (NARROW, ",")}


def reading_language() -> str:
    """The reader's language among the three we write; English for any other."""
    code = (get_language() or "en")[:2]
    return code if code in _SEPARATORS else "en"


def grouped(value: Decimal) -> str:
    """Digits with the language's separators; the sign is the caller's."""
    thousands, point = _SEPARATORS[reading_language()]
    whole, _dot, fraction = f"{abs(value):,f}".partition(".")
    return whole.replace(",", thousands) + (point + fraction if fraction else "")


def colon() -> str:
    """What stands between a name and what is said of it: in French a space that does not break comes before it."""
    return "\u00a0:" if reading_language() == "fr" else ":"
