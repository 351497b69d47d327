"""What the database refuses about complaints and concerns, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, guard, state_follows_decision

_GONE = "NEW.words = '' AND NEW.words_gone_at IS NOT NULL AND OLD.state = 'CLOSED'"
_COMPLAINT_AS_SAID = (
    "NEW.key <> OLD.key OR NEW.kind <> OLD.kind OR NEW.channel <> OLD.channel OR NEW.received_at <> OLD.received_at "
    "OR COALESCE(NEW.assistance_id, 0) <> COALESCE(OLD.assistance_id, 0) "
    "OR COALESCE(NEW.about_id, 0) <> COALESCE(OLD.about_id, 0) "
    "OR (OLD.passed_on_at IS NOT NULL AND NEW.passed_on_at IS NULL) "
    "OR (NEW.words <> OLD.words AND NOT (OLD.passed_on_at IS NULL AND NEW.passed_on_at IS NOT NULL) "
    f"AND NOT ({_GONE}))"
)
_CONCERN_AS_RAISED = (
    "NEW.key <> OLD.key OR NEW.kind <> OLD.kind OR NEW.received_at <> OLD.received_at "
    "OR (OLD.state = 'CLOSED' AND NEW.finding <> OLD.finding) "
    "OR ((NEW.words <> OLD.words OR NEW.reference <> OLD.reference OR NEW.raiser_mark <> OLD.raiser_mark "
    "OR COALESCE(NEW.raised_by_id, 0) <> COALESCE(OLD.raised_by_id, 0)) "
    f"AND NOT ({_GONE}))"
)
_CLOSES = "(NEW.state = 'CLOSED' AND OLD.state <> 'CLOSED') OR (NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL)"
_NOT_ANSWERED = (
    "EXISTS (SELECT 1 FROM workflow_complaint c WHERE c.assistance_id = NEW.id "
    "AND c.state IN ('RECEIVED', 'BEING_LOOKED_INTO'))"
)

GUARDS: list[Guard] = [
    *state_follows_decision("workflow_complaint", "key"),
    guard(
        "workflow_complaint_stays_as_it_was_said",
        "workflow_complaint",
        "BEFORE UPDATE",
        "COMPLAINT-06: what a person said is not edited, and does not come back from oversight.",
        _COMPLAINT_AS_SAID,
    ),
    guard(
        "workflow_complaint_never_removed",
        "workflow_complaint",
        "BEFORE DELETE",
        "COMPLAINT-06: a complaint is not removed.",
        "1 = 1",
    ),
    guard(
        "workflow_assistancerequest_waits_for_complaints",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "COMPLAINT-02: a request is not closed before every complaint about it is answered.",
        f"({_CLOSES}) AND {_NOT_ANSWERED}",
    ),
    *state_follows_decision("workflow_concern", "key"),
    guard(
        "workflow_concern_stays_as_it_was_raised",
        "workflow_concern",
        "BEFORE UPDATE",
        "CONCERN-02: what was raised is not edited, and a finding stands.",
        _CONCERN_AS_RAISED,
    ),
    guard(
        "workflow_concern_never_removed",
        "workflow_concern",
        "BEFORE DELETE",
        "CONCERN-02: a concern is not removed.",
        "1 = 1",
    ),
]
