"""Reading a published list of UN operational rates: a table as text, strictly, or not at all.

UN operational rates are local currency for one US dollar with an effective date; a month's revision lists every
currency, one in the middle of a month only what changed [S:UNORE-3]. Columns are separated by commas, semicolons,
tabs or bars and are known by their headings; a currency named for several countries must say the same each time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from gaf.money import EXPONENTS
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day

MOST_BYTES = 256 * 1024
MOST_ROWS = 2000
_RATE = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,6})?")
_IN_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_CODE = re.compile(r"[A-Z]{3}")
_DAYS = ("%Y-%m-%d", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y")
_HEADINGS = {
    "currency": ("currency code", "code", "iso", "iso code", "currency abbreviation", "abbreviation", "currency"),
    "day": ("effective date", "effective", "effective from", "date", "in force from"),
    "units": ("operational rate", "un operational rate", "exchange rate", "rate", "units per usd", "rate of exchange"),
}
# A currency whose zeros were struck off is another currency: its old code takes no rate any more.
REDENOMINATED = {
    "VEF": "VES",
    "BYR": "BYN",
    "MRO": "MRU",
    "STD": "STN",
    "SLL": "SLE",
    "ZWL": "ZWG",
    "ANG": "XCG",
    "HRK": "EUR",
}


@dataclass(frozen=True)
class ListedRate:
    """One rate of a list: local units for one US dollar from a day on."""

    currency: str
    day: date
    units: Decimal


class WrongList(Refusal):
    """A list that is not imported, as a whole."""


def _wrong(code: str, why: str, next_step: str) -> WrongList:
    return WrongList(code, _("The list of rates was not imported."), why, next_step)


def sha256_of(content: bytes) -> str:
    """The hash under which the file is kept."""
    return hashlib.sha256(content).hexdigest()


def text_of(content: bytes) -> str:
    """The file as text. Raises WrongList RATE-04 when it is too large or not UTF-8."""
    if len(content) > MOST_BYTES:
        raise _wrong("RATE-04", _("The file is larger than 256 KB."), _("Choose the list itself, as text or CSV."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise _wrong("RATE-04", _("The file is not text in UTF-8."), _("Save the list as CSV in UTF-8."))
    return text


def read_list(content: bytes) -> list[ListedRate]:
    """Every rate of the file, each currency once, in the order of their codes.

    Raises WrongList RATE-04 (not a table), RATE-05 (a line that is no rate), RATE-06 (a code that is no longer a
    currency), RATE-07 (one currency with two values for one day).
    """
    rows = _rows(text_of(content))
    places = _places(rows[0])
    found: dict[tuple[str, date], ListedRate] = {}
    for number, row in enumerate(rows[1:], start=2):
        rate = _rate(number, [row[place].strip() if place < len(row) else "" for place in places])
        before = found.setdefault((rate.currency, rate.day), rate)
        if before.units != rate.units:
            raise _wrong(
                "RATE-07",
                _("%(currency)s stands there twice for %(day)s, with %(one)s and %(other)s.")
                % {"currency": rate.currency, "day": short_day(rate.day), "one": before.units, "other": rate.units},
                _("Ask where it was published which one is right."),
            )
    rates = [rate for rate in found.values() if rate.currency != "USD"]
    if not rates:
        raise _wrong("RATE-04", _("No rate stands in the file."), _("Choose the list itself, as text or CSV."))
    return sorted(rates, key=lambda rate: (rate.currency, rate.day))


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    heading = next((line for line in lines if _knows_columns(line)), None)
    if heading is None or len(lines) > MOST_ROWS:
        raise _wrong(
            "RATE-04",
            _("Columns for currency code, effective date and rate were not found."),
            _("The first line of the table names them."),
        )
    after = lines[lines.index(heading) :]
    try:
        return list(csv.reader(io.StringIO("\n".join(after)), delimiter=_separator(heading), strict=True))
    except csv.Error:
        raise _wrong("RATE-04", _("A quotation mark is not closed."), _("Save the list as CSV once more.")) from None


def _separator(line: str) -> str:
    return max("\t;|,", key=line.count)


def _knows_columns(line: str) -> bool:
    return all(place is not None for place in _found(line.split(_separator(line))))


def _found(headings: list[str]) -> list[int | None]:
    known = [heading.strip().strip('"').lower() for heading in headings]
    found: list[int | None] = []
    for names in _HEADINGS.values():
        found.append(next((known.index(name) for name in names if name in known), None))
    return found


def _places(headings: list[str]) -> list[int]:
    return [place for place in _found(headings) if place is not None]


def _rate(number: int, cells: list[str]) -> ListedRate:
    code, day_text, units_text = cells
    currency = code.upper()
    if not _CODE.fullmatch(currency):
        raise _bad_line(number, _("“%(text)s” is not a currency code") % {"text": code[:12]})
    if currency in REDENOMINATED:
        raise _wrong(
            "RATE-06",
            _("Line %(number)s: %(old)s was replaced by %(new)s, which is another currency.")
            % {"number": number, "old": currency, "new": REDENOMINATED[currency]},
            _("Use the list that names %(new)s; old amounts keep their old rate.") % {"new": REDENOMINATED[currency]},
        )
    if currency not in EXPONENTS:
        raise _bad_line(number, _("%(code)s is not on the list of ISO 4217 currencies") % {"code": currency})
    day = _day(day_text)
    if day is None:
        raise _bad_line(number, _("“%(text)s” is not a day like 2026-11-01 or 1 Nov 2026") % {"text": day_text[:20]})
    plain = units_text.replace(",", "") if _IN_THOUSANDS.fullmatch(units_text) else units_text
    units = Decimal(plain) if _RATE.fullmatch(plain) else Decimal(0)
    if units <= 0 or (currency == "USD" and units != 1):
        raise _bad_line(number, _("“%(text)s” is not a rate") % {"text": units_text[:20]})
    return ListedRate(currency, day, units)


def _bad_line(number: int, why: str) -> WrongList:
    words = _("Line %(number)s: %(why)s.") % {"number": number, "why": why}
    return _wrong("RATE-05", words, _("Nothing of the list was taken. Correct the file where it was published."))


def _day(text: str) -> date | None:
    for shape in _DAYS:
        try:
            return datetime.strptime(text, shape).date()  # a day has no zone
        except ValueError:
            continue
    return None
