"""The fund's own windows, caps and bands for matching: rows in force from a date on, in the account's currency."""

from __future__ import annotations

from finance.matching.shapes import FeeCap, Terms
from finance.models import BankAccount
from finance.queries import usd_rate
from gaf import clock
from gaf.decisions.models import Threshold
from gaf.money import Money

DEFAULTS = {
    "match_by_itself_limit": 0,  # nothing is matched without a person
    "match_account_limit": 500_000,
    "match_fee_cap": 5_000,
    "match_fee_cap_by_itself": 0,
    "match_exchange_band_bp": 300,
    "match_exchange_band_by_itself_bp": 50,
    "match_days_after": 10,
}


def settings_in_force() -> dict[str, int]:
    """Every setting of matching today; where the fund has set none, the careful default."""
    rows = Threshold.objects.filter(code__in=DEFAULTS, effective_from__lte=clock.today()).order_by("effective_from")
    return {**DEFAULTS, **dict(rows.values_list("code", "value"))}


def terms_of(account: BankAccount) -> Terms:
    """The terms of one account, amounts turned into its currency at the rate of today."""
    settings = settings_in_force()

    def local(code: str) -> int:
        usd = Money(settings[code], "USD")
        if account.currency == "USD" or not usd:
            return usd.minor
        rates = usd_rate("USD", clock.today()).units_per_usd, usd_rate(account.currency, clock.today()).units_per_usd
        return usd.converted(account.currency, units_per_usd_from=rates[0], units_per_usd_to=rates[1]).minor

    return Terms(
        days_after=settings["match_days_after"],
        limit=local("match_by_itself_limit"),
        account_limit=local("match_account_limit"),
        fee_caps={"": FeeCap(local("match_fee_cap_by_itself"), local("match_fee_cap"))},
        exchange_automatic=settings["match_exchange_band_by_itself_bp"],
        exchange_most=settings["match_exchange_band_bp"],
    )
