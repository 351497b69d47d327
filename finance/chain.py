"""Whether the statements of an account hang together: each adds up, and opens where the account stood before it.

The order of files does not matter: a statement that came late takes its place. What an earlier file brought counts in
every statement that lists it again, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Any

from finance.models import BankAccount, RepeatedLine, Statement, StatementLine
from finance.states import StatementState
from gaf.money import Money


@dataclass(frozen=True)
class Gap:
    """A statement that does not open where the account stood, or does not add up."""

    statement: Statement
    expected_minor: int
    found_minor: int
    adds_up: bool


@dataclass
class Chain:
    """The statements of one account, walked from its first day; `stands_at` is their balance, in minor units.

    `proven` holds the lines that count in that balance, `passed` every balance the account went through on the way.
    """

    account: BankAccount
    stands_at: int
    gaps: list[Gap] = field(default_factory=list)
    last: Statement | None = None
    walked_to: date | None = None
    proven: set[int] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)
    open_minor: int = 0

    @property
    def whole(self) -> bool:
        """Whether the bank's word has no gap: only then can an account agree with its statement."""
        return not self.gaps

    @property
    def balance(self) -> Money:
        """Where the account stands by its statements."""
        return Money(self.stands_at, self.account.currency)

    def has_walked(self, to_day: date) -> bool:
        """Whether its statements go to this day already."""
        return self.walked_to is not None and to_day <= self.walked_to


Told = list[tuple[int, int]]  # the lines a statement lists, in its order: which, and its minor units


def opening_balance(account: BankAccount) -> Money:
    """What the first statement must open with: what the account held on its first day here."""
    received = account.receipts.filter(received_on__lte=account.opened_on)
    return Money(sum(received.values_list("minor", flat=True)), account.currency)


def statements_of(account: BankAccount) -> list[Statement]:
    """An account's statements and reports, by their days, the shorter ones first."""
    rows = Statement.objects.filter(bank_account=account).select_related("bank_account")
    return list(rows.order_by("from_day", "to_day", "sequence"))


def chain_of(account: BankAccount, statements: Sequence[Statement] | None = None) -> Chain:
    """Walk an account's statements in four questions to the database; `statements` are all, where they were read.

    `open_minor` is what reports brought that no statement has listed yet.
    """
    start = opening_balance(account).minor
    chain = Chain(account, start, passed={start})
    read = statements_of(account) if statements is None else statements
    waiting = [one for one in read if one.kind == Statement.Kind.STATEMENT]
    rows = StatementLine.objects.filter(statement__bank_account=account).order_by()
    lines = list(rows.values_list("statement_id", "number", "pk", "minor"))
    told = _told(waiting, lines)
    while waiting:
        following = _following(chain, waiting, told) or waiting[0]
        _step(chain, following, told[following.pk])
        waiting.remove(following)
    chain.open_minor = sum(minor for *_place, line, minor in lines if line not in chain.proven)
    return chain


def _told(statements: list[Statement], lines: list[tuple[int, int, int, int]]) -> dict[int, Told]:
    """The lines each statement lists: its own, and those that an earlier file brought."""
    listed: dict[int, list[tuple[int, int, int]]] = {one.pk: [] for one in statements}
    for statement, number, line, minor in lines:
        if statement in listed:
            listed[statement].append((number, line, minor))
    again = RepeatedLine.objects.filter(statement__in=statements).order_by()
    for statement, number, line, minor in again.values_list("statement_id", "number", "line_id", "line__minor"):
        listed[statement].append((number, line, minor))
    return {pk: [(line, minor) for _number, line, minor in sorted(rows)] for pk, rows in listed.items()}


def _before(chain: Chain, statement: Statement, told: Told) -> int:
    """Where the account must stand before what this statement adds: its opening and what is proven of its lines."""
    return statement.opening.minor + sum(minor for line, minor in told if line in chain.proven)


def _following(chain: Chain, waiting: list[Statement], told: dict[int, Told]) -> Statement | None:
    """The statement to go on with; what nobody disputes comes first."""
    fitting = [one for one in waiting if _before(chain, one, told[one.pk]) == chain.stands_at]
    undisputed = [one for one in fitting if one.state == StatementState.IMPORTED]
    covered = [one for one in waiting if one.state == StatementState.IMPORTED and _is_covered(chain, one, told[one.pk])]
    return next(iter([*undisputed, *covered, *fitting]), None)


def _is_covered(chain: Chain, statement: Statement, told: Told) -> bool:
    """Days the chain has walked already: nothing of it is new, and it opens where the account once stood."""
    return (
        chain.has_walked(statement.to_day)
        and all(line in chain.proven for line, _minor in told)
        and statement.opening.minor in chain.passed
    )


def _step(chain: Chain, statement: Statement, told: Told) -> None:
    """Take one statement into the chain, and name the gap before it if there is one."""
    before = _before(chain, statement, told)
    adds_up = statement.opening.minor + sum(minor for _line, minor in told) == statement.closing.minor
    fits = before == chain.stands_at
    covered = _is_covered(chain, statement, told)
    if not adds_up or not (fits or covered):
        chain.gaps.append(Gap(statement, chain.stands_at, before, adds_up))
    if fits or not covered:
        chain.stands_at, chain.last = statement.closing.minor, statement
        chain.walked_to = max(statement.to_day, chain.walked_to or statement.to_day)
    chain.proven |= {line for line, _minor in told}
    chain.passed |= set(accumulate((minor for _line, minor in told), initial=statement.opening.minor))
    chain.passed.add(statement.closing.minor)


def import_facts(statement: Statement, *, lines: int, known: int) -> dict[str, Any]:
    """What the decision of an import says of a statement; the books compare it with the row."""
    facts: dict[str, Any] = {
        "sha256": statement.file_sha256,
        "opening": statement.opening_minor,
        "closing": statement.closing_minor,
        "lines": lines,
    }
    if known:
        facts["known"] = known
    if statement.findings:
        facts["findings"] = [one["code"] for one in statement.findings]
    return facts
