"""Into which month a journal goes: its own day while that month is open, else the next open one, naming the old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _

from finance.models import AccountingPeriod, PeriodException
from finance.states import ExceptionState, PeriodState
from gaf.accounts.models import User
from gaf.refusals import Refusal


@dataclass(frozen=True)
class Booking:
    """The day a journal is dated, the closed month it came too late for, and the exception it was let in by."""

    dated_on: date
    late_for: date | None = None
    exception_id: int | None = None


class PeriodClosed(Refusal):
    """The month takes no more journals (PERIOD-01)."""


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_after(day: date) -> date:
    """The first day of the month after a day's own."""
    return (month_of(day) + timedelta(days=31)).replace(day=1)


def last_day_of(month: date) -> date:
    """The last day of a month."""
    return month_after(month) - timedelta(days=1)


def day_of(at: datetime) -> date:
    """The booking day of a moment; money days are UTC days."""
    return at.astimezone(UTC).date()


def any_shut_since(day: date) -> Exists:
    """Whether the month of a day, or one after it, takes no more journals of everybody; for a query that asks more."""
    return Exists(_shut_since(month_of(day)))


def _shut_since(month: date) -> QuerySet[AccountingPeriod]:
    return AccountingPeriod.objects.filter(month__gte=month).exclude(state=PeriodState.OPEN)


def booking_for(day: date, *, at: datetime, actor: User | None, strictly: bool = False) -> Booking:
    """Where something that belongs to `day` is booked now.

    Raises PeriodClosed (PERIOD-01) when `strictly` that day is wanted and its month takes no journal of this person.
    """
    month = month_of(day)
    shut = {period.month: period for period in _shut_since(month)}
    if month not in shut:
        return Booking(day)
    exception = _exception(shut[month], actor, at)
    if exception is not None:
        return Booking(day, exception_id=exception.pk)
    if strictly:
        raise PeriodClosed(
            "PERIOD-01",
            _("Nothing was booked."),
            _("%(month)s is closed.") % {"month": f"{month:%Y-%m}"},
            _("Book it in the open month, or ask for an exception while the month is not closed for good."),
        )
    return Booking(_first_open(month, set(shut), day_of(at)), late_for=month)


def _first_open(month: date, shut: set[date], today: date) -> date:
    """Today if its month is the next open one; else the first day of that month."""
    while month in shut:
        month = month_after(month)
    return today if month_of(today) == month else month


def _exception(period: AccountingPeriod, actor: User | None, at: datetime) -> PeriodException | None:
    if actor is None or period.state != PeriodState.SOFT_CLOSED:
        return None
    rows = period.exceptions.filter(person=actor, state=ExceptionState.APPROVED, until__gte=at)
    return rows.order_by("-until").first()
