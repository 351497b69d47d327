"""What the database refuses about cases that go to another mission, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, guard, state_follows_decision
from workflow.states import MAY_BE_TRANSFERRED

_STATES = ", ".join(f"'{state}'" for state in MAY_BE_TRANSFERRED)
_AGREED = (
    "EXISTS (SELECT 1 FROM workflow_consent agreed WHERE agreed.assistance_id = NEW.assistance_id "
    "AND agreed.for_sharing)"
)
_AS_PROPOSED = (
    "OLD.state <> 'PROPOSED' OR NEW.key <> OLD.key OR NEW.assistance_id <> OLD.assistance_id "
    "OR NEW.sending_id <> OLD.sending_id OR NEW.receiving_id <> OLD.receiving_id OR NEW.aim <> OLD.aim "
    "OR COALESCE(NEW.asked_person_id, 0) <> COALESCE(OLD.asked_person_id, 0) "
    "OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.proposed_at <> OLD.proposed_at"
)
# The newest transfer of the request that was accepted leads from where it is to where it goes.
_ALONG_A_TRANSFER = (  # codes of our own
    "EXISTS (SELECT 1 FROM workflow_casetransfer t WHERE t.assistance_id = NEW.id AND t.state = 'ACCEPTED' "
    "AND t.sending_id = OLD.mission_id AND t.receiving_id = NEW.mission_id AND NOT EXISTS (SELECT 1 "
    "FROM workflow_casetransfer n WHERE n.assistance_id = NEW.id AND n.state = 'ACCEPTED' AND n.id > t.id))"
)
_HAS_MONEY = (
    "EXISTS (SELECT 1 FROM workflow_budgetline l WHERE l.assistance_id = NEW.id) "
    "OR EXISTS (SELECT 1 FROM workflow_urgentallowance a WHERE a.assistance_id = NEW.id)"
)

GUARDS: list[Guard] = [
    *state_follows_decision("workflow_casetransfer", "key"),
    guard(
        "workflow_casetransfer_of_who_has_it",
        "workflow_casetransfer",
        "BEFORE INSERT",
        "TRANSFER-01: a case is offered only with consent to sharing, and by the mission it is with.",
        f"NOT {_AGREED} OR NOT EXISTS (SELECT 1 FROM workflow_assistancerequest r "  # noqa: S608
        "WHERE r.id = NEW.assistance_id AND r.mission_id = NEW.sending_id)",
    ),
    guard(
        "workflow_casetransfer_with_consent",
        "workflow_casetransfer",
        "BEFORE UPDATE",
        "TRANSFER-01: a transfer is accepted only while the persons agree to sharing.",
        f"NEW.state = 'ACCEPTED' AND OLD.state <> 'ACCEPTED' AND NOT {_AGREED}",
    ),
    guard(
        "workflow_casetransfer_stays_as_proposed",
        "workflow_casetransfer",
        "BEFORE UPDATE",
        "TRANSFER-06: a transfer is answered once, and stays as it was proposed.",
        _AS_PROPOSED,
    ),
    guard(
        "workflow_casetransfer_never_removed",
        "workflow_casetransfer",
        "BEFORE DELETE",
        "TRANSFER-06: a transfer is not removed.",
        "1 = 1",
    ),
    guard(
        "workflow_assistancerequest_moves_by_transfer",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "TRANSFER-07: a request goes to another mission by an accepted transfer, and before there is money in it.",
        "NEW.mission_id <> OLD.mission_id AND "
        f"(NOT {_ALONG_A_TRANSFER} OR NEW.state NOT IN ({_STATES}) OR {_HAS_MONEY})",
    ),
]
