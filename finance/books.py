"""Reads the books and says whether they are true: every invariant, recomputed from journals, decisions and statements.

Nothing is written and nothing is mended here. A row that is wrong is named, so that a person can look at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from finance import (
    books_accounting,
    books_bank,
    books_commitments,
    books_decisions,
    books_disbursing,
    books_fund,
    books_history,
    books_ledger,
    books_world,
    books_write_offs,
)
from finance.books_registry import CHECKS, Broken, Check, Reading, check
from finance.models import Disbursement, StatementLine
from finance.states import DisbursementState
from gaf.refusals import Refusal

__all__ = ["Broken", "Outcome", "Summary", "books_summary", "check", "verify"]
# Imported for the checks they register.
_SHELVES = (
    books_ledger,
    books_decisions,
    books_commitments,
    books_bank,
    books_disbursing,
    books_world,
    books_history,
    books_fund,
    books_accounting,
    books_write_offs,
)


@dataclass(frozen=True)
class Outcome:
    """One check and every row that breaks it; none when it holds."""

    code: str
    title: str
    broken: list[Broken]


@dataclass(frozen=True)
class Summary:
    """The books in one line, every figure read from the database."""

    first_broken: Broken | None
    payments: int
    statement_lines: int
    unexplained: int

    @property
    def is_balanced(self) -> bool:
        """Whether every check holds."""
        return self.first_broken is None

    def __str__(self) -> str:
        broken = self.first_broken
        state = "ledger balanced" if broken is None else f"LEDGER BROKEN at {broken.row}"
        return (
            f"{state}, {self.payments} payments, {self.statement_lines} statement lines, {self.unexplained} unexplained"
        )


def verify() -> list[Outcome]:
    """Every check in its order, on one unchanging view of the database."""
    with _only_reading():
        reading = Reading()
        return [_run(one, reading) for one in sorted(CHECKS, key=_place)]


def _place(one: Check) -> tuple[bool, int, str]:
    """The numbered invariants in the order of their numbers, then the others by name."""
    number = one.code.removeprefix("I")
    return (not number.isdigit(), int(number) if number.isdigit() else 0, one.code)


def first_broken(outcomes: list[Outcome]) -> Broken | None:
    """The first row that is not as it must be, in the order of the checks."""
    return next((one.broken[0] for one in outcomes if one.broken), None)


def books_summary(outcomes: list[Outcome] | None = None) -> Summary:
    """Whether the books are true, and how much they tell of; runs every check unless its outcomes are given."""
    outcomes = verify() if outcomes is None else outcomes
    made = [DisbursementState.SENT, DisbursementState.CONFIRMED]
    return Summary(
        first_broken=first_broken(outcomes),
        payments=Disbursement.objects.filter(state__in=made).count(),
        statement_lines=StatementLine.objects.count(),
        unexplained=books_bank.unexplained_lines(Reading()),
    )


def _run(one: Check, reading: Reading) -> Outcome:
    try:
        broken = list(one.find(reading))
    except (ArithmeticError, AttributeError, LookupError, Refusal, TypeError, ValueError) as failure:
        # Books can be so wrong that a sum over them fails; that is a finding, and never a silence.
        broken = [Broken("the check itself", f"could not go on: {type(failure).__name__}")]
    return Outcome(one.code, one.title, broken)


@contextmanager
def _only_reading() -> Iterator[None]:
    """One transaction that the database itself keeps from writing; inside another one, a plain part of it."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
            return
        cursor.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only = OFF")
