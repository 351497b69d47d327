"""What the database refuses about persons who may be one, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, guard, state_follows_decision

_AS_FOUND = (
    "OLD.state IN ('SAME', 'DIFFERENT') OR NEW.key <> OLD.key OR NEW.first_id <> OLD.first_id "
    "OR NEW.second_id <> OLD.second_id OR NEW.sign <> OLD.sign OR NEW.found_at <> OLD.found_at "
    "OR (OLD.weighed_by_id IS NOT NULL AND (NEW.weighed_by_id <> OLD.weighed_by_id OR NEW.proposed <> OLD.proposed))"
)


def _erasing(persons: str) -> str:
    """A case of one of these persons is being erased."""
    return (  # codes of our own
        "EXISTS (SELECT 1 FROM workflow_person p JOIN workflow_assistancerequest r ON r.id = p.assistance_id "  # noqa: S608
        f"JOIN workflow_erasure e ON e.case_key = r.case_key WHERE p.id IN ({persons}) AND e.state = 'CONFIRMED')"
    )


_HELPED_ELSEWHERE = (
    "EXISTS (SELECT 1 FROM workflow_person p JOIN workflow_knownperson k ON k.person_id = p.id "
    "JOIN workflow_knownperson o ON o.known_key = k.known_key JOIN workflow_person q ON q.id = o.person_id "
    "JOIN workflow_assistancerequest r ON r.id = q.assistance_id "
    "WHERE p.assistance_id = NEW.id AND p.left_code = '' AND r.id <> NEW.id AND r.state <> 'CANCELLED' "
    "AND o.helped_until > NEW.approved_at "
    "AND NOT EXISTS (SELECT 1 FROM privacy_strictcase s WHERE s.reference = r.reference))"
)
_ALLOWED = (
    "EXISTS (SELECT 1 FROM decisions_decision d WHERE d.subject = NEW.reference AND d.act = 'allow_repeated_help')"
)
_FOUND_TO_BE_ONE = (
    "EXISTS (SELECT 1 FROM workflow_likeness l WHERE l.state = 'SAME' AND NEW.person_id IN (l.first_id, l.second_id))"
)

GUARDS: list[Guard] = [
    *state_follows_decision("workflow_likeness", "key"),
    guard(
        "workflow_likeness_stays_as_found",
        "workflow_likeness",
        "BEFORE UPDATE",
        "LIKE-04: a likeness stays as it was found and weighed, and is decided once.",
        _AS_FOUND,
    ),
    guard(
        "workflow_likeness_goes_with_its_case",
        "workflow_likeness",
        "BEFORE DELETE",
        "LIKE-04: a likeness is removed only when a case of it is erased.",
        f"NOT {_erasing('OLD.first_id, OLD.second_id')}",
    ),
    guard(
        "workflow_knownperson_was_found_to_be_one",
        "workflow_knownperson",
        "BEFORE INSERT",
        "LIKE-05: a person gets a key in common only where two people found it to be one with another.",
        f"NOT {_FOUND_TO_BE_ONE}",
    ),
    guard(
        "workflow_knownperson_goes_with_its_case",
        "workflow_knownperson",
        "BEFORE DELETE",
        "LIKE-05: who is one with another stays known until the case is erased.",
        f"NOT {_erasing('OLD.person_id')}",
    ),
    guard(
        "workflow_assistancerequest_repeats_by_exception",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "REPEAT-01: help to somebody who was helped not long ago needs an exceptional approval.",
        f"OLD.state = 'BUDGET_REVIEW' AND NEW.state = 'APPROVED' AND {_HELPED_ELSEWHERE} AND NOT {_ALLOWED}",
    ),
]
