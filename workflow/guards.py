"""What the database refuses about requests, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, append_only, guard, state_follows_decision
from workflow.donor_reports.guards import GUARDS as DONOR_REPORTS
from workflow.protection.crisis_guards import GUARDS as CRISIS_WINDOWS
from workflow.protection.guards import GUARDS as PROTECTION
from workflow.retention.guards import GUARDS as RETENTION

_WORDS_OF_A_QUESTION = (
    "NEW.question <> OLD.question OR NEW.field_code <> OLD.field_code OR NEW.number <> OLD.number "
    "OR NEW.assistance_id <> OLD.assistance_id OR NEW.asked_by_id <> OLD.asked_by_id"
)
_PLAN_OF_AN_ACTIVITY = (
    "NEW.number <> OLD.number OR NEW.assistance_id <> OLD.assistance_id OR NEW.type <> OLD.type "
    "OR NEW.person_id <> OLD.person_id OR NEW.due_on <> OLD.due_on OR NEW.note <> OLD.note "
    "OR NEW.planned_by_id <> OLD.planned_by_id OR COALESCE(NEW.mission_id, 0) <> COALESCE(OLD.mission_id, 0)"
)
_FIGURES_OF_A_TABLE = (
    "NEW.key <> OLD.key OR NEW.digest <> OLD.digest OR CAST(NEW.counts AS TEXT) <> CAST(OLD.counts AS TEXT) "
    "OR NEW.first_day <> OLD.first_day OR NEW.last_day <> OLD.last_day OR NEW.dimensions <> OLD.dimensions "
    "OR NEW.k <> OLD.k OR NEW.for_whom <> OLD.for_whom OR NEW.proposed_by_id <> OLD.proposed_by_id"
)
_FIGURES_OF_A_NORM = (
    "NEW.key <> OLD.key OR NEW.mission_id <> OLD.mission_id OR NEW.assistance_type <> OLD.assistance_type "
    "OR COALESCE(NEW.to_mission_id, 0) <> COALESCE(OLD.to_mission_id, 0) OR NEW.unit <> OLD.unit "
    "OR NEW.usual_minor <> OLD.usual_minor OR NEW.currency <> OLD.currency OR NEW.source <> OLD.source "
    "OR NEW.effective_from <> OLD.effective_from OR NEW.recorded_by_id <> OLD.recorded_by_id"
)
_FROZEN_CRITERIA = (
    "EXISTS (SELECT 1 FROM workflow_criteriaset s WHERE s.id = NEW.criteria_set_id AND s.criteria_count <= "
    "(SELECT count(*) FROM workflow_criterion c WHERE c.criteria_set_id = NEW.criteria_set_id))"
)


def _never_removed(table: str, code: str) -> list[Guard]:
    return [guard(f"{table}_never_removed", table, "BEFORE DELETE", f"{code}: {table} is not removed.", "1 = 1")]


GUARDS: list[Guard] = [
    *PROTECTION,
    *state_follows_decision("workflow_assistancerequest", "reference"),
    guard(
        "workflow_assistancerequest_never_removed",
        "workflow_assistancerequest",
        "BEFORE DELETE",
        "REQUEST-01: a request ends in a state; it is not removed.",
        "1 = 1",
    ),
    guard(
        "workflow_assistancerequest_keeps_its_name",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "REQUEST-02: reference and case of a request never change.",
        "NEW.reference <> OLD.reference OR NEW.case_key <> OLD.case_key",
    ),
    guard(
        "workflow_assistancerequest_keeps_its_criteria",
        "workflow_assistancerequest",
        "BEFORE UPDATE",
        "CRIT-03: a request is judged by the criteria that bound it; they never change.",
        "OLD.criteria_set_id IS NOT NULL "
        "AND (NEW.criteria_set_id IS NULL OR NEW.criteria_set_id <> OLD.criteria_set_id)",
    ),
    *state_follows_decision("workflow_amendment", "key"),
    *_never_removed("workflow_amendment", "AMEND-01"),
    *append_only(
        "workflow_amendmentline",
        "AMEND-02",
        unless="OLD.became_id IS NULL AND NEW.became_id IS NOT NULL AND NEW.amendment_id = OLD.amendment_id "
        "AND NEW.kind = OLD.kind AND NEW.quantity = OLD.quantity AND NEW.local_minor = OLD.local_minor "
        "AND NEW.usd_minor = OLD.usd_minor AND NEW.unit_cost_minor = OLD.unit_cost_minor",
    ),
    *state_follows_decision("workflow_table", "key"),
    *_never_removed("workflow_table", "TABLE-01"),
    guard(
        "workflow_table_keeps_its_figures",
        "workflow_table",
        "BEFORE UPDATE",
        "TABLE-01: a table is published as it was proposed.",
        _FIGURES_OF_A_TABLE,
    ),
    guard(
        "workflow_table_is_the_only_one_of_its_days",
        "workflow_table",
        "BEFORE UPDATE",
        "TABLE-02: another published table tells of some of these days; the two could be subtracted.",
        "NEW.state = 'PUBLISHED' AND EXISTS (SELECT 1 FROM workflow_table t WHERE t.state = 'PUBLISHED' AND "
        "t.id <> NEW.id AND t.first_day <= NEW.last_day AND t.last_day >= NEW.first_day AND NOT "
        "(t.for_whom <> NEW.for_whom AND t.dimensions = NEW.dimensions AND t.first_day = NEW.first_day "
        "AND t.last_day = NEW.last_day))",
    ),
    *RETENTION,
    *state_follows_decision("workflow_lostreceipt", "key"),
    *_never_removed("workflow_lostreceipt", "LOST-01"),
    guard(
        "workflow_lostreceipt_keeps_what_was_declared",
        "workflow_lostreceipt",
        "BEFORE UPDATE",
        "LOST-01: what was declared of a lost receipt is not edited.",
        "NEW.key <> OLD.key OR NEW.minor <> OLD.minor OR NEW.currency <> OLD.currency "
        "OR NEW.usd_minor <> OLD.usd_minor OR NEW.line_id <> OLD.line_id OR NEW.statement <> OLD.statement",
    ),
    *state_follows_decision("workflow_costnorm", "key"),
    *_never_removed("workflow_costnorm", "NORM-05"),
    guard(
        "workflow_costnorm_keeps_what_was_recorded",
        "workflow_costnorm",
        "BEFORE UPDATE",
        "NORM-05: a cost norm is not edited; prices that moved are a new one.",
        _FIGURES_OF_A_NORM,
    ),
    *CRISIS_WINDOWS,
    *DONOR_REPORTS,
    *append_only("workflow_remark", "REMARK-01"),
    *append_only("workflow_mention", "REMARK-01"),
    guard(
        "workflow_activity_ends_once",
        "workflow_activity",
        "BEFORE UPDATE",
        "ACTIVITY-01: what was planned never changes, and an activity ends once.",
        f"OLD.ended_by_id IS NOT NULL OR {_PLAN_OF_AN_ACTIVITY}",
    ),
    *_never_removed("workflow_activity", "ACTIVITY-01"),
    *append_only("workflow_criteriaset", "CRIT-01"),
    *append_only("workflow_criterion", "CRIT-01"),
    guard(
        "workflow_criterion_set_is_closed",
        "workflow_criterion",
        "BEFORE INSERT",
        "CRIT-02: nothing is added to a published set of criteria.",
        _FROZEN_CRITERIA,
    ),
    guard(
        "workflow_question_answered_once",
        "workflow_question",
        "BEFORE UPDATE",
        "QUESTION-01: a question and its answer never change.",
        f"OLD.answered_at IS NOT NULL OR {_WORDS_OF_A_QUESTION}",
    ),
    guard(
        "workflow_question_never_removed",
        "workflow_question",
        "BEFORE DELETE",
        "QUESTION-01: a question and its answer never change.",
        "1 = 1",
    ),
    guard(
        "workflow_budgetline_granted_stays",
        "workflow_budgetline",
        "BEFORE DELETE",
        "LINE-01: a line that was decided stays on file.",
        "OLD.state <> 'PROPOSED'",
    ),
    *append_only("workflow_reminder", "REMIND-01"),
]
