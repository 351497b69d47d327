"""Matching every exact line of a preview: each in one piece of its own, so that one that moved on stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finance.actions.matching import match_line
from gaf.accounts.models import User
from gaf.refusals import Refusal


def match_all_exact(
    *, lines: Sequence[tuple[int, int]], actor: User, at: datetime
) -> tuple[list[int], dict[int, Refusal]]:
    """Match these lines (number in the database, version seen); those done, and why each other one was not."""
    done: list[int] = []
    left: dict[int, Refusal] = {}
    for line_id, version in lines:
        try:
            match_line(line_id=line_id, actor=actor, at=at, seen_version=version)
            done.append(line_id)
        except Refusal as refusal:
            left[line_id] = refusal
    return done, left
