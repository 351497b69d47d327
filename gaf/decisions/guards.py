"""What the database refuses about decisions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import append_only, guard

_NEWEST = "FROM decisions_decision d ORDER BY d.number DESC LIMIT 1"
_SAME_SUBJECT = "FROM decisions_decision d WHERE d.subject = NEW.subject ORDER BY d.number DESC LIMIT 1"

_SAME_PERSON = """EXISTS (
  SELECT 1 FROM decisions_decision d JOIN decisions_separationrule r ON (
    (r.first_act = d.act AND r.second_act = NEW.act) OR (r.second_act = d.act AND r.first_act = NEW.act))
  WHERE (d.actor_id = NEW.actor_id OR d.on_behalf_of_id = NEW.actor_id
         OR d.actor_id = NEW.on_behalf_of_id OR d.on_behalf_of_id = NEW.on_behalf_of_id)
    AND r.approved_by_id IS NOT NULL
    AND (d.reference = NEW.reference OR (NEW.related <> '' AND d.reference = NEW.related)
         OR (d.related <> '' AND d.related = NEW.reference))
    AND r.effective_from <= {day} AND (r.effective_to IS NULL OR r.effective_to >= {day})
    AND (r.above_minor IS NULL OR COALESCE(NEW.amount_minor, 0) > r.above_minor
         OR COALESCE(d.amount_minor, 0) > r.above_minor))"""

GUARDS = [
    *append_only("decisions_decision", "DECISION-01"),
    guard(
        "decisions_decision_gapless",
        "decisions_decision",
        "BEFORE INSERT",
        "DECISION-02: decisions are numbered without a gap, each hash on the one before.",
        f"NEW.number <> COALESCE((SELECT d.number {_NEWEST}), 0) + 1 "
        f"OR NEW.previous_hash <> COALESCE((SELECT d.hash {_NEWEST}), 'first')",
    ),
    guard(
        "decisions_decision_continues",
        "decisions_decision",
        "BEFORE INSERT",
        "DECISION-03: a decision starts from the state the last one left.",
        f"NEW.from_state <> COALESCE((SELECT d.to_state {_SAME_SUBJECT}), '')",
    ),
    guard(
        "decisions_decision_separates",
        "decisions_decision",
        "BEFORE INSERT",
        "SOD-00: one person may not do both of these acts on one request.",
        _SAME_PERSON.format(day="date(NEW.at)"),
        _SAME_PERSON.format(day="(NEW.at AT TIME ZONE 'UTC')::date"),
    ),
    guard(
        "decisions_rule_never_removed",
        "decisions_separationrule",
        "BEFORE DELETE",
        "SOD-01: separation rules end on a date; they are not removed.",
        "1 = 1",
    ),
]
