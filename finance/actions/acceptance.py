"""Accepting what was spent: expenditure is booked, the unspent and disallowed rest is due back to the same stream.

A line may be accounted for in several steps: a tranche while help is given, the rest with the final report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from finance import postings
from finance.actions.commitments import free_commitments
from finance.ledger import credit, debit, post
from finance.models import Acceptance, Commitment, DisbursementPart, RefundDue
from finance.queries import disbursed_by_line
from finance.states import MAY_HAVE_LEFT
from gaf.accounts.models import User
from gaf.money import Money
from gaf.references import issue, rf_reference
from gaf.refusals import Refusal
from gaf.thresholds import threshold

K = RefundDue.Kind


@dataclass(frozen=True)
class Accepted:
    """What headquarters accepts of one line in all and what it disallows, in its currency; the rest is unspent."""

    line_key: str
    accepted: Money
    disallowed: Money
    reason_code: str = ""


@dataclass(frozen=True)
class Settled:
    """What was accounted for on one line before, of it accepted and disallowed, and all of it in US dollars."""

    money: Money
    accepted: Money
    disallowed: Money
    usd: Money


def _refuse(line_key: str, why: str) -> Refusal:
    return Refusal(
        "REPORT-01",
        _("The reports were not accepted."),
        _("Line %(line)s: %(why)s") % {"line": line_key, "why": why},
        _("Correct the figures, or send the report back."),
    )


def settled_on(reference: str, line_key: str, currency: str) -> Settled:
    """What earlier steps accounted for on a line; nothing when there were none."""
    rows = list(Acceptance.objects.filter(commitment__reference=reference, commitment__line_key=line_key))
    return Settled(
        money=Money(sum(row.minor for row in rows), currency),
        accepted=Money(sum(row.accepted_minor for row in rows), currency),
        disallowed=Money(sum(row.disallowed_minor for row in rows), currency),
        usd=Money(sum(row.usd_minor for row in rows), "USD"),
    )


def accept_spending(*, reference: str, lines: list[Accepted], actor: User, at: datetime) -> None:
    """Book what was accepted; what was paid and neither accepted nor still needed is due back; free what never left.

    Amounts are of the whole line, with what was accepted of it before. Raises Refusal REPORT-01 when a line is missing
    or more is accepted than was paid, REPORT-02 when everything that was paid is accounted for.
    """
    paid = disbursed_by_line(reference)
    settled = {key: settled_on(reference, key, money.currency) for key, money in paid.items()}
    left = [key for key, money in sorted(paid.items()) if money - settled[key].money]
    if paid and not left:
        raise Refusal(
            "REPORT-02",
            _("The reports were not accepted."),
            _("Spending on this request was accepted before."),
            _("Tell the fund manager what has changed since; the books hold what was accepted."),
        )
    told = {line.line_key: line for line in lines}
    free_commitments(reference=reference, at=at, reason_code="reports_accepted")
    for line_key in left:
        line = told.get(line_key)
        if line is None:
            raise _refuse(line_key, _("it was paid, and nothing is said about it."))
        _accept_rest(reference, line, paid[line_key], settled[line_key], at)
    for line_key in set(told) - set(paid):
        if told[line_key].accepted:
            raise _refuse(line_key, _("nothing was paid on it."))


def _accept_rest(reference: str, line: Accepted, paid: Money, before: Settled, at: datetime) -> None:
    """What is left of a line after earlier steps: accepted now, disallowed now, the rest unspent."""
    if line.accepted < before.accepted:
        raise _refuse(line.line_key, _("%(money)s of it was accepted before.") % {"money": before.accepted})
    accepted, left = line.accepted - before.accepted, paid - before.money
    disallowed = max(line.disallowed - before.disallowed, Money.zero(paid.currency))
    if line.disallowed.minor < 0 or left < accepted + disallowed:
        raise _refuse(line.line_key, _("accepted and disallowed are more than %(paid)s paid.") % {"paid": paid})
    usd = paid_usd(reference, line.line_key) - before.usd
    book_acceptance(
        reference=reference,
        step=Step(line.line_key, left, accepted, disallowed, line.reason_code, usd),
        at=at,
    )


@dataclass(frozen=True)
class Step:
    """One step of accounting for a line: so much is accounted for, of it accepted and disallowed, worth so much."""

    line_key: str
    money: Money
    accepted: Money
    disallowed: Money
    reason_code: str
    usd: Money

    @property
    def rest(self) -> Money:
        """What is due back."""
        return self.money - self.accepted


def paid_usd(reference: str, line_key: str) -> Money:
    """What has left for a line, at the rates of its commitments; what is only prepared has not left."""
    parts = DisbursementPart.objects.filter(
        commitment__reference=reference, commitment__line_key=line_key, disbursement__state__in=MAY_HAVE_LEFT
    )
    return Money(sum(parts.values_list("usd_minor", flat=True)), "USD")


def book_acceptance(*, reference: str, step: Step, at: datetime) -> None:
    """Book one step: advances become assistance and refunds due; each refund due says why.

    Raises Refusal REPORT-06 when spending is disallowed without a reason.
    """
    if step.disallowed and not step.reason_code:
        raise Refusal(
            "REPORT-06",
            _("The spending was not accepted."),
            _("Line %(line)s: nothing says why spending is disallowed.") % {"line": step.line_key},
            _("Choose the reason."),
        )
    # It was paid, so it was committed.
    rows = Commitment.objects.select_for_update().filter(reference=reference, line_key=step.line_key)
    commitment = rows.select_related("stream").latest("round")
    rest_usd = step.rest.in_usd(commitment.units_per_usd) if step.accepted else step.usd
    number = Acceptance.objects.filter(commitment__reference=reference, commitment__line_key=step.line_key).count() + 1
    journal = post(
        kind="accept",
        key=f"accept:{reference}:{step.line_key}:{number}",
        at=at,
        reference=reference,
        entries=[
            debit(postings.ASSISTANCE, step.usd - rest_usd, commitment.stream, step.line_key),
            debit(postings.REFUNDS_DUE, rest_usd),
            credit(postings.ADVANCES, step.usd),
        ],
    )
    Acceptance.objects.create(
        commitment=commitment,
        number=number,
        minor=step.money.minor,
        accepted_minor=step.accepted.minor,
        disallowed_minor=step.disallowed.minor,
        currency=step.money.currency,
        usd_minor=step.usd.minor,
        reason_code=step.reason_code if step.disallowed else "",
        journal=journal,
        at=at,
    )
    disallowed_usd = rest_usd.share(step.disallowed.minor, step.rest.minor) if step.rest else rest_usd
    _due(commitment, K.DISALLOWED, step.disallowed, disallowed_usd, step.reason_code, at)
    _due(commitment, K.UNSPENT, step.rest - step.disallowed, rest_usd - disallowed_usd, "", at)


def _due(commitment: Commitment, kind: str, money: Money, usd: Money, reason_code: str, at: datetime) -> None:
    if not money:
        return
    key = issue("R")
    RefundDue.objects.create(
        key=key,
        reference=commitment.reference,
        commitment=commitment,
        kind=kind,
        reason_code=reason_code,
        minor=money.minor,
        currency=money.currency,
        usd_minor=usd.minor,
        end_to_end=rf_reference(key),
        due_on=(at + timedelta(days=threshold("unspent_refund_due_days"))).date(),
    )
