"""Accepting what was spent: expenditure is booked, the unspent and disallowed rest is due back to the same stream.

A line may be accounted for in several steps: a tranche while help is given, the rest with the final report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from finance import postings
from finance.actions.commitments import free_held
from finance.ledger import Draft, credit, debit, post_all
from finance.line_accounts import LineAccount, line_accounts
from finance.models import Acceptance, Commitment, Journal, RefundDue
from gaf import clock
from gaf.accounts.models import User
from gaf.money import Money
from gaf.references import issue_many, rf_reference
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


def _refuse(line_key: str, why: str) -> Refusal:
    return Refusal(
        "REPORT-01",
        _("The reports were not accepted."),
        _("Line %(line)s: %(why)s") % {"line": line_key, "why": why},
        _("Correct the figures, or send the report back."),
    )


def accept_spending(
    *,
    reference: str,
    lines: list[Accepted],
    actor: User,
    at: datetime,
    accounts: dict[str, LineAccount] | None = None,
) -> None:
    """Book what was accepted; what was paid and neither accepted nor still needed is due back; free what never left.

    Amounts are of the whole line, with what was accepted of it before. `accounts` are the request's lines where they
    were read under lock before. Raises Refusal REPORT-01 when a line is missing or more is accepted than was paid,
    REPORT-02 when everything that was paid is accounted for.
    """
    if accounts is None:
        accounts = line_accounts(reference, locked=True)
    paid = {key: one for key, one in sorted(accounts.items()) if one.was_paid}
    left = [key for key, one in paid.items() if one.paid - one.settled.money]
    if paid and not left:
        raise Refusal(
            "REPORT-02",
            _("The reports were not accepted."),
            _("Spending on this request was accepted before."),
            _("Tell the fund manager what has changed since; the books hold what was accepted."),
        )
    told = {line.line_key: line for line in lines}
    for line_key in set(told) - set(paid):
        if told[line_key].accepted:
            raise _refuse(line_key, _("nothing was paid on it."))
    for line_key in left:
        if line_key not in told:
            raise _refuse(line_key, _("it was paid, and nothing is said about it."))
    free_held([row for one in accounts.values() for row in one.commitments], at=at, reason_code="reports_accepted")
    book_acceptances(accounts, [_rest_of(told[line_key], accounts[line_key]) for line_key in left], at=at)


def _rest_of(line: Accepted, account: LineAccount) -> Step:
    """What is left of a line after earlier steps: accepted now, disallowed now, the rest unspent."""
    paid, before = account.paid, account.settled
    if line.accepted < before.accepted:
        raise _refuse(line.line_key, _("%(money)s of it was accepted before.") % {"money": before.accepted})
    accepted, left = line.accepted - before.accepted, paid - before.money
    disallowed = max(line.disallowed - before.disallowed, Money.zero(paid.currency))
    if line.disallowed.minor < 0 or left < accepted + disallowed:
        raise _refuse(line.line_key, _("accepted and disallowed are more than %(paid)s paid.") % {"paid": paid})
    return Step(line.line_key, left, accepted, disallowed, line.reason_code, account.paid_usd - before.usd)


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


@dataclass(frozen=True)
class _Booked:
    """A step and what it is booked on: the newest commitment of its line, and which step of the line it is."""

    step: Step
    commitment: Commitment
    number: int

    @property
    def rest_usd(self) -> Money:
        """What is due back, in US dollars at the rate of the commitment; where nothing is accepted, all of it."""
        return self.step.rest.in_usd(self.commitment.units_per_usd) if self.step.accepted else self.step.usd


def book_acceptances(accounts: dict[str, LineAccount], steps: Sequence[Step], *, at: datetime) -> None:
    """Book steps, each of another line: advances become assistance and refunds due; each refund due says why.

    `accounts` are the lines of the request, read under lock. Raises Refusal REPORT-06 when spending is disallowed
    without a reason.
    """
    for step in steps:
        _require_reason(step)
    booked = [_Booked(one, accounts[one.line_key].commitment, accounts[one.line_key].steps + 1) for one in steps]
    journals = post_all([_posting(one) for one in booked], at=at)
    Acceptance.objects.bulk_create(
        [_acceptance(one, journal, at) for one, journal in zip(booked, journals, strict=True)]
    )
    _make_due([due for one in booked for due in _dues(one)], at)


def _require_reason(step: Step) -> None:
    if step.disallowed and not step.reason_code:
        raise Refusal(
            "REPORT-06",
            _("The spending was not accepted."),
            _("Line %(line)s: nothing says why spending is disallowed.") % {"line": step.line_key},
            _("Choose the reason."),
        )


def _posting(booked: _Booked) -> Draft:
    step, commitment = booked.step, booked.commitment
    return Draft(
        kind="accept",
        key=f"accept:{commitment.reference}:{step.line_key}:{booked.number}",
        reference=commitment.reference,
        entries=[
            debit(postings.ASSISTANCE, step.usd - booked.rest_usd, commitment.stream, step.line_key),
            debit(postings.REFUNDS_DUE, booked.rest_usd),
            credit(postings.ADVANCES, step.usd),
        ],
    )


def _acceptance(booked: _Booked, journal: Journal, at: datetime) -> Acceptance:
    step = booked.step
    return Acceptance(
        commitment=booked.commitment,
        number=booked.number,
        minor=step.money.minor,
        accepted_minor=step.accepted.minor,
        disallowed_minor=step.disallowed.minor,
        currency=step.money.currency,
        usd_minor=step.usd.minor,
        reason_code=step.reason_code if step.disallowed else "",
        journal=journal,
        at=at,
    )


def _dues(booked: _Booked) -> list[RefundDue]:
    """What is due back of a step, disallowed and unspent apart; nothing where nothing is."""
    step, rest_usd = booked.step, booked.rest_usd
    disallowed_usd = rest_usd.share(step.disallowed.minor, step.rest.minor) if step.rest else rest_usd
    parts = (
        (K.DISALLOWED, step.disallowed, disallowed_usd, step.reason_code),
        (K.UNSPENT, step.rest - step.disallowed, rest_usd - disallowed_usd, ""),
    )
    return [
        RefundDue(
            reference=booked.commitment.reference,
            commitment=booked.commitment,
            kind=kind,
            reason_code=reason_code,
            minor=money.minor,
            currency=money.currency,
            usd_minor=usd.minor,
        )
        for kind, money, usd, reason_code in parts
        if money
    ]


def _make_due(rows: list[RefundDue], at: datetime) -> None:
    """Give each its number and its day, and write them."""
    if not rows:
        return
    due_on = (at + timedelta(days=threshold("unspent_refund_due_days"))).date()
    for row, key in zip(rows, issue_many("R", clock.now().year, len(rows)), strict=True):
        row.key, row.end_to_end, row.due_on = key, rf_reference(key), due_on
    RefundDue.objects.bulk_create(rows)
