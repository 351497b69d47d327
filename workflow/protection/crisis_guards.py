"""What the database refuses about crisis windows, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, append_only, guard, state_follows_decision

_AS_RECORDED = (
    "NEW.key <> OLD.key OR NEW.crisis <> OLD.crisis OR NEW.counts <> OLD.counts OR NEW.source <> OLD.source "
    "OR NEW.everywhere <> OLD.everywhere OR NEW.first_day <> OLD.first_day OR NEW.opened_until <> OLD.opened_until "
    "OR NEW.recorded_by_id <> OLD.recorded_by_id OR NEW.recorded_at <> OLD.recorded_at "
    "OR (OLD.confirmed_by_id IS NOT NULL AND COALESCE(NEW.confirmed_by_id, 0) <> OLD.confirmed_by_id)"
)
_END_OF_TWO = (
    "NEW.last_day <> OLD.last_day AND (OLD.state <> 'END_ASKED' OR NEW.state <> 'OPEN' "
    "OR NEW.last_day <> OLD.asked_last_day OR NEW.end_confirmed_by_id IS NULL "
    "OR NEW.end_confirmed_by_id = OLD.asked_by_id)"
)
_ANOTHER_THERE = (
    "NEW.state = 'OPEN' AND EXISTS (SELECT 1 FROM workflow_crisiswindow w WHERE w.id <> NEW.id "
    "AND w.state IN ('OPEN', 'END_ASKED') AND w.first_day <= NEW.last_day AND w.last_day >= NEW.first_day "
    "AND (w.everywhere OR NEW.everywhere OR EXISTS (SELECT 1 FROM workflow_crisisplace a "
    "JOIN workflow_crisisplace b ON a.mission_id = b.mission_id WHERE a.window_id = NEW.id AND b.window_id = w.id)))"
)

GUARDS: list[Guard] = [
    *state_follows_decision("workflow_crisiswindow", "key"),
    guard(
        "workflow_crisiswindow_never_removed",
        "workflow_crisiswindow",
        "BEFORE DELETE",
        "CRISIS-06: a crisis window is not removed.",
        "1 = 1",
    ),
    guard(
        "workflow_crisiswindow_stays_as_recorded",
        "workflow_crisiswindow",
        "BEFORE UPDATE",
        "CRISIS-06: a crisis window is not edited.",
        _AS_RECORDED,
    ),
    guard(
        "workflow_crisiswindow_ends_as_two_people_said",
        "workflow_crisiswindow",
        "BEFORE UPDATE",
        "CRISIS-02: the last day of a crisis window moves only as a second person confirmed.",
        _END_OF_TWO,
    ),
    guard(
        "workflow_crisiswindow_only_one_in_a_country",
        "workflow_crisiswindow",
        "BEFORE UPDATE",
        "CRISIS-04: another crisis window counts in one of its countries on some of these days.",
        _ANOTHER_THERE,
    ),
    *append_only("workflow_crisisplace", "CRISIS-06"),
    guard(
        "workflow_crisisplace_before_it_opens",
        "workflow_crisisplace",
        "BEFORE INSERT",
        "CRISIS-06: no country is added to a crisis window that was decided, nor to one that counts everywhere.",
        "EXISTS (SELECT 1 FROM workflow_crisiswindow w WHERE w.id = NEW.window_id "
        "AND (w.state <> 'RECORDED' OR w.everywhere))",
    ),
]
