"""What the database refuses to protect a person, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, append_only, guard
from workflow.codelists import CHILD_BANDS, CHILD_CATEGORIES, LIFE_SAVING_TYPES
from workflow.protection.complaint_guards import GUARDS as COMPLAINTS
from workflow.protection.gates import CHILDS_RETURN
from workflow.protection.likeness_guards import GUARDS as LIKENESS
from workflow.protection.return_guards import GUARDS as RETURN
from workflow.protection.transfer_guards import GUARDS as TRANSFER


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _is_child_alone(others: str) -> str:
    """The request is about unaccompanied or separated children, by its main category or another one."""
    named = " OR ".join(f"{others} LIKE '%\"{code}\"%'" for code in CHILD_CATEGORIES)
    return f"(r.primary_category IN ({_listed(CHILD_CATEGORIES)}) OR {named})"


def _no_determination(day_of: str) -> str:
    """The newest determination of a child is missing, says something else than return, or has ended."""
    decided = f"(SELECT {day_of} FROM decisions_decision d WHERE d.subject = NEW.number ORDER BY d.number DESC LIMIT 1)"  # noqa: S608
    return (  # codes of our own lists, nothing a person wrote
        "NOT EXISTS (SELECT 1 FROM workflow_gateevidence e WHERE e.person_id = who.id AND e.gate = 'G8' "  # noqa: S608
        f"AND e.outcome = 'RETURN' AND e.valid_until >= {decided} "
        "AND NOT EXISTS (SELECT 1 FROM workflow_gateevidence n WHERE n.person_id = who.id AND n.gate = 'G8' "
        "AND n.id > e.id))"
    )


def _takes_a_child_away(others: str, day_of: str) -> str:
    return (
        "NEW.state <> OLD.state AND NEW.state IN ('RELEASED', 'SENDING') AND EXISTS ("  # noqa: S608
        "SELECT 1 FROM finance_disbursementpart p JOIN finance_commitment c ON c.id = p.commitment_id "
        "JOIN workflow_assistancerequest r ON r.reference = c.reference "
        "JOIN workflow_budgetline l ON l.assistance_id = r.id AND ('L' || l.number) = c.line_key "
        "JOIN workflow_person who ON who.assistance_id = r.id "
        f"WHERE p.disbursement_id = NEW.id AND l.assistance_type IN ({_listed(CHILDS_RETURN)}) "
        f"AND {_is_child_alone(others)} AND who.age_band IN ({_listed(CHILD_BANDS)}) AND who.left_code = '' "
        "AND (EXISTS (SELECT 1 FROM workflow_budgetline_persons b WHERE b.budgetline_id = l.id "
        "AND b.person_id = who.id) "
        "OR NOT EXISTS (SELECT 1 FROM workflow_budgetline_persons b WHERE b.budgetline_id = l.id)) "
        f"AND {_no_determination(day_of)})"
    )


def _pays_without_consent() -> str:
    return (
        "NEW.state <> OLD.state AND NEW.state IN ('RELEASED', 'SENDING') AND EXISTS ("  # noqa: S608
        "SELECT 1 FROM finance_disbursementpart p JOIN finance_commitment c ON c.id = p.commitment_id "
        "JOIN workflow_assistancerequest r ON r.reference = c.reference "
        "JOIN workflow_consent agreed ON agreed.assistance_id = r.id "
        "JOIN workflow_budgetline l ON l.assistance_id = r.id AND ('L' || l.number) = c.line_key "
        f"WHERE p.disbursement_id = NEW.id AND l.assistance_type NOT IN ({_listed(LIFE_SAVING_TYPES)}) "
        "AND NOT agreed.for_help)"
    )


def _kept_until_erased(table: str, code: str) -> list[Guard]:
    """Never changed, and removed by nothing but the erasure of the case that two people confirmed."""
    erasing = (
        "EXISTS (SELECT 1 FROM workflow_erasure e JOIN workflow_assistancerequest r ON r.case_key = e.case_key "
        "WHERE r.id = OLD.assistance_id AND e.state = 'CONFIRMED')"
    )
    message = f"{code}: {table} is append-only."
    return [
        guard(f"{table}_never_changed", table, "BEFORE UPDATE", message, "1 = 1"),
        guard(f"{table}_never_removed", table, "BEFORE DELETE", message, f"NOT {erasing}"),
    ]


GUARDS: list[Guard] = [
    *_kept_until_erased("workflow_gateevidence", "GATE-08"),
    *_kept_until_erased("workflow_traffickingscreening", "VOT-04"),
    *_kept_until_erased("workflow_referral", "REFER-02"),
    *_kept_until_erased("workflow_assessment", "ASSESS-04"),
    *_kept_until_erased("workflow_reintegrationplan", "AVRR-13"),
    *_kept_until_erased("workflow_reintegrationmeasure", "AVRR-13"),
    *_kept_until_erased("workflow_surveyresult", "SURVEY-02"),
    *LIKENESS,
    *COMPLAINTS,
    *TRANSFER,
    *RETURN,
    *append_only("workflow_contextsheet", "CONTEXT-02"),
    guard(
        "finance_disbursement_waits_for_the_child",
        "finance_disbursement",
        "BEFORE UPDATE",
        "GATE-09: nothing takes an unaccompanied child away without a best-interests determination that says so.",
        _takes_a_child_away("r.other_categories", "date(d.at)"),
        _takes_a_child_away("r.other_categories::text", "(d.at AT TIME ZONE 'UTC')::date"),
    ),
    guard(
        "finance_disbursement_waits_for_consent",
        "finance_disbursement",
        "BEFORE UPDATE",
        "CONSENT-03: without consent to getting help only what saves life is paid.",
        _pays_without_consent(),
    ),
]
