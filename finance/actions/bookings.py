"""What the ledger says when a line of the bank is explained: one journal a line, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from finance import postings
from finance.actions import settlement
from finance.actions.proposals import Candidate
from finance.ledger import Draft, Entry, credit, debit, post_all
from finance.models import Disbursement, Journal, Match, MatchRule, RefundDue, StatementLine
from finance.queries import unearmarked_stream, usd_rate
from finance.states import DisbursementState, StatementLineState
from gaf.decisions.so_far import decided_so_far
from gaf.money import Money
from gaf.refusals import Refusal

S = DisbursementState
K = Match.Kind
# The kinds of journals that are not called a match.
BANK_FEE, EXCHANGE = Match.BooksTo.BANK_FEE, Match.BooksTo.EXCHANGE


@dataclass(frozen=True)
class Piece:
    """What of one line goes to one record: the line's minor units (signed), what of the record that settles.

    `books_to` says where a difference between the two goes; nothing where there is none. `rule` is the
    version that said so.
    """

    found: Candidate
    minor: int
    item_minor: int = 0
    books_to: str = ""
    rule: MatchRule | None = None

    @property
    def difference(self) -> int:
        """What the bank took beyond the record (kept, for money that came in)."""
        if self.found.kind == K.DISBURSEMENT:
            return -self.minor - self.item_minor
        return self.item_minor - self.minor if self.found.kind == K.RETURN else 0


def not_matched(why: str, next_step: str) -> Refusal:
    """A line that stays as it is (MATCH-02)."""
    return Refusal("MATCH-02", _("The line was not matched."), why, next_step)


def whole(line: StatementLine, found: Candidate) -> Piece:
    """The whole line for one record: what an exact reference means."""
    expected = abs(found.disbursement.account_minor or 0) if found.disbursement else 0
    if found.kind == K.DISBURSEMENT:
        return Piece(found, line.minor, expected, EXCHANGE if -line.minor != expected else "")
    if found.kind == K.RETURN and found.disbursement is not None:
        same_currency = found.disbursement.currency == line.currency
        kept = same_currency and 0 < line.minor < expected
        return Piece(found, line.minor, expected, BANK_FEE if kept else "")
    if found.kind == K.REFUND:
        return Piece(found, line.minor, told_by(line).minor)
    return Piece(found, line.minor)


def told_by(line: StatementLine) -> Money:
    """What the payer ordered: the original amount where the bank tells one, else the line's own."""
    if line.original_minor:
        return Money(line.original_minor, line.original_currency)
    return line.money


def in_usd(money: Money, line: StatementLine) -> Money:
    """The worth of an amount on the day the bank booked it."""
    return money.in_usd(usd_rate(money.currency, line.booked_on).units_per_usd)


def cash(line: StatementLine) -> Entry:
    """The bank's side of a line; one that was set aside comes out of suspense instead."""
    code = line.statement.bank_account.code
    account = postings.suspense(code) if line.state == StatementLineState.SET_ASIDE else postings.bank(code)
    return debit(account, line.money, day=line.booked_on)


def book(line: StatementLine, pieces: list[Piece], at: datetime) -> Journal:
    """Post the journal of one line, all its pieces together, under a key that an undone match does not keep."""
    return post_all([draft_of(line, pieces, at)], at=at)[0]


def draft_of(line: StatementLine, pieces: list[Piece], at: datetime) -> Draft:
    """What `book` posts."""
    settled = [_settled(piece, line) for piece in pieces if piece.found.kind == K.DISBURSEMENT]
    entries = [*settled, cash(line), *(entry for piece in pieces for entry in _entries(piece, line, at))]
    found = pieces[0].found
    named, reference = _named(line, found), reference_of(found) if len(pieces) == 1 else ""
    if found.kind == K.RETURN:
        return Draft(kind="return", key=f"return:{named}", entries=entries, reference=reference)
    if found.kind == K.FEE:
        return Draft(kind="fee", key=f"fee:{named}", entries=entries, reference=reference)
    if found.kind == K.INTEREST:
        return Draft(kind="interest", key=f"interest:{named}", entries=entries, reference=reference)
    if found.kind == K.REFUND:
        return Draft(kind="refund", key=f"refund:{named}", entries=entries, reference=reference)
    return Draft(kind="match", key=f"match:{named}", entries=entries, reference=reference)


