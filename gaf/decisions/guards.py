"""What the database refuses about decisions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import append_only, guard

_NEWEST = "FROM decisions_decision d ORDER BY d.number DESC LIMIT 1"
_SAME_SUBJECT = (
    "FROM decisions_decision d WHERE d.subject = NEW.subject AND d.number < NEW.number ORDER BY d.number DESC LIMIT 1"
)

# Both are asked of the decisions before, whose numbers `decisions_decision_gapless` holds row by row; so PostgreSQL may
# ask them of many decisions at once.

# Each way in which two decisions are about one request is a question of its own, so that each finds its index; and none
# goes by the person (`+ 0`), whose decisions are as many as the years, while those about a request are few.
_BY_THE_SAME = """EXISTS (
  SELECT 1 FROM decisions_decision d WHERE {about} AND d.number + 0 < NEW.number
    AND (d.actor_id + 0 IN (NEW.actor_id, NEW.on_behalf_of_id)
         OR d.on_behalf_of_id + 0 IN (NEW.actor_id, NEW.on_behalf_of_id))
    AND ({first} OR {second}))"""
_EXCLUDED = """EXISTS (
  SELECT 1 FROM decisions_separationrule r WHERE {acts} AND r.approved_by_id IS NOT NULL
    AND r.effective_from <= {day} AND (r.effective_to IS NULL OR r.effective_to >= {day})
    AND (r.above_minor IS NULL OR COALESCE(NEW.amount_minor, 0) > r.above_minor
         OR COALESCE(d.amount_minor, 0) > r.above_minor))"""
_ABOUT_ONE_REQUEST = (
    "d.reference = NEW.reference",
    "NEW.related <> '' AND d.reference = NEW.related",
    "d.related <> '' AND d.related = NEW.reference",
)


def _same_person(day: str) -> str:
    """Whether the person of NEW did an act on this request before that excludes it on this day."""
    first = _EXCLUDED.format(acts="r.first_act = d.act AND r.second_act = NEW.act", day=day)
    second = _EXCLUDED.format(acts="r.first_act = NEW.act AND r.second_act = d.act", day=day)
    return " OR ".join(_BY_THE_SAME.format(about=about, first=first, second=second) for about in _ABOUT_ONE_REQUEST)


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
        at_once=True,
    ),
    guard(
        "decisions_decision_separates",
        "decisions_decision",
        "BEFORE INSERT",
        "SOD-00: one person may not do both of these acts on one request.",
        _same_person("date(NEW.at)"),
        _same_person("(NEW.at AT TIME ZONE 'UTC')::date"),
        at_once=True,
    ),
    guard(
        "decisions_rule_never_removed",
        "decisions_separationrule",
        "BEFORE DELETE",
        "SOD-01: separation rules end on a date; they are not removed.",
        "1 = 1",
    ),
]
