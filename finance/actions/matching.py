"""Matching: a person says which of our records a line of the bank is, and the ledger follows to the cent."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from finance import postings
from finance.actions import settlement
from finance.actions.proposals import Candidate, candidate
from finance.ledger import Entry, credit, debit, post
from finance.models import Disbursement, Journal, Match, RefundDue, StatementLine
from finance.queries import unearmarked_stream, usd_rate
from finance.states import DisbursementState, Rail, StatementLineState
from gaf.accounts.models import User
from gaf.gate import Acting, acting, in_one_piece
from gaf.money import Money
from gaf.refusals import Refusal

S = DisbursementState
K = Match.Kind


def _refuse(why: str, next_step: str) -> Refusal:
    return Refusal("MATCH-02", _("The line was not matched."), why, next_step)


def _usd(money: Money, line: StatementLine) -> Money:
    return money.in_usd(usd_rate(money.currency, line.booked_on).units_per_usd)


def _cash(line: StatementLine) -> list[Entry]:
    """The bank's side of a line; one that was set aside comes out of suspense instead."""
    code = line.statement.bank_account.code
    account = postings.suspense(code) if line.state == StatementLineState.SET_ASIDE else postings.bank(code)
    return [debit(account, line.money)]


@in_one_piece
def match_line(*, line_id: int, actor: User, at: datetime, seen_version: int | None = None) -> StatementLine:
    """Match a line with the one record its exact reference names. Raises Refusal MATCH-02 when there is not one."""
    line = StatementLine.objects.select_related("statement__bank_account").get(pk=line_id)
    found = candidate(line)
    related = _reference(found)
    with acting(
        StatementLine, line_id, act="match_line", actor=actor, at=at, related=related, seen_version=seen_version
    ) as doing:
        if found is None:
            raise _refuse(
                _("Its reference is not one of ours, or the amount is another."),
                _("Set it aside with a reason, and ask the bank."),
            )
        journal = _book(doing, found, at)
        Match.objects.create(
            line=doing.subject,
            kind=found.kind,
            disbursement=found.disbursement,
            refund=found.refund,
            receipt=found.receipt,
            journal=journal,
            at=at,
        )
        doing.subject.match_line()
        doing.facts = {"kind": found.kind, "minor": line.minor, "currency": line.currency, "journal": journal.number}
    return doing.subject


def _reference(found: Candidate | None) -> str:
    if found is None:
        return ""
    if found.disbursement is not None:
        return found.disbursement.reference
    return found.refund.reference if found.refund is not None else ""


def _book(doing: Acting, found: Candidate, at: datetime) -> Journal:
    line: StatementLine = doing.subject
    if found.kind == K.DISBURSEMENT and found.disbursement is not None:
        return _book_disbursement(line, found.disbursement, at)
    if found.kind == K.RETURN and found.disbursement is not None:
        return _book_return(line, found.disbursement, at)
    if found.kind == K.REFUND and found.refund is not None:
        return _book_refund(line, found.refund, at)
    if found.kind == K.RECEIPT:
        return _book_receipt(line, at)
    return _book_fee(line, found.disbursement, at)


def _book_disbursement(line: StatementLine, disbursement: Disbursement, at: datetime) -> Journal:
    """In transit becomes bank; what the bank took more or less than expected is an exchange difference."""
    expected = Money(disbursement.account_minor or 0, line.currency)
    extra = -line.money - expected
    journal = post(
        kind="match",
        key=f"match:{line.decision_subject()}",
        at=at,
        reference=disbursement.reference,
        entries=[
            debit(postings.in_transit(line.statement.bank_account.code), expected),
            *_cash(line),
            *_difference(extra, line),
        ],
    )
    # At Stripe the line is the transfer; only the payout says that the payee's bank has it.
    if disbursement.state == S.SENT and disbursement.bank_account.rail != Rail.STRIPE:
        settlement.mark_confirmed(disbursement_id=disbursement.pk, at=at)
    return journal


def _difference(extra: Money, line: StatementLine) -> list[Entry]:
    """A realised exchange difference: what left the account beyond what the books expected (negative: less)."""
    if not extra:
        return []
    usd = _usd(extra, line)
    return [*settlement.position_entries(extra, usd), debit(postings.EXCHANGE_DIFFERENCES, usd)]


