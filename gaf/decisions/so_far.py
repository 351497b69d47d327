"""What was decided on a record so far, read once by the gate and lent to whatever the act asks while it runs.

The record is locked then and nobody else decides on it, so what was read stays true; it is forgotten with the act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gaf.decisions.models import Decision

_KEPT = "_decided_so_far"


@contextmanager
def lending_decisions(subject: Any, decisions: Iterable[Decision]) -> Iterator[list[Decision]]:
    """Let the record know its decisions, in their order, while an act is done; the newest is added when it is made."""
    kept = subject.__dict__[_KEPT] = list(decisions)
    try:
        yield kept
    finally:
        subject.__dict__.pop(_KEPT, None)


def decided_so_far(subject: Any) -> list[Decision] | None:
    """Every decision on the record and on what belongs to it, without facts and reasons; None outside of an act."""
    kept: list[Decision] | None = subject.__dict__.get(_KEPT)
    return kept


def may_have_done(subject: Any, *acts: str) -> bool:
    """Whether one of these acts may have been done on the record or on what belongs to it.

    True outside of an act, where nobody has looked. What an act makes is not there where the act was never done, and so
    need not be asked for.
    """
    known = decided_so_far(subject)
    return known is None or any(decision.act in acts for decision in known)
