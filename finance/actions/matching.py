"""Matching: a person says which of our records a line of the bank is, and the ledger follows to the cent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from finance import postings
from finance.actions import settlement
from finance.actions.bookings import Piece, book, not_matched, reference_of, times_done, whole
from finance.actions.proposals import Candidate, candidate
from finance.ledger import credit, debit, post
from finance.models import Journal, Match, StatementLine
from finance.states import DisbursementState, Rail
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.decisions.record import decision_of
from gaf.gate import ActsOnEach, acting, acting_on_each, edge_of, in_one_piece, under_lock
from gaf.policy import Question, with_decisions_each
from gaf.refusals import Refusal

S = DisbursementState
K = Match.Kind
Cut = Callable[[StatementLine], list[Piece]]


def lines_under_lock(rows: QuerySet[StatementLine]) -> list[StatementLine]:
    """Lines with statement and account, locked in one order for all until the transaction ends."""
    return list(rows.select_for_update(of=("self",)).select_related("statement__bank_account").order_by("pk"))


@in_one_piece
def match_line(*, line_id: int, actor: User, at: datetime, seen_version: int | None = None) -> StatementLine:
    """Match a line with the one record its exact reference names. Raises Refusal MATCH-02 when there is not one."""
    line = under_lock(StatementLine, line_id)
    found = candidate(line, locked=True)
    return carry_out(line, [found] if found else [], _exactly(found), actor, at, seen_version=seen_version)


@in_one_piece
def match_by_itself(*, line_id: int, actor: User, at: datetime) -> StatementLine:
    """The same by the system, where the fund lets exact lines be matched without a person."""
    line = under_lock(StatementLine, line_id)
    found = candidate(line, locked=True)
    return carry_out(line, [found] if found else [], _exactly(found), actor, at, act="match_by_itself")


def _exactly(found: Candidate | None) -> Cut:
    def cut(line: StatementLine) -> list[Piece]:
        if found is None:
            raise not_matched(
                _("Its reference is not one of ours, or the amount is another."),
                _("Set it aside with a reason, and ask the bank."),
            )
        return [whole(line, found)]

    return cut


def carry_out(
    line: StatementLine,
    found: list[Candidate],
    cut: Cut,
    actor: User,
    at: datetime,
    *,
    act: str = "match_line",
    seen_version: int | None = None,
    facts: Mapping[str, object] | None = None,
) -> StatementLine:
    """Cut a locked line into pieces, book them in one journal, keep one match a piece, move the records and the line.

    Every request that a piece belongs to is asked about separation of duties, here and by the database.
    """
    references = sorted({reference for reference in map(reference_of, found) if reference})
    related = references[0] if references else ""
    seen = {line.pk: seen_version} if seen_version is not None else {}
    with acting_on_each([line], act=act, actor=actor, at=at, related={line.pk: related}, seen_versions=seen) as each:
        pieces = cut(line)
        if sum(piece.minor for piece in pieces) != line.minor:
            raise not_matched(_("The records do not add up to the line."), _("Choose others, or say what the rest is."))
        each[0].facts = {**_keep(each, line, pieces, at), **(facts or {})}
        each.decided += _for_others(line, references[1:], act, actor, at)
        getattr(line, act)()
    return line


def _keep(each: ActsOnEach, line: StatementLine, pieces: list[Piece], at: datetime) -> dict[str, object]:
    """Book the pieces and keep a match of each; what the decision says of them."""
    for piece in pieces:
        _ready(piece)
    moved = [_moves(line, piece, at) for piece in pieces]
    journal = book(line, pieces, at)
    made = [match_of(line, piece, journal, at, moves=moves) for piece, moves in zip(pieces, moved, strict=True)]
    keep_matches(made, at, each)
    told = facts_of(line, pieces[-1], journal)
    return {**told, "pieces": [[str(piece.found), piece.minor] for piece in pieces]} if len(pieces) > 1 else told


def keep_matches(made: Sequence[Match], at: datetime, within: ActsOnEach) -> None:
    """Write matches, and confirm the disbursements whose last piece is among them."""
    confirmed = [match.disbursement for match in made if match.confirms and match.disbursement is not None]
    settlement.confirm_each(confirmed, at, within)
    Match.objects.bulk_create(made)


def match_of(line: StatementLine, piece: Piece, journal: Journal, at: datetime, *, moves: bool = False) -> Match:
    """What is kept of a piece, not written yet; whoever asks about the next piece of its record finds it among its
    matches."""
    match = Match(
        line=line,
        kind=piece.found.kind,
        disbursement=piece.found.disbursement,
        refund=piece.found.refund,
        receipt=piece.found.receipt,
        rule=piece.rule,
        journal=journal,
        minor=piece.minor,
        item_minor=piece.item_minor,
        difference_minor=piece.difference,
        books_to=piece.books_to if piece.difference else "",
        moves=moves,
        confirms=confirms_it(piece),
        at=at,
    )
    piece.found.matches.append(match)
    return match


def facts_of(line: StatementLine, piece: Piece, journal: Journal) -> dict[str, object]:
    """What the decision on a line says of a piece of it."""
    told = {"kind": piece.found.kind, "minor": line.minor, "currency": line.currency, "journal": journal.number}
    return {**told, "rule": piece.rule.decision_subject()} if piece.rule is not None else told


def _ready(piece: Piece) -> None:
    """A return needs the debit it returns."""
    if piece.found.kind == K.RETURN and not piece.found.has(K.DISBURSEMENT):
        raise not_matched(_("The line that took the money out is not matched yet."), _("Match that line first."))


def _moves(line: StatementLine, piece: Piece, at: datetime) -> bool:
    """What comes back makes its disbursement returned, before the ledger says so."""
    disbursement = piece.found.disbursement
    if piece.found.kind != K.RETURN or disbursement is None or disbursement.state == S.RETURNED:
        return False
    code = line.return_code or "returned"
    settlement.mark_returned(disbursement_id=disbursement.pk, code=code, at=at, locked=disbursement)
    return True


def confirms_it(piece: Piece) -> bool:
    """The last piece of a disbursement confirms it, where nobody had."""
    disbursement = piece.found.disbursement
    if piece.found.kind != K.DISBURSEMENT or disbursement is None or disbursement.state != S.SENT:
        return False
    if disbursement.bank_account.rail == Rail.STRIPE:
        return False  # the line is the transfer; only the payout says that the payee's bank has it
    settled = sum(match.item_minor for match in piece.found.matches if match.kind == K.DISBURSEMENT)
    return settled + piece.item_minor == disbursement.account_minor


def _for_others(line: StatementLine, references: list[str], act: str, actor: User, at: datetime) -> list[Decision]:
    """A batch belongs to several requests: each is asked, and each keeps a decision of its own about this line."""
    key, permit = line.decision_subject(), edge_of(line, act).permission
    asked = with_decisions_each([Question(line, act, actor, related=reference) for reference in references])
    return [
        decision_of(
            act=act,
            actor=actor,
            role=permit.require(question),
            at=at,
            subject=f"{key}/{question.related}"[:40],
            reference=question.related,
            facts={"line": key},
        )
        for question in asked
    ]


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
        journal = post(
            kind="suspense",
            key=f"suspense:{line.decision_subject()}" + (f":{line.version}" if times_done(line, "undo_match") else ""),
            at=at,
            entries=[
                debit(postings.bank(code), line.money, day=line.booked_on),
                credit(postings.suspense(code), line.money),
            ],
        )
        line.set_aside_line(reason_code=reason_code)
        doing.facts = {"minor": line.minor, "currency": line.currency, "journal": journal.number}
    return doing.subject
