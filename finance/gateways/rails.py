"""Which rail is configured: the one place where settings meet a gateway."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from finance.gateways.bank_file.rail import BankFileRail
from finance.states import Rail
from gaf.refusals import Refusal

if TYPE_CHECKING:
    from finance.gateways.port import PaymentRail
    from finance.gateways.stripe_connect import StripeRail
    from finance.gateways.stripe_global import GlobalPayoutsRail

_TAKES_FILES = frozenset({Rail.BANK_FILE})


def rail_for(kind: str) -> PaymentRail:
    """The rail of one of the fund's accounts, by its kind. Raises Refusal RAIL-01 when it is not configured."""
    if kind == Rail.BANK_FILE:
        return BankFileRail(settings.GAF_BANK_FOLDER)
    return stripe_rail()


def goes_by_file(kind: str) -> bool:
    """Whether a rail carries signed files only; on the others each disbursement is sent as soon as it is released."""
    return kind in _TAKES_FILES


def stripe_rail() -> StripeRail | GlobalPayoutsRail:
    """The Stripe rail with the keys of this installation. Raises Refusal RAIL-01 when none is configured."""
    if not settings.STRIPE_API_KEY:
        raise Refusal(
            "RAIL-01",
            _("Nothing was sent."),
            _("Stripe is not configured here."),
            _("Set STRIPE_API_KEY, or pay by bank file."),
        )
    return _rail(
        settings.STRIPE_API_KEY,
        settings.STRIPE_API_BASE or None,
        settings.STRIPE_FINANCIAL_ACCOUNT,
        settings.STRIPE_CALLS_PER_SECOND,
    )


@cache
def _rail(key: str, base: str | None, financial_account: str, calls_per_second: int) -> StripeRail | GlobalPayoutsRail:
    """One rail, and so one set of connections and one bucket of calls, for each key and address: Connect, or Global
    Payouts where the fund's financial account is named."""
    from finance.gateways.stripe_connect import StripeRail
    from finance.gateways.stripe_global import GlobalPayoutsRail

    if financial_account:
        return GlobalPayoutsRail(key, base, financial_account=financial_account, calls_per_second=calls_per_second)
    return StripeRail(key, base, calls_per_second=calls_per_second)
