"""What must be true of months and agreements: closed is closed, late is named, unrealised goes back, paper is paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from finance import postings
from finance.actions.agreements import facts_of
from finance.books_registry import Broken, Reading, check
from finance.models import AccountingPeriod, Agreement, Journal, JournalLine
from finance.periods import month_of
from finance.states import AgreementState, PeriodState


@check(
    "PERIODS",
    "nothing was dated into a month after it was closed, and what came late names the month it missed",
    part_of="I15",
)
def closed_is_closed(reading: Reading) -> Iterator[Broken]:
    """By the decisions that closed each month, and the moments of the journals dated into it."""
    closed = {}
    for period in AccountingPeriod.objects.all():
        decision = reading.last(period.decision_subject(), "close_period")
        if reading.state_of(period.decision_subject()) == PeriodState.CLOSED and decision is not None:
            closed[period.month] = decision.at
    for journal in Journal.objects.exclude(dated_on=None).order_by("number"):
        month = month_of(journal.dated_on or date.min)
        if month in closed and journal.at > closed[month]:
            yield Broken(f"journal {journal.number}", f"is dated into {month:%Y-%m}, which was closed before")
        if journal.late_for is not None and journal.late_for >= month:
            yield Broken(f"journal {journal.number}", "names a month it did not miss")


@check("REVALUED", "every unrealised difference was taken back on the first of the next month", part_of="I2")
def unrealised_goes_back(reading: Reading) -> Iterator[Broken]:
    """Each revaluation has one journal that undoes it, line by line."""
    codes = (postings.UNREALISED, postings.REVALUATION)
    found: dict[str, dict[tuple[str, str], int]] = {}
    rows = JournalLine.objects.filter(account__code__in=codes).values_list(
        "journal__key", "account__code", "line_key", "minor"
    )
    for key, code, line_key, minor in rows:
        sums = found.setdefault(key, {})
        sums[(code, line_key)] = sums.get((code, line_key), 0) + minor
    for key in sorted(key for key in found if not key.startswith("UN")):
        back = {place: -minor for place, minor in found.get(f"UN{key}", {}).items()}
        if back != found[key]:
            yield Broken(f"revaluation {key}", "was not taken back as it was booked")


@check("AGREEMENTS", "every agreement is what two people recorded and confirmed", part_of="I15")
def agreements_hold(reading: Reading) -> Iterator[Broken]:
    """Row and decisions say the same; recorded by one person, confirmed by another."""
    for agreement in Agreement.objects.select_related("stream").order_by("key"):
        recorded = reading.last(agreement.key, "record_agreement")
        if recorded is None or recorded.facts != facts_of(agreement):
            yield Broken(f"agreement {agreement.key}", "is not the one that was recorded")
        confirmed = reading.last(agreement.key, "confirm_agreement")
        if reading.state_of(agreement.key) == AgreementState.IN_FORCE and (
            confirmed is None or recorded is None or confirmed.actor_id == recorded.actor_id
        ):
            yield Broken(f"agreement {agreement.key}", "was not confirmed by a second person")
