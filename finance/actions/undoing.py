"""Undoing a match: the opposite journal, posted now, never a deletion; both stay, and the line is open again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from finance import postings
from finance.actions.suggestions import suggest
from finance.ledger import Entry, post
from finance.models import Disbursement, Journal, Match, StatementLine
from finance.states import StatementLineState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.decisions.models import Decision
from gaf.gate import acting, in_one_piece
from gaf.money import Money
from gaf.refusals import Refusal

L = StatementLineState
K = Match.Kind


@in_one_piece
def undo_match(
    *, line_id: int, actor: User, at: datetime, reason: str = "", seen_version: int | None = None
) -> StatementLine:
    """Undo what was said of a line, matched or set aside; the lines of a split are undone together.

    The reversal is posted today, whatever has become of the period of the first journal. A disbursement that only this
    match confirmed is sent and unconfirmed again. Raises Refusal MATCH-06 where a return has freed a commitment.
    """
    line = StatementLine.objects.select_related("statement__bank_account").get(pk=line_id)
    for other in _with_its_split(line):
        _undo_one(other.pk, actor, at, reason, seen_version if other.pk == line_id else None)
    suggest(line.statement.bank_account, at)
    return StatementLine.objects.get(pk=line_id)


def _with_its_split(line: StatementLine) -> list[StatementLine]:
    """The line, and the other lines that settle the same disbursement with it."""
    matches = Match.objects.filter(line=line, kind=K.DISBURSEMENT)
    together = Match.objects.filter(kind=K.DISBURSEMENT, disbursement__in=matches.values("disbursement"))
    lines = StatementLine.objects.filter(pk__in=together.values("line")).exclude(pk=line.pk)
    return [line, *lines.order_by("pk")]


def _undo_one(line_id: int, actor: User, at: datetime, reason: str, seen_version: int | None) -> None:
    matches = list(Match.objects.filter(line_id=line_id).select_related("disbursement", "refund", "journal"))
    related = next((m.disbursement.reference for m in matches if m.disbursement), "")
    with acting(
        StatementLine,
        line_id,
        act="undo_match",
        actor=actor,
        at=at,
        related=related,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        line: StatementLine = doing.subject
        for match in matches:
            _let_go(match, at)
        journal = matches[0].journal if matches else _suspense_journal(line)
        reversal = reverse_journal(journal, at)
        for match in matches:
            match.undone_at, match.undone_by, match.undone_journal = at, actor, reversal
            match.save(update_fields=["undone_at", "undone_by", "undone_journal"])
        was_aside = bool(matches) and _came_from_suspense(line, journal)
        line.undo_match(back_to=L.SET_ASIDE if was_aside else L.UNMATCHED)
        doing.facts = {"journal": reversal.number, "undoes": journal.number, "minor": line.minor}


def _let_go(match: Match, at: datetime) -> None:
    """The record of a match is as it was before; what a return has freed for others stays freed."""
    if match.moves:
        raise Refusal(
            "MATCH-06",
            _("The match was not undone."),
            _("It made the disbursement come back, and its commitment is free for others since."),
            _("Prepare the disbursement again, or tell the fund manager."),
        )
    returned = match.kind == K.DISBURSEMENT and match.disbursement is not None
    if returned and Match.objects.filter(disbursement=match.disbursement, kind=K.RETURN).exists():
        raise Refusal(
            "MATCH-07",
            _("The match was not undone."),
            _("The line that brought this money back is matched too."),
            _("Undo that line first."),
        )
    if match.refund is not None:
        booked = match.journal.lines.filter(account__code=postings.REFUNDS_DUE).aggregate(sum=Sum("minor"))["sum"] or 0
        match.refund.take_back(Money(match.item_minor, match.refund.currency), Money(-booked, "USD"))
    if match.confirms and match.disbursement_id:
        with acting(
            Disbursement, match.disbursement_id, act="take_back_confirmation", actor=system_actor(), at=at
        ) as doing:
            doing.subject.take_back_confirmation()


def reverse_journal(journal: Journal, at: datetime) -> Journal:
    """Post the exact opposite of a journal, under a key that names it; it can be posted only once."""
    rows = journal.lines.select_related("account", "stream").order_by("id")
    entries = [Entry(row.account.code, -row.money, row.stream, row.line_key) for row in rows]
    return post(kind="undo", key=f"undo:{journal.number}", at=at, reference=journal.reference, entries=entries)


def _suspense_journal(line: StatementLine) -> Journal:
    decision = Decision.objects.filter(subject=line.decision_subject(), act="set_aside_line").latest("number")
    if "journal" in decision.facts:
        return Journal.objects.get(number=decision.facts["journal"])
    return Journal.objects.get(key=f"suspense:{line.decision_subject()}")


def _came_from_suspense(line: StatementLine, journal: Journal) -> bool:
    """Whether the match took the line out of suspense, so that undoing it puts it back there."""
    return journal.lines.filter(account__code=postings.suspense(line.statement.bank_account.code)).exists()
