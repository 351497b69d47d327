"""What the database refuses about keeping and erasing cases, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, guard, state_follows_decision
from workflow.states import FINAL_STATES

_AS_PLACED = (
    "NEW.key <> OLD.key OR NEW.case_key <> OLD.case_key OR NEW.assistance_id <> OLD.assistance_id "
    "OR NEW.ground <> OLD.ground OR NEW.until <> OLD.until OR NEW.placed_by_id <> OLD.placed_by_id "
    "OR NEW.placed_at <> OLD.placed_at OR OLD.lifted_by_id IS NOT NULL"
)
_FINAL = ", ".join(f"'{state}'" for state in FINAL_STATES)
_AS_PROPOSED = (
    "OLD.state IN ('DONE', 'DISCARDED') OR NEW.key <> OLD.key OR NEW.case_key <> OLD.case_key "
    "OR NEW.assistance_id <> OLD.assistance_id OR NEW.ground <> OLD.ground "
    "OR CAST(NEW.foreseen AS TEXT) <> CAST(OLD.foreseen AS TEXT) "
    "OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.proposed_at <> OLD.proposed_at "
    "OR (OLD.confirmed_by_id IS NOT NULL AND NEW.confirmed_by_id <> OLD.confirmed_by_id) "
    "OR (OLD.destroyed IS NOT NULL AND CAST(NEW.destroyed AS TEXT) <> CAST(OLD.destroyed AS TEXT))"
)
_MOVES_ON = "NEW.state <> OLD.state AND NEW.state IN ('CONFIRMED', 'DONE')"
_ERASED = (
    "EXISTS (SELECT 1 FROM workflow_erasure e WHERE e.case_key = NEW.case_key AND e.state IN ('CONFIRMED', 'DONE'))"
)

GUARDS: list[Guard] = [
    *state_follows_decision("workflow_personcopy", "key"),
    guard(
        "workflow_personcopy_stays_as_asked",
        "workflow_personcopy",
        "BEFORE UPDATE",
        "COPY-03: what was asked for stays as it was asked, and is handed over once.",
        "OLD.state <> 'ASKED' OR NEW.key <> OLD.key OR NEW.assistance_id <> OLD.assistance_id "
        "OR NEW.person_key <> OLD.person_key OR NEW.asked_by <> OLD.asked_by OR NEW.asked_on <> OLD.asked_on "
        "OR NEW.recorded_by_id <> OLD.recorded_by_id",
    ),
    guard(
        "workflow_personcopy_never_removed",
        "workflow_personcopy",
        "BEFORE DELETE",
        "COPY-03: that somebody asked for a copy is not removed.",
        "1 = 1",
    ),
    *state_follows_decision("workflow_erasure", "key"),
    guard(
        "workflow_erasure_stays_as_proposed",
        "workflow_erasure",
        "BEFORE UPDATE",
        "ERASE-07: an erasure stays as it was proposed and confirmed, and its certificate as it was given.",
        _AS_PROPOSED,
    ),
    guard(
        "workflow_erasure_never_removed",
        "workflow_erasure",
        "BEFORE DELETE",
        "ERASE-07: an erasure and its certificate are not removed.",
        "1 = 1",
    ),
    guard(
        "workflow_erasure_waits_for_the_hold",
        "workflow_erasure",
        "BEFORE UPDATE",
        "ERASE-02: nothing is erased while a retention hold stands.",
        f"{_MOVES_ON} AND EXISTS (SELECT 1 FROM workflow_retentionhold h "  # noqa: S608  # codes of our own
        "WHERE h.case_key = NEW.case_key AND h.state = 'STANDING')",
    ),
    guard(
        "workflow_erasure_waits_for_the_end",
        "workflow_erasure",
        "BEFORE UPDATE",
        "ERASE-01: nothing is erased while a request of the case is open.",
        f"{_MOVES_ON} AND EXISTS (SELECT 1 FROM workflow_assistancerequest r "  # noqa: S608  # codes of our own
        f"WHERE r.case_key = NEW.case_key AND r.state NOT IN ({_FINAL}))",
    ),
    guard(
        "workflow_retentionhold_comes_in_time",
        "workflow_retentionhold",
        "BEFORE INSERT",
        "HOLD-05: what is being erased can be held no more.",
        _ERASED,
    ),
    guard(
        "workflow_assistancerequest_rests_when_erased",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "ERASE-08: a request that was erased goes nowhere any more.",
        f"NEW.state <> OLD.state AND {_ERASED}",
    ),
    guard(
        "workflow_assistancerequest_in_no_erased_case",
        "workflow_assistancerequest",
        "BEFORE INSERT",
        "ERASE-08: no request is added to a case that was erased.",
        _ERASED,
    ),
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
