"""What rules of matching in force say of a line: what it is, or how far its exchange may differ."""

from __future__ import annotations

from collections.abc import Iterable

from finance.matching.rules import EXCHANGE, Rule
from finance.matching.shapes import BankLine
from finance.models import MatchRule, StatementLine
from finance.states import MatchRuleState
from gaf.sealing import unseal_all


def as_rule(row: MatchRule) -> Rule:
    """One version of a rule as matching reads it."""
    return Rule(
        key=row.decision_subject(),
        classifies=row.classifies,
        incoming=row.incoming,
        contains=tuple(row.contains),
        pattern=row.pattern,
        counterparty_account=row.counterparty_account,
        least=row.least_minor,
        most=row.most_minor,
        currency=row.currency,
        band=row.band_bp,
        automatic=row.automatic,
    )


def rows_in_force() -> list[MatchRule]:
    """The versions in force, by their keys."""
    return list(MatchRule.objects.filter(state=MatchRuleState.ACTIVE).order_by("key"))


def rule_about(line: StatementLine) -> MatchRule | None:
    """The version in force that says what this line is; none where two say different things, or none fits."""
    fitting = [row for row in _fitting(line) if row.classifies != EXCHANGE]
    return fitting[0] if len({row.classifies for row in fitting}) == 1 else None


def band_about(line: StatementLine) -> MatchRule | None:
    """The exchange rule in force for this line; of several the one with the narrowest band."""
    fitting = [row for row in _fitting(line) if row.classifies == EXCHANGE]
    return min(fitting, key=lambda row: (row.band_bp, row.key)) if fitting else None


def _fitting(line: StatementLine) -> list[MatchRule]:
    rows = rows_in_force()
    if not rows:
        return []
    (read,) = lines_of([line])
    return [row for row in rows if as_rule(row).fits(read)]


def lines_of(lines: Iterable[StatementLine]) -> list[BankLine]:
    """Lines of the bank as matching reads them, their texts unsealed for the moment of reading.

    What is inside a line is not asked for where `has_details` says that nothing is.
    """
    lines = list(lines)
    texts = unseal_all([line.counterparty for line in lines] + [line.text for line in lines])
    return [
        BankLine(
            key=line.pk,
            account=line.statement.bank_account.code,
            currency=line.currency,
            minor=line.minor,
            day=line.booked_on.toordinal(),
            end_to_end=line.end_to_end,
            bank_reference=line.bank_reference,
            text=text,
            counterparty=name,
            counterparty_account=line.counterparty_account_hash,
            original_minor=line.original_minor or 0,
            original_currency=line.original_currency,
            is_return=line.is_return or line.is_reversal,
            is_charge=line.is_charge,
            group=line.batch_key,
            children=tuple(row.end_to_end for row in line.details.all()) if getattr(line, "has_details", True) else (),
        )
        for line, name, text in zip(lines, texts[: len(lines)], texts[len(lines) :], strict=True)
    ]
