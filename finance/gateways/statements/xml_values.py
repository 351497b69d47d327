"""Turns the text of a statement into values, and refuses whatever is not exactly what the standard allows."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements.reading import Amount

LONGEST_REFERENCE: Final = 140
LONGEST_NAME: Final = 350
LONGEST_REMITTANCE: Final = 4000

_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,5})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"[0-9]{1,11}(\.[0-9]{1,10})?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:.]{1,20})?(Z|[+-][0-9]{2}:[0-9]{2})?")


def local(element: _Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(parent: _Element | None, name: str) -> list[_Element]:
    """The children of this name that are in the parent's own namespace."""
    if parent is None:
        return []
    tag = str(parent.tag)
    return list(parent.iterchildren(f"{tag[: tag.find('}') + 1]}{name}"))


def child(parent: _Element | None, *names: str) -> _Element | None:
    """The element at the end of a path of names, or None. Raises StatementRefused STMT-23 where one is given twice."""
    found = parent
    for name in names:
        several = children(found, name)
        if len(several) > 1:
            raise refuse_statement("STMT-23", _("“%(name)s” is given more than once in one place.") % {"name": name})
        found = several[0] if several else None
    return found


def text(parent: _Element | None, *names: str, longest: int = LONGEST_REFERENCE) -> str:
    """The text at the end of a path of names, white space made single; empty where there is none.

    Raises StatementRefused: STMT-22 longer than a reference can be, STMT-24 elements where only text belongs.
    """
    element = child(parent, *names)
    if element is None:
        return ""
    if len(element):
        raise refuse_statement("STMT-24", _("“%(name)s” holds more than text.") % {"name": local(element)})
    return _short(" ".join((element.text or "").split()), local(element), longest)


def _short(value: str, name: str, longest: int) -> str:
    if len(value) > longest:
        raise refuse_statement(
            "STMT-22", _("“%(name)s” has more than %(longest)s characters.") % {"name": name, "longest": longest}
        )
    return value


def joined_text(elements: list[_Element], name: str) -> str:
    """The texts of several elements in one, with a space between; up to 4,000 characters (STMT-22)."""
    return _short(" ".join(" ".join((element.text or "").split()) for element in elements), name, LONGEST_REMITTANCE)


def amount(parent: _Element, *names: str) -> Amount | None:
    """The amount at the end of a path of names, without sign; None where there is none.

    Raises StatementRefused: STMT-11 not a plain number, STMT-13 no currency.
    """
    element = child(parent, *names)
    if element is None:
        return None
    written = text(element.getparent(), local(element))
    currency = element.get("Ccy", "")
    if not _CURRENCY.fullmatch(currency):
        raise refuse_statement(
            "STMT-13",
            _("Line %(line)s: the amount “%(amount)s” has no known currency.")
            % {"line": element.sourceline, "amount": written[:30]},
        )
    if not _AMOUNT.fullmatch(written):
        raise refuse_statement(
            "STMT-11",
            _("Line %(line)s: “%(amount)s” is not an amount: digits and one point only.")
            % {"line": element.sourceline, "amount": written[:30]},
        )
    return Amount(Decimal(written), currency)


def rate(parent: _Element | None, *names: str) -> Decimal | None:
    """The exchange rate at the end of a path of names. Raises StatementRefused STMT-11 where it is not above zero."""
    written = text(parent, *names)
    if not written:
        return None
    if not _RATE.fullmatch(written) or Decimal(written) == 0:
        raise refuse_statement("STMT-11", _("“%(rate)s” is not an exchange rate.") % {"rate": written[:30]})
    return Decimal(written)


def day(parent: _Element | None, *names: str) -> date | None:
    """The day at the end of a path of names (a time of day is left out). Raises StatementRefused STMT-18."""
    written = text(parent, *names)
    if not written:
        return None
    matched = _DAY.fullmatch(written)
    try:
        if matched is None:
            raise ValueError(written)
        return date.fromisoformat(matched[1])
    except ValueError:
        raise refuse_statement("STMT-18", _("“%(day)s” is not a date.") % {"day": written[:30]}) from None


def day_choice(parent: _Element | None, name: str) -> date | None:
    """A day that the standard lets a bank write as a date or as a date with time."""
    return day(parent, name, "Dt") or day(parent, name, "DtTm")


def sign(parent: _Element) -> int | None:
    """Plus one for a credit, minus one for a debit, None where nothing is said. Raises StatementRefused STMT-19."""
    written = text(parent, "CdtDbtInd")
    if not written:
        return None
    if written not in {"CRDT", "DBIT"}:
        raise refuse_statement("STMT-19", _("“%(word)s” is neither credit nor debit.") % {"word": written[:30]})
    return 1 if written == "CRDT" else -1
