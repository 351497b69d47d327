"""Matching every exact line of a preview: each in one piece of its own, so that one that moved on stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finance.actions.matching import lines_under_lock, match_line
from finance.models import StatementLine
from gaf.accounts.models import User
from gaf.gate import act_on
from gaf.refusals import Refusal


def match_all_exact(
    *, lines: Sequence[tuple[int, int]], actor: User, at: datetime
) -> tuple[list[int], dict[int, Refusal]]:
    """Match these lines (number in the database, version seen); those done, and why each other one was not."""
    done: list[int] = []
    left: dict[int, Refusal] = {}
    for line_id, version in lines:
        try:
            _match(line_id, version, actor, at)
            done.append(line_id)
        except Refusal as refusal:
            left[line_id] = refusal
    return done, left


def _match(line_id: int, version: int, actor: User, at: datetime) -> None:
    """Lock one line with its account, and match it."""
    rows = StatementLine.objects.filter(pk=line_id)
    act_on(
        lambda: lines_under_lock(rows)[0],
        lambda line: match_line(line_id=line.pk, actor=actor, at=at, seen_version=version),
    )
