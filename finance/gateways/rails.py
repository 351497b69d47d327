"""Which rail is configured: the one place where settings meet a gateway."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from gaf.refusals import Refusal

if TYPE_CHECKING:
    from finance.gateways.stripe_connect import StripeRail


def stripe_rail() -> StripeRail:
    """The Stripe rail with the keys of this installation. Raises Refusal RAIL-01 when none is configured."""
    if not settings.STRIPE_API_KEY:
        raise Refusal(
            "RAIL-01",
            _("Nothing was sent."),
            _("Stripe is not configured here."),
            _("Set STRIPE_API_KEY, or pay by bank file."),
        )
    return _rail(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE or None)


@cache
def _rail(key: str, base: str | None) -> StripeRail:
    """One rail, and so one set of connections, for each key and address."""
    from finance.gateways.stripe_connect import StripeRail

    return StripeRail(key, base)
