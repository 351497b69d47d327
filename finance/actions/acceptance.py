"""Accepting what was spent: expenditure is booked, the unspent and disallowed rest is due back to the same stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from finance import postings
from finance.actions.commitments import free_commitments
from finance.ledger import credit, debit, post
from finance.models import Commitment, DisbursementPart, Journal, RefundDue
from finance.queries import disbursed_by_line
from finance.states import MAY_HAVE_LEFT
from gaf.accounts.models import User
from gaf.money import Money
from gaf.references import issue, rf_reference
from gaf.refusals import Refusal
from gaf.thresholds import threshold


@dataclass(frozen=True)
class Accepted:
    """What headquarters accepts of one line and what it disallows, in the line's currency; the rest is unspent."""

    line_key: str
    accepted: Money
    disallowed: Money


def _refuse(line_key: str, why: str) -> Refusal:
    return Refusal(
        "REPORT-01",
        _("The reports were not accepted."),
        _("Line %(line)s: %(why)s") % {"line": line_key, "why": why},
        _("Correct the figures, or send the report back."),
    )


def accept_spending(*, reference: str, lines: list[Accepted], actor: User, at: datetime) -> None:
    """Book what was accepted; what was paid and neither accepted nor still needed is due back; free what never left.

    Raises Refusal REPORT-01 when a line is missing or more is accepted than was paid.
    """
    if Journal.objects.filter(reference=reference, kind="accept").exists():
        raise Refusal(
            "REPORT-02",
            _("The reports were not accepted."),
            _("Spending on this request was accepted before."),
            _("Tell the fund manager what has changed since; the books hold what was accepted."),
        )
    paid = disbursed_by_line(reference)
    told = {line.line_key: line for line in lines}
    free_commitments(reference=reference, at=at, reason_code="reports_accepted")
    for line_key, money in sorted(paid.items()):
        line = told.get(line_key)
        if line is None:
            raise _refuse(line_key, _("it was paid, and nothing is said about it."))
        rest = money - line.accepted
        if line.accepted.minor < 0 or line.disallowed.minor < 0 or rest < line.disallowed:
            raise _refuse(line_key, _("accepted and disallowed are more than %(paid)s paid.") % {"paid": money})
        _book(reference, line_key, line.accepted, rest, at)
    for line_key in set(told) - set(paid):
        if told[line_key].accepted:
            raise _refuse(line_key, _("nothing was paid on it."))


def _paid_usd(reference: str, line_key: str) -> Money:
    """What has left for a line, at the rates of its commitments; what is only prepared has not left."""
    parts = DisbursementPart.objects.filter(
        commitment__reference=reference, commitment__line_key=line_key, disbursement__state__in=MAY_HAVE_LEFT
    )
    return Money(sum(parts.values_list("usd_minor", flat=True)), "USD")


def _book(reference: str, line_key: str, accepted: Money, rest: Money, at: datetime) -> None:
    # It was paid, so it was committed.
    commitment = Commitment.objects.filter(reference=reference, line_key=line_key).latest("round")
    spent_usd = _paid_usd(reference, line_key)
    rest_usd = spent_usd if not accepted else rest.in_usd(commitment.units_per_usd)
    post(
        kind="accept",
        key=f"accept:{reference}:{line_key}",
        at=at,
        reference=reference,
        entries=[
            debit(postings.ASSISTANCE, spent_usd - rest_usd, commitment.stream, line_key),
            debit(postings.REFUNDS_DUE, rest_usd),
            credit(postings.ADVANCES, spent_usd),
        ],
    )
    if rest:
        key = issue("R")
        RefundDue.objects.create(
            key=key,
            reference=reference,
            commitment=commitment,
            minor=rest.minor,
            currency=rest.currency,
            usd_minor=rest_usd.minor,
            end_to_end=rf_reference(key),
            due_on=(at + timedelta(days=threshold("unspent_refund_due_days"))).date(),
        )
