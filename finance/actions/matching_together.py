"""Matching several lines in one act: each with one record, and all of them booked, decided and kept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from finance.actions.bookings import Piece, draft_of, reference_of
from finance.actions.matching import facts_of, keep_matches, match_of
from finance.ledger import post_all
from finance.models import Match, StatementLine
from gaf.accounts.models import User
from gaf.gate import acting_on_each

K = Match.Kind
# What is booked with its line and nothing else: a return gives a commitment back, a refund is counted first.
TOGETHER = (K.DISBURSEMENT, K.RECEIPT, K.FEE)

Told = Sequence[tuple[StatementLine, Piece]]


def carry_out_each(
    told: Told,
    actor: User,
    at: datetime,
    *,
    seen_versions: Mapping[int, int] | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Match locked lines of one account, each whole with its piece, of the kinds in `TOGETHER`; all of them or none."""
    related = {line.pk: reference_of(piece.found) for line, piece in told}
    lines = [line for line, _piece in told]
    with acting_on_each(
        lines, act="match_line", actor=actor, at=at, related=related, seen_versions=seen_versions
    ) as each:
        journals = post_all([draft_of(line, [piece], at) for line, piece in told], at=at)
        booked = zip(told, journals, strict=True)
        keep_matches([match_of(line, piece, journal, at) for (line, piece), journal in booked], at, each)
        for doing, (line, piece), journal in zip(each, told, journals, strict=True):
            line.match_line()
            doing.facts = {**facts_of(line, piece, journal), **(facts or {})}
