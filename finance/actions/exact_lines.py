"""Matching every exact line of a preview: together those that nothing stands against, and each of the others in a piece
of its own, so that one that moved on stops no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from finance.actions.bookings import Piece, whole
from finance.actions.matching import lines_under_lock, match_line
from finance.actions.matching_together import TOGETHER, carry_out_each
from finance.actions.proposals import candidates
from finance.models import StatementLine
from gaf.accounts.models import User
from gaf.gate import act_on, edge_of, in_one_piece
from gaf.refusals import Refusal


def match_all_exact(
    *, lines: Sequence[tuple[int, int]], actor: User, at: datetime
) -> tuple[list[int], dict[int, Refusal]]:
    """Match these lines (number in the database, version seen); those done, and why each other one was not."""
    try:
        together = set(_match_together(dict(lines), actor, at))
    except Refusal:
        together = set()  # one by one it shows which line it is about
    done: list[int] = []
    left: dict[int, Refusal] = {}
    for line_id, version in lines:
        try:
            if line_id not in together:
                _match(line_id, version, actor, at)
            done.append(line_id)
        except Refusal as refusal:
            left[line_id] = refusal
    return done, left


@in_one_piece
def _match_together(versions: Mapping[int, int], actor: User, at: datetime) -> list[int]:
    """Lock the lines and match at once those that are as they were seen and name a record that no other one names."""
    held = lines_under_lock(StatementLine.objects.filter(pk__in=versions)) if versions else []
    lines = [line for line in held if line.version == versions[line.pk] and edge_of(line, "match_line") is not None]
    told = _pieces(lines)
    if told:
        carry_out_each(told, actor, at)
    return [line.pk for line, _piece in told]


def _pieces(lines: list[StatementLine]) -> list[tuple[StatementLine, Piece]]:
    """Each line whole for its record; of two that name the same one, the first."""
    found = candidates(lines, locked=True) if lines else {}
    told: list[tuple[StatementLine, Piece]] = []
    taken: set[str] = set()
    for line in lines:
        one = found.get(line.pk)
        if one is not None and one.kind in TOGETHER and str(one) not in taken:
            told.append((line, whole(line, one)))
            taken |= {str(one)} - {""}
    return told


def _match(line_id: int, version: int, actor: User, at: datetime) -> None:
    """Lock one line with its account, and match it."""
    rows = StatementLine.objects.filter(pk=line_id)
    act_on(
        lambda: lines_under_lock(rows)[0],
        lambda line: match_line(line_id=line.pk, actor=actor, at=at, seen_version=version),
    )
