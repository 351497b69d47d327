"""What the database refuses about matching: no side is ever exceeded, and a match is undone, never changed."""

from __future__ import annotations

from gaf.guards import append_only, guard

_STANDING = "FROM finance_match m WHERE m.undone_at IS NULL AND m.id <> NEW.id"
_OF_LINE = f"COALESCE((SELECT SUM(m.minor) {_STANDING} AND m.line_id = NEW.line_id), 0)"
_OF_ITEM = (
    f"COALESCE((SELECT SUM(m.item_minor) {_STANDING} AND m.disbursement_id = NEW.disbursement_id "
    "AND m.kind = NEW.kind), 0)"
)
_LINE = "(SELECT l.minor FROM finance_statementline l WHERE l.id = NEW.line_id)"
_EXPECTED = "(SELECT d.account_minor FROM finance_disbursement d WHERE d.id = NEW.disbursement_id)"
_UNDONE_ONCE = (
    "OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL AND NEW.line_id = OLD.line_id AND NEW.kind = OLD.kind "
    "AND NEW.minor = OLD.minor AND NEW.item_minor = OLD.item_minor AND NEW.journal_id = OLD.journal_id "
    "AND NEW.difference_minor = OLD.difference_minor AND NEW.books_to = OLD.books_to AND NEW.at = OLD.at "
    "AND COALESCE(NEW.disbursement_id, 0) = COALESCE(OLD.disbursement_id, 0) "
    "AND COALESCE(NEW.refund_id, 0) = COALESCE(OLD.refund_id, 0) "
    "AND COALESCE(NEW.rule_id, 0) = COALESCE(OLD.rule_id, 0) "
    "AND COALESCE(NEW.receipt_id, 0) = COALESCE(OLD.receipt_id, 0)"
)

MATCHING = [
    *append_only("finance_match", "MATCH-01", _UNDONE_ONCE),
    guard(
        "finance_match_within_its_line",
        "finance_match",
        "BEFORE INSERT",
        "MATCH-10: the matches of a line have its direction and are never more than the line.",
        f"NEW.undone_at IS NOT NULL OR (NEW.minor > 0) <> ({_LINE} > 0) OR NEW.minor = 0 "
        f"OR ABS(NEW.minor + {_OF_LINE}) > ABS({_LINE})",
    ),
    guard(
        "finance_match_within_its_record",
        "finance_match",
        "BEFORE INSERT",
        "MATCH-11: the matches of a disbursement are never more than its expected amount.",
        f"NEW.disbursement_id IS NOT NULL AND NEW.kind <> 'FEE' "
        f"AND (NEW.item_minor <= 0 OR NEW.item_minor + {_OF_ITEM} > {_EXPECTED})",
    ),
]
