"""Looking back: what stood on a request at a moment, told by the versions that were kept of all it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gaf.decisions.models import Decision

# An act takes the moment before it writes; what it wrote stands some seconds later at most.
_AN_ACT = timedelta(seconds=10)


@dataclass(frozen=True)
class Moment:
    """A moment to look back to: everything up to `at`, and of what was written beside it what these acts wrote or not.

    `after` are acts whose writing counts as done then; `before` are acts that had not begun.
    """

    at: datetime
    after: frozenset[str] = field(default_factory=frozenset)
    before: frozenset[str] = field(default_factory=frozenset)

    def holds(self, row: Any) -> bool:
        """Whether this version of a record had been written by then."""
        act = row.history_change_reason or ""
        if act in self.before and row.history_date >= self.at:
            return False
        if act in self.after and row.history_date <= self.at + _AN_ACT:
            return True
        return bool(row.history_date <= self.at)


def moment_before(decision: Decision, decisions: Iterable[Decision]) -> Moment:
    """What the one who decided had before them: everything but what this act, and acts after it, wrote."""
    later = {one.act for one in decisions if one.number >= decision.number}
    return Moment(decision.at, before=frozenset(later))


def moment_after(decision: Decision) -> Moment:
    """What stood there when the decision was done, with all it wrote."""
    return Moment(decision.at, after=frozenset({decision.act}))


def version_at(versions: Sequence[Any], moment: Moment) -> Any:
    """The version of a record that stood at a moment, oldest versions first; None when it was not there."""
    standing = [row for row in versions if moment.holds(row)]
    return standing[-1] if standing and standing[-1].history_type != "-" else None
