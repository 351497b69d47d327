"""Undoing a match: the opposite journal, posted now, never a deletion; both stay, and the line is open again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from finance import postings
from finance.actions import settlement
from finance.actions.matching import lines_under_lock
from finance.actions.suggestions import suggest
from finance.ledger import Draft, Entry, post_all
from finance.models import Journal, JournalLine, Match, StatementLine
from finance.states import StatementLineState
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.gate import ActsOnEach, acting_on_each, in_one_piece, under_lock
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
    standing = _with_its_split(line)
    _undo(standing, actor, at, reason, {line.pk: seen_version} if seen_version is not None else {})
    suggest(line.statement.bank_account, at)
    return line


@dataclass(frozen=True)
class Standing:
    """A match to undo, and whether the line that brought its disbursement's money back is matched too."""

    match: Match
    came_back: bool


# Locked lines, each with what is to be undone of it; nothing of one that was set aside.
Undone = list[tuple[StatementLine, list[Standing]]]


def _with_its_split(line: StatementLine) -> Undone:
    """The line, and after it the other lines that settle the same disbursement with it."""
    own = Match.objects.filter(line=line, disbursement__isnull=False).values("disbursement")
    found = _standing(Q(line=line) | Q(disbursement__in=own))
    settled = {one.match.disbursement_id for one in found if one.match.line_id == line.pk and _settles(one.match)}
    together = {one.match.line_id for one in found if _settles(one.match) and one.match.disbursement_id in settled}
    others = lines_under_lock(StatementLine.objects.filter(pk__in=together - {line.pk})) if len(together) > 1 else []
    if others:
        found = [*found, *_standing(Q(line__in=others))]
    return [(one, [row for row in found if row.match.line_id == one.pk]) for one in (line, *others)]


def _settles(match: Match) -> bool:
    return match.kind == K.DISBURSEMENT


def _standing(wanted: Q) -> list[Standing]:
    """Matches that stand, with what letting them go needs."""
    came_back = Match.objects.filter(disbursement=OuterRef("disbursement"), kind=K.RETURN)
    rows = Match.objects.filter(wanted).select_related("disbursement", "refund", "journal").order_by("pk")
    found: list[Any] = list(rows.annotate(came_back=Exists(came_back)))
    return [Standing(row, row.came_back) for row in found]


def _undo(undone: Undone, actor: User, at: datetime, reason: str, seen: dict[int, int]) -> None:
    """Reverse what was booked of each line, let the records go, and let the lines wait where they waited before."""
    with acting_on_each(
        [line for line, _standing in undone],
        act="undo_match",
        actor=actor,
        at=at,
        related={line.pk: _request_of(standing) for line, standing in undone},
        seen_versions=seen,
        reason=reason,
        save=_save,
    ) as each:
        booked = _booked(undone)
        journals = [rows[0].journal for rows in booked.values()]
        _require_undoable(undone)
        reversals = post_all([_opposite(rows) for rows in booked.values()], at=at)
        _let_go(undone, booked, at, each)
        for (_line, standing), reversal in zip(undone, reversals, strict=True):
            for match in (one.match for one in standing):
                match.undone_at, match.undone_by, match.undone_journal = at, actor, reversal
        matches = [one.match for _line, standing in undone for one in standing]
        Match.objects.bulk_update(matches, ["undone_at", "undone_by", "undone_journal"])
        for doing, (line, standing), journal, reversal in zip(each, undone, journals, reversals, strict=True):
            was_aside = bool(standing) and _came_from_suspense(line, booked[line.pk])
            line.undo_match(back_to=L.SET_ASIDE if was_aside else L.UNMATCHED)
            doing.facts = {"journal": reversal.number, "undoes": journal.number, "minor": line.minor}


def _save(lines: Sequence[StatementLine]) -> None:
    StatementLine.objects.bulk_update(lines, ["state", "version", "reason_code"])


def _request_of(standing: list[Standing]) -> str:
    return next((one.match.disbursement.reference for one in standing if one.match.disbursement), "")


def _require_undoable(undone: Undone) -> None:
    """What a return has freed for others stays freed."""
    for match, came_back in [(one.match, one.came_back) for _line, standing in undone for one in standing]:
        if match.moves:
            raise Refusal(
                "MATCH-06",
                _("The match was not undone."),
                _("It made the disbursement come back, and its commitment is free for others since."),
                _("Prepare the disbursement again, or tell the fund manager."),
            )
        if _settles(match) and came_back:
            raise Refusal(
                "MATCH-07",
                _("The match was not undone."),
                _("The line that brought this money back is matched too."),
                _("Undo that line first."),
            )


def _let_go(undone: Undone, booked: dict[int, list[JournalLine]], at: datetime, within: ActsOnEach) -> None:
    """The records of the matches are as they were before."""
    matches = [one.match for _line, standing in undone for one in standing]
    for match in matches:
        if match.refund is not None:
            rows = booked[match.line_id]
            due = sum(row.minor for row in rows if row.account.code == postings.REFUNDS_DUE)
            match.refund.take_back(Money(match.item_minor, match.refund.currency), Money(-due, "USD"))
    settlement.take_back_confirmations(
        {one.disbursement_id for one in matches if one.confirms and one.disbursement_id is not None}, at, within
    )


def reverse_journal(journal: Journal, at: datetime) -> Journal:
    """Post the exact opposite of a journal, under a key that names it; it can be posted only once."""
    return post_all([_opposite(_lines_of([journal.number])[journal.number])], at=at)[0]


def _booked(undone: Undone) -> dict[int, list[JournalLine]]:
    """What was booked of each line, by its number in the database: its match, or that it was set aside."""
    numbers = {
        line.pk: standing[0].match.journal.number if standing else _suspense_number(line) for line, standing in undone
    }
    found = _lines_of(numbers.values())
    return {pk: found[number] for pk, number in numbers.items()}


def _lines_of(numbers: Collection[int]) -> dict[int, list[JournalLine]]:
    """What each of these journals booked, with the journal itself."""
    rows = JournalLine.objects.filter(journal__number__in=numbers).select_related("account", "stream", "journal")
    found: dict[int, list[JournalLine]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.journal.number].append(row)
    return found


def _opposite(booked: list[JournalLine]) -> Draft:
    journal = booked[0].journal
    entries = [Entry(row.account.code, -row.money, row.stream, row.line_key) for row in booked]
    return Draft(kind="undo", key=f"undo:{journal.number}", entries=entries, reference=journal.reference)


def _suspense_number(line: StatementLine) -> int:
    """The number of the journal that put a line into suspense."""
    decision = Decision.objects.filter(subject=line.decision_subject(), act="set_aside_line").latest("number")
    number: int | None = decision.facts.get("journal")
    return number or Journal.objects.get(key=f"suspense:{line.decision_subject()}").number


def _came_from_suspense(line: StatementLine, booked: list[JournalLine]) -> bool:
    """Whether the match took the line out of suspense, so that undoing it puts it back there."""
    suspense = postings.suspense(line.statement.bank_account.code)
    return any(row.account.code == suspense for row in booked)
