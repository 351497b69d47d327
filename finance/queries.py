"""Questions about money, answered from the ledger, the commitments and the statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from finance import postings
from finance.agreements import any_agreement, takes_commitments
from finance.models import (
    Balance,
    Commitment,
    Disbursement,
    DisbursementPart,
    ExchangeRate,
    FundingStream,
    RefundDue,
    Restriction,
)
from finance.states import HOLDS_COMMITMENT, MAY_HAVE_LEFT, DisbursementState, RateState
from gaf import clock
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day

S = DisbursementState


class NoRate(Refusal):
    """There is no approved rate of a currency for a day (RATE-01)."""


def rate_on(currency: str, day: date) -> ExchangeRate:
    """The UN operational rate in force on a day. Raises NoRate (RATE-01) when none has been approved."""
    rates = ExchangeRate.objects.filter(currency=currency, effective_from__lte=day, state=RateState.APPROVED)
    rate = rates.order_by("-effective_from").first()
    if rate is None:
        raise NoRate(
            "RATE-01",
            _("The amount could not be converted."),
            _("No rate of %(currency)s is approved for %(day)s.") % {"currency": currency, "day": short_day(day)},
            _("Ask the certifying officer to enter the rate and a second person to approve it."),
        )
    return rate


def usd_rate(currency: str, day: date) -> ExchangeRate:
    """The rate of a currency; the dollar's own is one."""
    if currency == "USD":
        return ExchangeRate(currency="USD", effective_from=day, units_per_usd=1)
    return rate_on(currency, day)


def stream_choices() -> list[FundingStream]:
    """Streams in force today, each with `.free` told by the ledger, and whether it `.takes_commitments`."""
    today = clock.today()
    streams = with_terms(FundingStream.objects.filter(starts_on__lte=today))
    found = with_free([stream for stream in streams if stream.ends_on is None or stream.ends_on >= today])
    for stream in found:
        stream.takes_commitments = takes_commitments(stream, today)  # type: ignore[attr-defined]
    return found


def with_terms(streams: QuerySet[FundingStream]) -> list[FundingStream]:
    """Streams with their restrictions and agreements, which are asked for only where some have any."""
    restricted = Exists(Restriction.objects.filter(stream=OuterRef("pk")))
    found: list[Any] = list(streams.annotate(has_restrictions=restricted, has_agreements=any_agreement()))
    prefetch_related_objects([stream for stream in found if stream.has_restrictions], "restrictions")
    prefetch_related_objects([stream for stream in found if stream.has_agreements], "agreements")
    return found


def with_free(streams: Iterable[FundingStream]) -> list[FundingStream]:
    """Give each stream what the ledger says is `.free`, `.committed` and `.spent` (Money USD), in one query."""
    found: dict[tuple[str, str], int] = {}
    rows = Balance.objects.filter(account__code__in=[postings.AVAILABLE, postings.COMMITTED, postings.SPENT])
    for code, key, minor in rows.values_list("account__code", "stream_key", "minor"):
        found[(code, key)] = -minor
    result = []
    for stream in streams:
        stream.free = Money(found.get((postings.AVAILABLE, stream.code), 0), "USD")  # type: ignore[attr-defined]
        stream.committed = Money(found.get((postings.COMMITTED, stream.code), 0), "USD")  # type: ignore[attr-defined]
        stream.spent = Money(found.get((postings.SPENT, stream.code), 0), "USD")  # type: ignore[attr-defined]
        result.append(stream)
    return result


def unearmarked_stream() -> FundingStream:
    """The unearmarked stream in force with most free money; urgent allowances and fees stand on it."""
    today = clock.today()
    free = Balance.objects.filter(stream=OuterRef("pk"), account__code=postings.AVAILABLE).values("minor")
    rows = FundingStream.objects.filter(starts_on__lte=today, earmarking=FundingStream.Earmarking.UNEARMARKED)
    rows = rows.annotate(has_agreements=any_agreement(), free_minor=-Coalesce(Subquery(free), 0))
    streams = [stream for stream in rows if takes_commitments(stream, today)]
    if not streams:
        raise Refusal(
            "FUND-04",
            _("Nothing was committed."),
            _("The fund has no unearmarked stream in force."),
            _("Ask the fund manager to open one."),
        )
    most = max(streams, key=lambda stream: stream.free_minor)
    most.free = Money(most.free_minor, "USD")  # type: ignore[attr-defined]
    return most


@dataclass(frozen=True)
class FundEffect:
    """What an approval would do to one stream."""

    stream: FundingStream
    free_now: Money
    free_after: Money


def fund_effect(amounts_by_stream: dict[str, Money]) -> list[FundEffect]:
    """Free money now and after, stream by stream, for amounts in US dollars."""
    streams = with_free(FundingStream.objects.filter(code__in=amounts_by_stream))
    return [
        FundEffect(s, s.free, s.free - amounts_by_stream[s.code])  # type: ignore[attr-defined]
        for s in streams
    ]


def commitments_of(reference: str) -> list[Commitment]:
    """Every commitment of a request, in the order of its lines."""
    return list(Commitment.objects.filter(reference=reference).select_related("stream"))


def disbursements_of(reference: str) -> list[Disbursement]:
    """Every disbursement of a request, oldest first."""
    return list(_disbursements().filter(reference=reference))


def _disbursements() -> QuerySet[Disbursement]:
    return Disbursement.objects.select_related("payee_version__payee", "bank_account", "payment_file")