def _book_return(line: StatementLine, disbursement: Disbursement, at: datetime) -> Journal:
    """The bank gives the money back: the commitment is whole again, the difference in dollars is one of exchange."""
    if not disbursement.matches.filter(kind=K.DISBURSEMENT).exists():
        raise _refuse(_("The line that took the money out is not matched yet."), _("Match that line first."))
    returned = _usd(line.money, line)
    if disbursement.state != S.RETURNED:
        settlement.mark_returned(disbursement_id=disbursement.pk, code=line.return_code or "returned", at=at)
    return post(
        kind="return",
        key=f"return:{line.decision_subject()}",
        at=at,
        reference=disbursement.reference,
        entries=[
            *_cash(line),
            *settlement.position_entries(-line.money, -returned),
            credit(postings.ADVANCES, disbursement.committed),
            debit(postings.EXCHANGE_DIFFERENCES, disbursement.committed - returned),
        ],
    )


def _book_fee(line: StatementLine, disbursement: Disbursement | None, at: datetime) -> Journal:
    """A fee of the bank goes to the fund's fee account and is borne by unearmarked money, never by a request."""
    fee = _usd(-line.money, line)
    stream = unearmarked_stream()
    return post(
        kind="fee",
        key=f"fee:{line.decision_subject()}",
        at=at,
        reference=disbursement.reference if disbursement else "",
        entries=[
            *_cash(line),
            *settlement.position_entries(-line.money, fee),
            debit(postings.BANK_FEES, fee),
            debit(postings.AVAILABLE, fee, stream),
            credit(postings.SPENT, fee, stream),
        ],
    )


def _book_refund(line: StatementLine, refund: RefundDue, at: datetime) -> Journal:
    """Unspent money is back: free money of the same stream, at the rate it was committed at."""
    received, due = _usd(line.money, line), Money(refund.usd_minor, "USD")
    stream, line_key = refund.commitment.stream, refund.commitment.line_key
    refund.received_at = at
    refund.save(update_fields=["received_at"])
    return post(
        kind="refund",
        key=f"refund:{refund.key}",
        at=at,
        reference=refund.reference,
        entries=[
            *_cash(line),
            *settlement.position_entries(-line.money, -received),
            credit(postings.REFUNDS_DUE, due),
            debit(postings.EXCHANGE_DIFFERENCES, due - received),
            debit(postings.SPENT, due, stream, line_key),
            credit(postings.AVAILABLE, due, stream),
        ],
    )


def _book_receipt(line: StatementLine, at: datetime) -> Journal:
    """A donor's cash that was recorded before the bank said so is in the bank now; free money does not change."""
    return post(
        kind="match",
        key=f"match:{line.decision_subject()}",
        at=at,
        entries=[*_cash(line), credit(postings.in_transit(line.statement.bank_account.code), line.money)],
    )


SET_ASIDE_REASONS = ("unknown_sender", "bank_asked", "not_ours", "amount_differs", "other")


@in_one_piece
def set_aside_line(
    *, line_id: int, reason_code: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> StatementLine:
    """Put a line nobody knows yet into suspense, with a reason; it can be matched later."""
    if reason_code not in SET_ASIDE_REASONS or not reason.strip():
        raise Refusal(
            "MATCH-03",
            _("The line was not set aside."),
            _("The reason is missing."),
            _("Choose a reason and write what was asked of whom."),
        )
    with acting(
        StatementLine,
        line_id,
        act="set_aside_line",
        actor=actor,
        at=at,
        reason=reason,
        reason_code=reason_code,
        seen_version=seen_version,
    ) as doing:
        line: StatementLine = doing.subject
        code = line.statement.bank_account.code
        post(
            kind="suspense",
            key=f"suspense:{line.decision_subject()}",
            at=at,
            entries=[debit(postings.bank(code), line.money), credit(postings.suspense(code), line.money)],
        )
        line.set_aside_line(reason_code=reason_code)
        doing.facts = {"minor": line.minor, "currency": line.currency}
    return doing.subject
