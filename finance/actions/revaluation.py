"""Month end: what the fund holds in other currencies, at the rate of the last day, and back again on the next first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from finance import policy, postings
from finance.ledger import Entry, credit, debit, post
from finance.models import Journal, JournalLine, LedgerAccount
from finance.periods import day_of, last_day_of, month_after, month_of
from finance.queries import usd_rate
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Refusal


@dataclass(frozen=True)
class Position:
    """What is held in one currency at a day's end, and what it is worth: by the books, and at that day's rate."""

    held: Money
    booked: Money
    worth: Money

    @property
    def difference(self) -> Money:
        """The unrealised gain; a loss is negative."""
        return self.worth - self.booked


class _Month:
    """A month's revaluation as separation of duties sees it: a record of its own."""

    def __init__(self, month: date) -> None:
        self.month = month

    def decision_reference(self) -> str:
        """`REVALUE-2026-11`."""
        return f"REVALUE-{self.month:%Y-%m}"

    def mission_ids(self) -> set[int]:
        """No mission: headquarters revalues."""
        return set()


def positions(day: date) -> list[Position]:
    """Every foreign position at the end of a day: bank accounts, what is in transit, suspense, together.

    Raises NoRate (RATE-01) when a currency has no approved rate for that day.
    """
    found = []
    codes = LedgerAccount.objects.filter(kind=LedgerAccount.Kind.POSITION).exclude(currency="USD")
    for currency in codes.order_by("currency").values_list("currency", flat=True):
        lines = JournalLine.objects.filter(_until(day))
        ours = lines.filter(account__code=postings.position(currency))
        held = Money(-_sum(ours), currency)
        dollars = lines.filter(account__code=postings.position("USD"), journal_id__in=ours.values("journal_id"))
        booked = Money(_sum(dollars), "USD")
        if held or booked:
            found.append(Position(held, booked, held.in_usd(usd_rate(currency, day).units_per_usd)))
    return found


def _until(day: date) -> Q:
    """Journals dated up to a day; those from before periods are dated by their moment."""
    return Q(journal__dated_on__lte=day) | Q(journal__dated_on=None, journal__at__date__lte=day)


def _sum(lines: QuerySet[JournalLine]) -> int:
    return int(lines.aggregate(sum=Sum("minor"))["sum"] or 0)


@in_one_piece
def revalue(*, month: date, actor: User, at: datetime) -> Journal | None:
    """Book the unrealised differences of a month that has ended, and their reversal on the first of the next.

    None when there is no difference. Raises Refusal REVAL-01 (lasts still), REVAL-02 (done before), PERIOD-01 (closed).
    """
    first, last = month_of(month), last_day_of(month)
    record = _Month(first)
    role = policy.MAY_REVALUE.require(Question(record, "revalue", actor))
    _require_open(record, last, day_of(at))
    found = [one for one in positions(last) if one.difference]
    key = record.decision_reference()
    record_decision(
        act="revalue",
        actor=actor,
        role=role,
        at=at,
        subject=key,
        reference=key,
        to_state="DONE",
        facts={
            one.held.currency: {
                "held": one.held.minor,
                "booked": one.booked.minor,
                "worth": one.worth.minor,
                "difference": one.difference.minor,
            }
            for one in found
        },
    )
    if not found:
        return None
    booked = post(kind="revalue", key=key, at=at, entries=_entries(found, 1), on=last, actor=actor)
    back = _entries(found, -1)
    post(kind="unrevalue", key=f"UN{key}", at=at, entries=back, on=month_after(last), actor=actor)
    return booked


def _require_open(record: _Month, last: date, today: date) -> None:
    if last >= today:
        raise Refusal(
            "REVAL-01",
            _("Nothing was revalued."),
            _("The month has not ended yet."),
            _("Revalue after its last day."),
        )
    if Journal.objects.filter(key=record.decision_reference()).exists() or _decided(record):
        raise Refusal(
            "REVAL-02",
            _("Nothing was revalued."),
            _("The month was revalued before."),
            _("What has changed since is in the next month's revaluation."),
        )


def _decided(record: _Month) -> bool:
    return Decision.objects.filter(subject=record.decision_reference()).exists()


def _entries(found: list[Position], sign: int) -> list[Entry]:
    """One pair for each currency; `line_key` names it."""
    entries = []
    for one in found:
        usd = Money(sign * one.difference.minor, "USD")
        currency = one.held.currency
        entries += [
            debit(postings.REVALUATION, usd, line_key=currency),
            credit(postings.UNREALISED, usd, line_key=currency),
        ]
    return entries
