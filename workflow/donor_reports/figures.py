"""The figures of a donor report: money from the ledger, persons from tables that are published already.

A stream is one donor's money. Where several agreements stand behind one stream, its ledger does not say which of them
paid for what, and no share is guessed: the report is refused.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from finance import postings
from finance.models import Agreement, JournalLine
from finance.models.commitments import URGENT
from finance.states import AgreementState
from gaf.privacy.models import StrictCase
from gaf.refusals import Refusal
from workflow.donor_reports.kinds import KindOfHelp, told_apart
from workflow.models import BudgetLine, Table
from workflow.states import TableState

USD = "USD"
LEAST_PERSONS = 11
# Of what the account of spending moves by, what has left for requests; the rest is fees, and refunds that came back.
_LEFT = ("send", "unsend", "give_back")
_APPROVED = ("commit", "free")
BY = ("sex", "age", "disability")


@dataclass(frozen=True)
class Span:
    """An agreement's stream, from a day to a day."""

    agreement: Agreement
    first_day: date
    last_day: date

    def lines(self, account: str) -> QuerySet[Any]:
        """The ledger's lines of one account for the stream, up to the last day, each with its `.day`."""
        rows = JournalLine.objects.filter(account__code=account, stream=self.agreement.stream_id, journal__posted=True)
        day = Coalesce("journal__dated_on", TruncDate("journal__at"))
        return rows.order_by().annotate(day=day).filter(day__lte=self.last_day)

    def within(self, account: str) -> QuerySet[Any]:
        """Of these, what was booked on the days of the report."""
        return self.lines(account).filter(day__gte=self.first_day)


def require_told_apart(agreement: Agreement) -> None:
    """Raises Refusal DONOR-04 where another agreement stands behind the same stream."""
    others = Agreement.objects.filter(stream=agreement.stream_id, state=AgreementState.IN_FORCE)
    other = others.exclude(pk=agreement.pk).order_by("signed_on", "key").first()
    if other is None:
        return
    raise Refusal(
        "DONOR-04",
        _("Nothing was changed about the donor report."),
        _("Stream %(stream)s has money of agreement %(key)s too, and its ledger does not say which of them paid what.")
        % {"stream": agreement.stream.code, "key": other.key},
        _("Report on agreements that have a stream of their own; new ones should get one."),
    )


def figures_of(agreement: Agreement, first_day: date, last_day: date) -> dict[str, Any]:
    """Everything a report tells in numbers, as it stands in the ledger and in the register of tables now."""
    span = Span(agreement, first_day, last_day)
    return {
        "rows": _rows(span),
        "own_currency": _in_own_currency(span) if agreement.currency != USD else [],
        "kinds": [_told(kind) for kind in told_apart(_kinds(span))],
        "tables": _tables(first_day, last_day),
    }


def _row(code: str, in_days: int | None, until: int) -> dict[str, Any]:
    return {"code": code, "in_days": in_days, "until": until}


def _rows(span: Span) -> list[dict[str, Any]]:
    signed = span.agreement.signed_on
    agreed = span.agreement.usd_minor if signed <= span.last_day else 0
    receipts = Q(journal__kind="receipt")
    left = Q(journal__kind__in=_LEFT)
    fees, back = Q(line_key="") & ~left, ~Q(line_key="") & ~left
    committed, free = _sum(span.lines(postings.COMMITTED)), _sum(span.lines(postings.AVAILABLE))
    return [
        _row("agreed", agreed if signed >= span.first_day else 0, agreed),
        _moved("received", span, postings.AUTHORITY, receipts, sign=1),
        _moved("other_authority", span, postings.AUTHORITY, ~receipts, sign=1),
        _moved("approved", span, postings.COMMITTED, Q(journal__kind__in=_APPROVED)),
        _moved("paid", span, postings.SPENT, left),
        _moved("returned", span, postings.SPENT, back, sign=1),
        _moved("fees", span, postings.SPENT, fees),
        _moved("spent", span, postings.SPENT, Q()),
        _moved("accepted", span, postings.ASSISTANCE, Q(), sign=1),
        _row("committed", None, -committed),
        _row("free", None, -free),
        _row("not_spent", None, -committed - free),
    ]


def _moved(code: str, span: Span, account: str, which: Q, sign: int = -1) -> dict[str, Any]:
    return _row(code, sign * _sum(span.within(account).filter(which)), sign * _sum(span.lines(account).filter(which)))


def _sum(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(sum=Sum("minor"))["sum"] or 0)


def _in_own_currency(span: Span) -> list[dict[str, Any]]:
    """What was agreed and received in the agreement's own currency; what was spent is not converted back."""
    agreement = span.agreement
    agreed = agreement.minor if agreement.signed_on <= span.last_day else 0
    came = agreement.stream.receipts.filter(currency=agreement.currency, received_on__lte=span.last_day)
    return [
        _row("agreed", agreed if agreement.signed_on >= span.first_day else 0, agreed),
        _row("received", _sum(came.filter(received_on__gte=span.first_day)), _sum(came)),
    ]


def _kinds(span: Span) -> list[KindOfHelp]:
    """What was approved and spent in these days on each kind of help, with the requests behind it."""
    approved = _by_line(span.within(postings.COMMITTED).filter(journal__kind__in=_APPROVED))
    spent = _by_line(span.within(postings.SPENT).exclude(line_key=""))
    places = {place for place in {*approved, *spent} if approved.get(place) or spent.get(place)}
    kind_of = _kind_of({reference for reference, _key in places})
    strict = set(
        StrictCase.objects.filter(reference__in=[one for one, _key in places]).values_list("reference", flat=True)
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for place in places:
        found[URGENT if place[1] == URGENT else kind_of.get(place, "")].append(place)
    return [
        KindOfHelp(
            code,
            sum(approved.get(place, 0) for place in those),
            sum(spent.get(place, 0) for place in those),
            frozenset(reference for reference, _key in those),
            # A line that no budget knows any more has no kind, and so no row of its own.
            frozenset(reference for reference, _key in those if code) - strict,
        )
        for code, those in found.items()
    ]


def _by_line(rows: QuerySet[Any]) -> dict[tuple[str, str], int]:
    sums = rows.values_list("journal__reference", "line_key").annotate(sum=Sum("minor"))
    return {(reference, key): -minor for reference, key, minor in sums}


def _kind_of(references: set[str]) -> dict[tuple[str, str], str]:
    rows = BudgetLine.objects.filter(assistance__reference__in=references)
    found = rows.values_list("assistance__reference", "number", "assistance_type")
    return {(reference, f"L{number}"): kind for reference, number, kind in found}


def _told(kind: KindOfHelp) -> dict[str, Any]:
    return {"code": kind.code, "approved": kind.approved, "spent": kind.spent, "requests": len(kind.requests)}


def _tables(first_day: date, last_day: date) -> list[dict[str, Any]]:
    """The public tables whose days lie within those of the report; nobody is counted a second time."""
    rows = Table.objects.filter(state=TableState.PUBLISHED, for_whom=Table.Audience.PUBLIC, k__gte=LEAST_PERSONS)
    found = rows.filter(first_day__gte=first_day, last_day__lte=last_day).order_by("first_day", "key")
    return [{"key": one.key, "digest": one.digest, "by": one.dimensions.split(",")} for one in found]
