"""What the database refuses about the read log and strict cases, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from gaf.guards import Guard, append_only, guard

GUARDS: list[Guard] = [
    *append_only("privacy_read", "READ-01"),
    *append_only("privacy_alarm", "READ-01"),
    *append_only("privacy_guessing", "READ-01"),
    *append_only("privacy_strictcase", "STRICT-01"),
    *append_only("privacy_canarycase", "READ-02"),
    *append_only(
        "privacy_namedreader",
        "STRICT-02",
        unless="OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NEW.reference = OLD.reference "
        "AND NEW.person_id = OLD.person_id AND NEW.named_by_id = OLD.named_by_id AND NEW.at = OLD.at",
    ),
    guard(
        "privacy_namedreader_of_a_strict_case",
        "privacy_namedreader",
        "BEFORE INSERT",
        "STRICT-03: people are named to strict cases only.",
        "NOT EXISTS (SELECT 1 FROM privacy_strictcase s WHERE s.reference = NEW.reference)",
    ),
]
