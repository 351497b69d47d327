"""What the database refuses about donor reports, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, guard, state_follows_decision
from workflow.donor_reports.questions import CORE, MOST_ADDED

TABLE = "workflow_donorreport"
_ADDED = tuple(f"{part}_{place}" for place in range(1, MOST_ADDED + 1) for part in ("topic", "added"))
_TEXTS = tuple(question.name for question in CORE) + _ADDED
_WORDS_MOVE = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _TEXTS)
_AS_BEGUN = (
    "NEW.key <> OLD.key OR NEW.agreement_id <> OLD.agreement_id OR NEW.first_day <> OLD.first_day "
    "OR NEW.last_day <> OLD.last_day OR NEW.begun_by_id <> OLD.begun_by_id OR NEW.begun_at <> OLD.begun_at"
)
_MOVES = "(OLD.state = 'DRAFT' AND NEW.state = 'PROPOSED' OR OLD.state = 'PROPOSED' AND NEW.state = 'DRAFT')"
_WRITER = (
    "EXISTS (SELECT 1 FROM decisions_decision d WHERE d.subject = NEW.key "
    "AND d.act IN ('begin_donor_report', 'write_donor_report', 'propose_donor_report') "
    "AND (d.actor_id = NEW.issued_by_id OR d.on_behalf_of_id = NEW.issued_by_id))"
)
_NOT_WHO_DECIDED = (
    "NEW.issued_by_id <> COALESCE((SELECT d.actor_id FROM decisions_decision d WHERE d.subject = NEW.key "
    "ORDER BY d.number DESC LIMIT 1), 0)"
)
_ISSUED_BY_A_WRITER = f"NEW.state = 'ISSUED' AND OLD.state <> 'ISSUED' AND ({_WRITER} OR {_NOT_WHO_DECIDED})"
_ANOTHER_OF_THESE_DAYS = (
    f"NEW.state = 'ISSUED' AND EXISTS (SELECT 1 FROM {TABLE} r "  # noqa: S608
    "WHERE r.id <> NEW.id AND r.state = 'ISSUED' "
    "AND r.agreement_id = NEW.agreement_id AND r.first_day <= NEW.last_day AND r.last_day >= NEW.first_day)"
)


def _figures_move(differs: str) -> str:
    return f"(NEW.digest <> OLD.digest OR NEW.figures {differs} OLD.figures) AND NOT {_MOVES}"


GUARDS: list[Guard] = [
    *state_follows_decision(TABLE, "key"),
    guard(f"{TABLE}_never_removed", TABLE, "BEFORE DELETE", "DONOR-07: a donor report is not removed.", "1 = 1"),
    guard(
        f"{TABLE}_is_over",
        TABLE,
        "BEFORE UPDATE",
        "DONOR-07: a donor report that was issued or discarded does not change.",
        "OLD.state IN ('ISSUED', 'DISCARDED')",
    ),
    guard(
        f"{TABLE}_stays_as_begun",
        TABLE,
        "BEFORE UPDATE",
        "DONOR-07: agreement and days of a donor report do not change.",
        _AS_BEGUN,
    ),
    guard(
        f"{TABLE}_is_written_as_a_draft",
        TABLE,
        "BEFORE UPDATE",
        "DONOR-07: a donor report is written as a draft only.",
        f"(OLD.state <> 'DRAFT' OR NEW.state <> 'DRAFT') AND ({_WORDS_MOVE})",
    ),
    guard(
        f"{TABLE}_keeps_its_figures",
        TABLE,
        "BEFORE UPDATE",
        "DONOR-07: figures of a donor report are frozen when it is sent to the second reader.",
        _figures_move("IS NOT"),
        _figures_move("IS DISTINCT FROM"),
    ),
    guard(
        f"{TABLE}_takes_two_people",
        TABLE,
        "BEFORE UPDATE",
        "DONOR-01: a donor report is issued by somebody who wrote nothing of it.",
        _ISSUED_BY_A_WRITER,
    ),
    guard(
        f"{TABLE}_is_the_only_one_of_its_days",
        TABLE,
        "BEFORE UPDATE",
        "DONOR-03: another report of this agreement was issued for some of these days.",
        _ANOTHER_OF_THESE_DAYS,
    ),
]
