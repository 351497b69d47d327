"""UN operational rates: entered by one person, approved by another, never edited."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.chart import ensure_position
from finance.models import ExchangeRate
from gaf.accounts.models import User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.refusals import Refusal


@in_one_piece
def enter_rate(
    *, currency: str, effective_from: date, units_per_usd: Decimal, source: str, actor: User, at: datetime
) -> ExchangeRate:
    """Enter a rate; it counts once a second person has approved it. Raises Refusal RATE-03 when the day has one."""
    rate = ExchangeRate(
        currency=currency,
        effective_from=effective_from,
        units_per_usd=units_per_usd,
        source=source,
        entered_by=actor,
    )
    role = policy.MAY_ENTER_RATE.require(Question(rate, "enter_rate", actor))
    if ExchangeRate.objects.filter(currency=currency, effective_from=effective_from).exists():
        raise Refusal(
            "RATE-03",
            _("The rate was not entered."),
            _("%(currency)s has a rate from this day already.") % {"currency": currency},
            _("A rate is never edited; enter a new one from another day."),
        )
    first_decision(
        subject=rate, act="enter_rate", actor=actor, role=role, at=at, facts={"units_per_usd": str(units_per_usd)}
    )
    rate.save(force_insert=True)
    return rate


def approve_rate(*, rate_id: int, actor: User, at: datetime) -> ExchangeRate:
    """The second person compared the rate with its source; from here on it counts."""
    with acting(ExchangeRate, rate_id, act="approve_rate", actor=actor, at=at) as doing:
        rate: ExchangeRate = doing.subject
        rate.approve_rate(approved_by=actor)
        ensure_position(rate.currency)
        doing.facts = {"units_per_usd": str(rate.units_per_usd)}
    return rate