def disbursement_queue(states: Iterable[str]) -> QuerySet[Disbursement]:
    """Disbursements in these states, oldest first, ready for a list."""
    return _disbursements().filter(state__in=list(states)).order_by("number")


def prepared_numbers(reference: str) -> list[str]:
    """Numbers of the disbursements of a request that wait for release."""
    rows = Disbursement.objects.filter(reference=reference, state=S.PREPARED)
    return list(rows.values_list("number", flat=True))


def went_out(reference: str) -> bool:
    """Whether money of this request left, or may have left, and has not come back."""
    return Disbursement.objects.filter(reference=reference, state__in=MAY_HAVE_LEFT).exists()


def disbursed_by_line(reference: str) -> dict[str, Money]:
    """What has left for each line, in the line's currency, net of what came back."""
    parts = DisbursementPart.objects.filter(
        disbursement__reference=reference, disbursement__state__in=MAY_HAVE_LEFT
    ).order_by("disbursement__number", "pk")
    result: dict[str, Money] = {}
    for key, currency, minor in parts.values_list("commitment__line_key", "commitment__currency", "local_minor"):
        result[key] = result.get(key, Money.zero(currency)) + Money(minor, currency)
    return result


@dataclass(frozen=True)
class RequestMoney:
    """A request's money, in US dollars at the rates of its approval."""

    approved: Money
    open: Money
    disbursed: Money
    confirmed: Money
    reconciled: Money
    refunds_due: Money
    refunds_received: Money
    written_off: Money
    accepted: Money
    returned: list[str] = field(default_factory=list)


def money_of(reference: str, disbursements: list[Disbursement] | None = None) -> RequestMoney:
    """Everything the fund knows about the money of one request; `disbursements` are all its own, where a page has
    read them already."""
    commitments = commitments_of(reference)
    rows = list(Disbursement.objects.filter(reference=reference)) if disbursements is None else disbursements
    prefetch_related_objects(rows, "matches")
    out = [row for row in rows if row.state in MAY_HAVE_LEFT]
    confirmed = [row for row in out if row.state == S.CONFIRMED]
    matched = [row for row in confirmed if any(match.kind == "DISBURSEMENT" for match in row.matches.all())]
    refunds = list(RefundDue.objects.filter(reference=reference))
    return RequestMoney(
        approved=total([c.committed - c.freed for c in commitments], "USD"),
        open=total([c.open for c in commitments], "USD"),
        disbursed=total([row.committed for row in out], "USD"),
        confirmed=total([row.committed for row in confirmed], "USD"),
        reconciled=total([row.committed for row in matched], "USD"),
        refunds_due=total([r.open_usd for r in refunds], "USD"),
        refunds_received=Money(sum(r.received_usd_minor for r in refunds), "USD"),
        written_off=Money(sum(r.written_off_usd_minor for r in refunds), "USD"),
        accepted=_booked(reference, postings.ASSISTANCE),
        returned=[row.number for row in rows if row.state == S.RETURNED],
    )


def _booked(reference: str, account: str) -> Money:
    from finance.models import JournalLine

    lines = JournalLine.objects.filter(journal__reference=reference, account__code=account)
    return Money(sum(lines.values_list("minor", flat=True)), "USD")


def not_accounted_for(reference: str) -> Money:
    """What was paid and neither accepted nor made due back, in US dollars, from the ledger."""
    return _booked(reference, postings.ADVANCES)


def not_accounted_for_each(references: Collection[str]) -> dict[str, Money]:
    """The same for many requests in one question; requests without such money are left out."""
    from finance.models import JournalLine

    rows = JournalLine.objects.filter(journal__reference__in=references, account__code=postings.ADVANCES)
    sums = rows.values_list("journal__reference").annotate(sum=Sum("minor")).order_by()
    return {reference: Money(minor, "USD") for reference, minor in sums if minor}


def lines_paid(references: Collection[str]) -> set[tuple[str, str]]:
    """The lines of these requests for which something has left, as (request, line)."""
    rows = DisbursementPart.objects.filter(
        disbursement__reference__in=references, disbursement__state__in=MAY_HAVE_LEFT, local_minor__gt=0
    )
    return set(rows.values_list("disbursement__reference", "commitment__line_key"))


def closing_obstacles(reference: str) -> list[str]:
    """What keeps the money of a request from being closed, in words; empty when every cent is explained."""
    found: list[str] = []
    rows = list(Disbursement.objects.filter(reference=reference).prefetch_related("matches"))
    for row in rows:
        kinds = {match.kind for match in row.matches.all()}
        if row.state in HOLDS_COMMITMENT and row.state != S.CONFIRMED:
            found.append(
                _("Disbursement %(number)s is not settled: %(state)s.")
                % {"number": row.number, "state": row.get_state_display()}
            )
        if row.state == S.CONFIRMED and "DISBURSEMENT" not in kinds:
            found.append(_("Disbursement %(number)s is not matched with a statement.") % {"number": row.number})
    for commitment in commitments_of(reference):
        if commitment.open:
            found.append(
                _("Line %(line)s still has %(open)s committed.")
                % {"line": commitment.line_key, "open": commitment.open}
            )
    for refund in RefundDue.objects.filter(reference=reference, received_at=None):
        found.append(_("Refund %(key)s of %(money)s has not come.") % {"key": refund.key, "money": refund.open})
    difference = not_accounted_for(reference)
    if difference:
        found.append(_("%(money)s paid is not accounted for yet.") % {"money": difference})
    return found
