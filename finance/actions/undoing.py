"""Undoing a match: the opposite journal, posted now, never a deletion; both stay, and the line is open again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from finance import postings
from finance.actions.matching import lines_under_lock
from finance.actions.suggestions import suggest
from finance.ledger import Entry, post
from finance.models import Disbursement, Journal, JournalLine, Match, StatementLine
from finance.states import StatementLineState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.decisions.models import Decision
from gaf.gate import acting, in_one_piece, under_lock
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
    line = under_lock(StatementLine, line_id)
    matches, others = _with_its_split(line)
    _undo_one(line, matches, actor, at, reason, seen_version)
    for other, its_own in others:
        _undo_one(other, its_own, actor, at, reason, None)
    suggest(line.statement.bank_account, at)
    return line


@dataclass(frozen=True)
class Standing:
    """A match to undo, and whether the line that brought its disbursement's money back is matched too."""

    match: Match
    came_back: bool


def _with_its_split(line: StatementLine) -> tuple[list[Standing], list[tuple[StatementLine, list[Standing]]]]:
    """The matches of the line, and the other lines that settle the same disbursement with it, with theirs."""
    own = Match.objects.filter(line=line, disbursement__isnull=False).values("disbursement")
    found = _standing(Q(line=line) | Q(disbursement__in=own))
    settled = {one.match.disbursement_id for one in found if one.match.line_id == line.pk and _settles(one.match)}
    together = {one.match.line_id for one in found if _settles(one.match) and one.match.disbursement_id in settled}
    others = lines_under_lock(StatementLine.objects.filter(pk__in=together - {line.pk})) if len(together) > 1 else []
    its_own = _standing(Q(line__in=others)) if others else []
    return [one for one in found if one.match.line_id == line.pk], [
        (other, [one for one in its_own if one.match.line_id == other.pk]) for other in others
    ]


def _settles(match: Match) -> bool:
    return match.kind == K.DISBURSEMENT


def _standing(wanted: Q) -> list[Standing]:
    """Matches that stand, with what letting them go needs."""
    came_back = Match.objects.filter(disbursement=OuterRef("disbursement"), kind=K.RETURN)
    rows = Match.objects.filter(wanted).select_related("disbursement", "refund", "journal").order_by("pk")
    found: list[Any] = list(rows.annotate(came_back=Exists(came_back)))
    return [Standing(row, row.came_back) for row in found]


def _undo_one(
    line: StatementLine,
    standing: list[Standing],
    actor: User,
    at: datetime,
    reason: str,
    seen_version: int | None,
) -> None:
    matches = [one.match for one in standing]
    related = next((match.disbursement.reference for match in matches if match.disbursement), "")
    with acting(
        StatementLine,
        line.pk,
        act="undo_match",
        actor=actor,
        at=at,
        related=related,
        reason=reason,
        seen_version=seen_version,
        locked=line,
    ) as doing:
        journal = matches[0].journal if matches else _suspense_journal(line)
        booked = _lines_of(journal)
        for one in standing:
            _let_go(one, booked, at)
        reversal = _reverse(journal, booked, at)
        Match.objects.filter(pk__in=[match.pk for match in matches]).update(
            undone_at=at, undone_by=actor, undone_journal=reversal
        )
        was_aside = bool(matches) and _came_from_suspense(line, booked)
        line.undo_match(back_to=L.SET_ASIDE if was_aside else L.UNMATCHED)
        doing.facts = {"journal": reversal.number, "undoes": journal.number, "minor": line.minor}


def _let_go(one: Standing, booked: list[JournalLine], at: datetime) -> None:
    """The record of a match is as it was before; what a return has freed for others stays freed."""
    match = one.match
    if match.moves:
        raise Refusal(
            "MATCH-06",
            _("The match was not undone."),
            _("It made the disbursement come back, and its commitment is free for others since."),
            _("Prepare the disbursement again, or tell the fund manager."),
        )
    if _settles(match) and one.came_back:
        raise Refusal(
            "MATCH-07",
            _("The match was not undone."),
            _("The line that brought this money back is matched too."),
            _("Undo that line first."),
        )
    if match.refund is not None:
        due = sum(row.minor for row in booked if row.account.code == postings.REFUNDS_DUE)
        match.refund.take_back(Money(match.item_minor, match.refund.currency), Money(-due, "USD"))
    if match.confirms and match.disbursement_id:
        rows = Disbursement.objects.select_for_update(of=("self",)).select_related("payee_version__payee")
        held, system = rows.get(pk=match.disbursement_id), system_actor()
        with acting(Disbursement, held.pk, act="take_back_confirmation", actor=system, at=at, locked=held) as doing:
            doing.subject.take_back_confirmation()


def reverse_journal(journal: Journal, at: datetime) -> Journal:
    """Post the exact opposite of a journal, under a key that names it; it can be posted only once."""
    return _reverse(journal, _lines_of(journal), at)


def _lines_of(journal: Journal) -> list[JournalLine]:
    return list(journal.lines.select_related("account", "stream").order_by("id"))


def _reverse(journal: Journal, booked: list[JournalLine], at: datetime) -> Journal:
    entries = [Entry(row.account.code, -row.money, row.stream, row.line_key) for row in booked]
    return post(kind="undo", key=f"undo:{journal.number}", at=at, reference=journal.reference, entries=entries)


def _suspense_journal(line: StatementLine) -> Journal:
    decision = Decision.objects.filter(subject=line.decision_subject(), act="set_aside_line").latest("number")
    if "journal" in decision.facts:
        return Journal.objects.get(number=decision.facts["journal"])
    return Journal.objects.get(key=f"suspense:{line.decision_subject()}")


def _came_from_suspense(line: StatementLine, booked: list[JournalLine]) -> bool:
    """Whether the match took the line out of suspense, so that undoing it puts it back there."""
    suspense = postings.suspense(line.statement.bank_account.code)
    return any(row.account.code == suspense for row in booked)
