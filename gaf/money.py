"""Money is a whole number of minor units and a currency; never a float, never two currencies in one sum.

ISO 4217 exponents live here. A provider's own idea of decimals (Stripe's differs) lives in that provider's gateway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from gaf.figures import NARROW, grouped, reading_language
from gaf.refusals import Refusal

# ISO 4217, maintained by SIX; the currencies that do not have two decimals.
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)
EXPONENTS: dict[str, int] = {
    code: exponent for codes, exponent in ((_ZERO, 0), (_TWO, 2), (_THREE, 3)) for code in codes.split()
}

_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


class WrongAmount(Refusal):
    """An amount that cannot be money in this currency: not a number, too many decimals, unknown currency."""


def exponent(currency: str) -> int:
    """How many decimals the currency has under ISO 4217. Raises WrongAmount (MONEY-01) for an unknown currency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise WrongAmount(
            "MONEY-01",
            _("The currency “%(currency)s” was not accepted.") % {"currency": currency[:8]},
            _("It is not on the list of ISO 4217 currencies."),
            _("Choose a currency from the list."),
        ) from None


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (cents, francs, fils) of an ISO 4217 `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError(f"minor units are a whole number, not {self.minor!r}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def of(cls, text: str | Decimal | int, currency: str) -> Money:
        """Read "12.50" strictly: plain digits, one point, no more decimals than the currency has (trailing zeros
        pass)."""
        places = exponent(currency)
        plain = format(text, "f") if isinstance(text, Decimal) and text.is_finite() else str(text)
        if not _PLAIN.fullmatch(plain):
            raise WrongAmount(
                "MONEY-02",
                _("The amount was not accepted."),
                _("It is not a plain number."),
                _("Write it like 1250.50."),
            )
        scaled = Decimal(plain).scaleb(places)
        if scaled != scaled.to_integral_value():
            raise WrongAmount(
                "MONEY-03",
                _("The amount was not accepted."),
                _("%(currency)s has %(places)s decimals, and more were written.")
                % {"currency": currency, "places": places},
                _("Round the amount to %(places)s decimals.") % {"places": places},
            )
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def times(self, quantity: Decimal | int) -> Money:
        """Unit cost times quantity, rounded half-up to the minor unit."""
        return Money(_whole(Decimal(self.minor) * Decimal(quantity)), self.currency)

    def share(self, part: Decimal | int, whole: Decimal | int) -> Money:
        """`part` out of `whole` of this amount, rounded half-up; the rest is what remains, so the two always add up."""
        return Money(_whole(Decimal(self.minor) * Decimal(part) / Decimal(whole)), self.currency)

    def converted(self, currency: str, *, units_per_usd_from: Decimal, units_per_usd_to: Decimal) -> Money:
        """The same worth in another currency at two UN operational rates (units per one US dollar), half-up."""
        if currency == self.currency:
            return self
        value = self.decimal * units_per_usd_to / units_per_usd_from
        return Money(_whole(value.scaleb(exponent(currency))), currency)

    def in_usd(self, units_per_usd: Decimal) -> Money:
        """The amount in US dollars at a UN operational rate: local divided by rate, half-up."""
        return self.converted("USD", units_per_usd_from=units_per_usd, units_per_usd_to=Decimal(1))

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError("money adds to money only")
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be put in one sum")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """In a sentence, as the reader's language writes it: “USD 12,500.50”, “12 500,50 USD”."""
        digits = ("-" if self.minor < 0 else "") + grouped(self.decimal)
        return f"{self.currency} {digits}" if reading_language() == "en" else f"{digits}{NARROW}{self.currency}"


def total(amounts: list[Money], currency: str) -> Money:
    """The sum of amounts of one currency; zero when there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
