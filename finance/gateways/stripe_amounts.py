"""Stripe counts money in its own units, which are not ISO 4217's: both directions, and nothing rounded on the way.

Sources: Stripe's pages on currencies (zero-decimal and three-decimal lists, special cases for ISK, UGX, HUF, TWD).
The UGX rule is the least certain; ask Stripe's sandbox before the first payment in it.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.money import Money, exponent
from gaf.refusals import Refusal

# fmt: off
_ZERO_DECIMAL = frozenset((
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
))
# fmt: on
_THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))

# Amounts, in Stripe's units, must be a multiple of this.
_STEP = {**dict.fromkeys(_THREE_DECIMAL, 10), "ISK": 100, "UGX": 100}
# The same, for payouts to a bank only.
_PAYOUT_STEP = {"HUF": 100, "TWD": 100}


class NotPayableByStripe(Refusal):
    """An amount that Stripe cannot carry exactly: its decimals differ, or its step does."""


def stripe_exponent(currency: str) -> int:
    """How many decimals Stripe's amounts have in this currency. Raises NotPayableByStripe (STRIPE-01)."""
    if currency in _ZERO_DECIMAL:
        return 0
    if currency in _THREE_DECIMAL:
        return 3
    if exponent(currency) == 2 or currency in ("ISK", "UGX"):
        return 2
    raise NotPayableByStripe(
        "STRIPE-01",
        _("The amount in %(currency)s cannot be sent through Stripe.") % {"currency": currency},
        _("Stripe does not say how it counts this currency."),
        _("Pay it by bank file."),
    )


def step(currency: str, *, payout: bool) -> int:
    """The smallest amount Stripe moves in this currency, in Stripe's units; it may be coarser for payouts."""
    return max(_STEP.get(currency, 1), _PAYOUT_STEP.get(currency, 1) if payout else 1)


def to_stripe(money: Money, *, payout: bool = False) -> int:
    """The amount as Stripe counts it. Raises NotPayableByStripe (STRIPE-02, STRIPE-03) rather than round."""
    shift = stripe_exponent(money.currency) - exponent(money.currency)
    factor: int = 10 ** abs(shift)
    amount, rest = divmod(money.minor, factor) if shift < 0 else (money.minor * factor, 0)
    if rest:
        raise NotPayableByStripe(
            "STRIPE-02",
            _("%(money)s cannot be sent through Stripe.") % {"money": money},
            _("Stripe carries whole units of %(currency)s only.") % {"currency": money.currency},
            _("Change the amount to whole units, or pay it by bank file."),
        )
    smallest = step(money.currency, payout=payout)
    if amount % smallest:
        raise NotPayableByStripe(
            "STRIPE-03",
            _("%(money)s cannot be sent through Stripe.") % {"money": money},
            _("Stripe moves %(currency)s in steps that this amount does not fit.") % {"currency": money.currency},
            _("Round the amount, or pay it by bank file."),
        )
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """Stripe's amount as money. Raises NotPayableByStripe (STRIPE-04) when ISO 4217 has no such fraction."""
    code = currency.upper()
    shift = exponent(code) - stripe_exponent(code)
    if shift >= 0:
        return Money(amount * 10**shift, code)
    minor, rest = divmod(amount, 10**-shift)
    if rest:
        raise NotPayableByStripe(
            "STRIPE-04",
            _("An amount in %(currency)s reported by Stripe was not taken over.") % {"currency": code},
            _("It has a fraction that this currency does not have."),
            _("Compare it with Stripe's own report and post the difference by hand."),
        )
    return Money(minor, code)
