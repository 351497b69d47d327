"""What the database refuses about assisted returns and surveys, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, append_only, guard, state_follows_decision

_NEWEST = (  # codes of our own
    "EXISTS (SELECT 1 FROM workflow_gateevidence e WHERE e.person_id = who.id AND e.gate = '{gate}' "
    "AND e.outcome = 'AGREED' AND NOT EXISTS (SELECT 1 FROM workflow_gateevidence n WHERE n.person_id = who.id "
    "AND n.gate = '{gate}' AND n.id > e.id))"
)
_SOMEBODY_DID_NOT_AGREE = (
    "EXISTS (SELECT 1 FROM workflow_person who WHERE who.assistance_id = NEW.assistance_id AND who.left_code = '' "  # noqa: S608
    f"AND NOT {_NEWEST.format(gate='R1')} AND NOT {_NEWEST.format(gate='G9')})"
)
_AS_BEGUN = (
    "OLD.state = 'CONCLUDED' OR NEW.key <> OLD.key OR NEW.assistance_id <> OLD.assistance_id "
    "OR NEW.origin_id <> OLD.origin_id OR NEW.begun_by_id <> OLD.begun_by_id OR NEW.begun_at <> OLD.begun_at "
    "OR (OLD.departed_on IS NOT NULL AND (NEW.departed_on IS NULL OR NEW.departed_on <> OLD.departed_on)) "
    "OR (OLD.arrived_on IS NOT NULL AND (NEW.arrived_on IS NULL OR NEW.arrived_on <> OLD.arrived_on))"
)
_ANOTHER_OF_THE_CASE = (
    "EXISTS (SELECT 1 FROM workflow_assistedreturn t JOIN workflow_assistancerequest r ON r.id = t.assistance_id "
    "JOIN workflow_assistancerequest own ON own.id = NEW.assistance_id WHERE r.case_key = own.case_key "
    "AND r.state NOT IN ('CLOSED', 'INELIGIBLE', 'DECLINED', 'WITHDRAWN', 'CANCELLED') AND t.state <> 'CONCLUDED')"
)
_VISIT_AS_PLANNED = (
    "OLD.state <> 'PLANNED' OR NEW.key <> OLD.key OR NEW.assistance_id <> OLD.assistance_id "
    "OR NEW.months <> OLD.months OR NEW.due_on <> OLD.due_on OR NEW.assisted_return_id <> OLD.assisted_return_id"
)
_FULL_SURVEY = (
    "EXISTS (SELECT 1 FROM workflow_survey s WHERE s.id = NEW.survey_id AND s.question_count <= "
    "(SELECT count(*) FROM workflow_surveyquestion q WHERE q.survey_id = NEW.survey_id))"
)


def _never_removed(table: str, code: str, what: str) -> Guard:
    return guard(f"{table}_never_removed", table, "BEFORE DELETE", f"{code}: {what} is not removed.", "1 = 1")


GUARDS: list[Guard] = [
    *state_follows_decision("workflow_assistedreturn", "key"),
    guard(
        "workflow_assistedreturn_one_of_a_case",
        "workflow_assistedreturn",
        "BEFORE INSERT",
        "AVRR-04: another return of this case is not concluded.",
        _ANOTHER_OF_THE_CASE,
    ),
    guard(
        "workflow_assistedreturn_leaves_freely",
        "workflow_assistedreturn",
        "BEFORE UPDATE",
        "GATE-10: nobody departs without a declaration that they return of their own free will.",
        f"NEW.state = 'TRAVEL' AND OLD.state <> 'TRAVEL' AND {_SOMEBODY_DID_NOT_AGREE}",
    ),
    guard(
        "workflow_assistedreturn_keeps_its_days",
        "workflow_assistedreturn",
        "BEFORE UPDATE",
        "AVRR-11: days of a return stay as they were recorded, and a concluded one stays as it is.",
        _AS_BEGUN,
    ),
    _never_removed("workflow_assistedreturn", "AVRR-11", "a return"),
    guard(
        "workflow_assistancerequest_waits_for_its_return",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "AVRR-10: a request is not closed before its return is concluded.",
        "NEW.state = 'CLOSED' AND OLD.state <> 'CLOSED' AND EXISTS (SELECT 1 FROM workflow_assistedreturn t "
        "WHERE t.assistance_id = NEW.id AND t.state <> 'CONCLUDED')",
    ),
    *state_follows_decision("workflow_followupvisit", "key"),
    guard(
        "workflow_followupvisit_stays_as_planned",
        "workflow_followupvisit",
        "BEFORE UPDATE",
        "AVRR-12: a visit is recorded once, and stays as it was planned.",
        _VISIT_AS_PLANNED,
    ),
    _never_removed("workflow_followupvisit", "AVRR-12", "a visit"),
    *append_only("workflow_returnitem", "AVRR-13"),
    *append_only("workflow_survey", "SURVEY-01"),
    *append_only("workflow_surveyquestion", "SURVEY-01"),
    guard(
        "workflow_surveyquestion_set_is_closed",
        "workflow_surveyquestion",
        "BEFORE INSERT",
        "SURVEY-01: nothing is added to a survey that is in force.",
        _FULL_SURVEY,
    ),
]
