"""What stays committed when a request ends without approval: urgent costs that were allowed and reported."""

from __future__ import annotations

from datetime import datetime

from finance.actions.commitments import URGENT, Part, free_commitments, free_parts
from finance.queries import commitments_of
from gaf.decisions.so_far import may_have_done
from gaf.money import Money, total
from workflow.models import AssistanceRequest

# Acts that commit money, or commit it again.
COMMITS = (
    "allow_urgent_spending",
    "approve_budget",
    "approve_deferred_line",
    "approve_amendment",
    "return_to_approver",
)


def keep_only_reported_costs(assistance: AssistanceRequest, at: datetime) -> int:
    """Free everything but reported urgent costs; returns what is kept, in US cents."""
    if not may_have_done(assistance, *COMMITS):
        return 0
    allowance = assistance.urgent_allowance()
    kept = allowance.reported_minor or 0 if allowance and assistance.approved_at is None else 0
    if not kept:
        free_commitments(reference=assistance.reference, at=at, reason_code="ended")
        return 0
    rest = total([c.open for c in commitments_of(assistance.reference) if c.line_key == URGENT], "USD") - Money(
        kept, "USD"
    )
    if rest.minor > 0:
        part = Part(URGENT, rest, rest)
        free_parts(reference=assistance.reference, parts=[part], at=at, reason_code="ended")
    return kept