def _named(line: StatementLine, found: Candidate) -> str:
    """What the key of a journal names: the line, or the refund that came in; and which time it is."""
    if found.kind == K.REFUND and found.refund is not None:
        before = Match.ever.filter(refund=found.refund).count()
        return found.refund.key + (f":{before}" if before else "")
    undone = times_done(line, "undo_match")
    return line.decision_subject() + (f":{undone}" if undone else "")


def times_done(line: StatementLine, act: str) -> int:
    """How often an act was done on a line, by what the gate read of its decisions."""
    return sum(decision.act == act for decision in decided_so_far(line) or ())


def reference_of(found: Candidate | None) -> str:
    """The request a record belongs to; nothing where it belongs to none."""
    if found is None:
        return ""
    if found.disbursement is not None:
        return found.disbursement.reference
    return found.refund.reference if found.refund is not None else ""


def _entries(piece: Piece, line: StatementLine, at: datetime) -> list[Entry]:
    found = piece.found
    if found.kind == K.DISBURSEMENT:
        return _disbursement(piece, line)
    if found.kind == K.RETURN and found.disbursement is not None:
        return _return(piece, line, found.disbursement)
    if found.kind == K.REFUND and found.refund is not None:
        return _refund(line, found.refund, at)
    if found.kind == K.RECEIPT:
        return [credit(postings.in_transit(line.statement.bank_account.code), line.money)]
    if found.kind == K.INTEREST:
        return _interest(line)
    return _fee(-line.money, line)


def _disbursement(piece: Piece, line: StatementLine) -> list[Entry]:
    """What the bank took beyond what was in transit is a fee or an exchange difference, as somebody said."""
    extra = Money(piece.difference, line.currency)
    if not extra:
        return []
    if piece.books_to == BANK_FEE:
        return _fee(extra, line)
    usd = in_usd(extra, line)
    return [*settlement.position_entries(extra, usd), debit(postings.EXCHANGE_DIFFERENCES, usd)]


def _settled(piece: Piece, line: StatementLine) -> Entry:
    return debit(postings.in_transit(line.statement.bank_account.code), Money(piece.item_minor, line.currency))


def _return(piece: Piece, line: StatementLine, disbursement: Disbursement) -> list[Entry]:
    """The commitment is whole again: what a bank kept is a fee of the fund, the rest a difference of exchange."""
    returned = in_usd(line.money, line)
    kept = Money(piece.difference if piece.books_to == BANK_FEE else 0, line.currency)
    fee = in_usd(kept, line)
    entries = [
        *settlement.position_entries(-line.money, -returned),
        credit(postings.ADVANCES, disbursement.committed),
        debit(postings.EXCHANGE_DIFFERENCES, disbursement.committed - returned - fee),
    ]
    return [*entries, *_borne(fee)] if kept else entries


def _fee(amount: Money, line: StatementLine) -> list[Entry]:
    """A fee of the bank goes to the fund's fee account and is borne by unearmarked money, never by a request."""
    fee = in_usd(amount, line)
    return [*settlement.position_entries(amount, fee), *_borne(fee)]


def _borne(fee: Money) -> list[Entry]:
    stream = unearmarked_stream()
    return [debit(postings.BANK_FEES, fee), debit(postings.AVAILABLE, fee, stream), credit(postings.SPENT, fee, stream)]


def _interest(line: StatementLine) -> list[Entry]:
    """Interest is income of the fund and free for every request: it joins the unearmarked stream."""
    usd, stream = in_usd(line.money, line), unearmarked_stream()
    return [
        *settlement.position_entries(-line.money, -usd),
        credit(postings.INTEREST, usd, stream),
        debit(postings.AUTHORITY, usd, stream),
        credit(postings.AVAILABLE, usd, stream),
    ]


def _refund(line: StatementLine, refund: RefundDue, at: datetime) -> list[Entry]:
    """A refund, or a part of it, is back: free money of the same stream, at the rate it was committed at."""
    received, due = in_usd(line.money, line), refund.receive(told_by(line), at)
    stream, line_key = refund.commitment.stream, refund.commitment.line_key
    return [
        *settlement.position_entries(-line.money, -received),
        credit(postings.REFUNDS_DUE, due),
        debit(postings.EXCHANGE_DIFFERENCES, due - received),
        debit(postings.SPENT, due, stream, line_key),
        credit(postings.AVAILABLE, due, stream),
    ]
