"""What the database refuses about keeping and erasing cases, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, guard, state_follows_decision

_AS_PLACED = (
    "NEW.key <> OLD.key OR NEW.case_key <> OLD.case_key OR NEW.assistance_id <> OLD.assistance_id "
    "OR NEW.ground <> OLD.ground OR NEW.until <> OLD.until OR NEW.placed_by_id <> OLD.placed_by_id "
    "OR NEW.placed_at <> OLD.placed_at OR OLD.lifted_by_id IS NOT NULL"
)

GUARDS: list[Guard] = [
    *state_follows_decision("workflow_retentionhold", "key"),
    guard(
        "workflow_retentionhold_stays_as_placed",
        "workflow_retentionhold",
        "BEFORE UPDATE",
        "HOLD-02: a retention hold stays as it was placed, and is lifted once.",
        _AS_PLACED,
    ),
    guard(
        "workflow_retentionhold_never_removed",
        "workflow_retentionhold",
        "BEFORE DELETE",
        "HOLD-02: a retention hold is lifted; it is not removed.",
        "1 = 1",
    ),
]
