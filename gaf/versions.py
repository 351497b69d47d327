"""Writing several rows whose versions are kept, and a version of each: two statements however many rows there are.

A version written so is dated and named as the single ones are: by our clock, and by the act under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gaf import clock
from gaf.gate import act_under_way


def save_all_by(rows: Sequence[Any], fields: Sequence[str], actor: Any = None, why: str = "") -> None:
    """Save these columns of rows of one sort that are in the database; their versions say who did it, and why."""
    if not rows:
        return
    for row in rows:
        if actor is not None:
            row._history_user = actor
        if why:
            row._change_reason = why
    type(rows[0])._default_manager.bulk_update(rows, fields)
    _keep_versions(rows, update=True)


def create_all(rows: Sequence[Any], actor: Any = None) -> None:
    """Write new rows of one sort."""
    if not rows:
        return
    for row in rows:
        if actor is not None:
            row._history_user = actor
    type(rows[0])._default_manager.bulk_create(rows)
    _keep_versions(rows, update=False)


def _keep_versions(rows: Sequence[Any], *, update: bool) -> None:
    """As `gaf.apps` has it for single versions; simple-history tells nobody of those that are written together."""
    versions = type(rows[0]).history
    why = act_under_way() or None
    versions.bulk_history_create(rows, update=update, default_date=clock.now(), default_change_reason=why)
