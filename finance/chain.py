"""Whether the statements of an account hang together: each adds up, and opens where the account stood before it.

The order of files does not matter: a statement that came late takes its place. What an earlier file brought counts in
every statement that lists it again, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

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

    `proven` holds the statements whose lines count in that balance, `proven_lines` the lines of reports that such a
    statement listed.
    """

    account: BankAccount
    stands_at: int
    gaps: list[Gap] = field(default_factory=list)
    last: Statement | None = None
    proven: set[int] = field(default_factory=set)
    proven_lines: set[int] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Whether the bank's word has no gap: only then can an account agree with its statement."""
        return not self.gaps

    @property
    def balance(self) -> Money:
        """Where the account stands by its statements."""
        return Money(self.stands_at, self.account.currency)

    def proves(self, line_id: int, statement_id: int) -> bool:
        """Whether a line counts in the balance."""
        return statement_id in self.proven or line_id in self.proven_lines

    def open_minor(self) -> int:
        """What reports brought that no statement has listed yet."""
        reports = StatementLine.objects.filter(statement__bank_account=self.account)
        rows = reports.exclude(statement__in=self.proven).exclude(pk__in=self.proven_lines)
        return int(rows.aggregate(sum=Sum("minor"))["sum"] or 0)


@dataclass(frozen=True)
class _Told:
    """What one statement lists: its own lines, and the lines that an earlier file brought."""

    own_minor: int
    repeated: list[tuple[int, int, int]]  # line, the statement that brought it, minor


def opening_balance(account: BankAccount) -> Money:
    """What the first statement must open with: what the account held on its first day here."""
    received = account.receipts.filter(received_on__lte=account.opened_on)
    return Money(sum(received.values_list("minor", flat=True)), account.currency)


def chain_of(account: BankAccount) -> Chain:
    """Walk an account's statements in three questions to the database."""
    start = opening_balance(account).minor
    chain = Chain(account, start, passed={start})
    waiting = list(_proving(account))
    told = _told(waiting)
    while waiting:
        following = _following(chain, waiting, told)
        _step(chain, following or waiting[0], told)
        waiting.remove(following or waiting[0])
    return chain


def _proving(account: BankAccount) -> Iterable[Statement]:
    """Statements that prove something, the undisputed ones first, by their days."""
    rows = Statement.objects.filter(bank_account=account, kind=Statement.Kind.STATEMENT)
    return sorted(
        rows.select_related("bank_account"),
        key=lambda one: (one.from_day, -one.to_day.toordinal(), one.state != StatementState.IMPORTED, one.sequence),
    )


def _told(statements: list[Statement]) -> dict[int, _Told]:
    own = dict(
        StatementLine.objects.filter(statement__in=statements)
        .order_by()
        .values_list("statement_id")
        .annotate(sum=Sum("minor"))
    )
    repeated: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = RepeatedLine.objects.filter(statement__in=statements)
    for statement, line, brought_by, minor in rows.values_list(
        "statement_id", "line_id", "line__statement_id", "line__minor"
    ):
        repeated[statement].append((line, brought_by, minor))
    return {one.pk: _Told(own.get(one.pk, 0), repeated[one.pk]) for one in statements}


def _before(chain: Chain, statement: Statement, told: _Told) -> int:
    """Where the account must stand before what this statement adds: its opening and what is proven of its lines."""
    return statement.opening.minor + sum(minor for line, by, minor in told.repeated if chain.proves(line, by))


def _following(chain: Chain, waiting: list[Statement], told: dict[int, _Told]) -> Statement | None:
    fitting = [one for one in waiting if _before(chain, one, told[one.pk]) == chain.stands_at]
    undisputed = [one for one in fitting if one.state == StatementState.IMPORTED]
    covered = [one for one in waiting if one.state == StatementState.IMPORTED and _is_covered(chain, one, told[one.pk])]
    return next(iter([*undisputed, *covered, *fitting]), None)


def _is_covered(chain: Chain, statement: Statement, told: _Told) -> bool:
    """Days the chain has walked already: nothing of it is new, and it opens where the account once stood."""
    return (
        not told.own_minor
        and all(chain.proves(line, by) for line, by, _minor in told.repeated)
        and statement.opening.minor in chain.passed
    )


def _step(chain: Chain, statement: Statement, told: dict[int, _Told]) -> None:
    """Take one statement into the chain, and name the gap before it if there is one."""
    own = told[statement.pk]
    before = _before(chain, statement, own)
    adds_up = statement.opening.minor + own.own_minor + sum(row[2] for row in own.repeated) == statement.closing.minor
    covered = _is_covered(chain, statement, own)
    if not adds_up or (before != chain.stands_at and not covered):
        chain.gaps.append(Gap(statement, chain.stands_at, before, adds_up))
    if not covered or before == chain.stands_at:
        chain.stands_at = statement.closing.minor
        chain.last = statement
    chain.proven.add(statement.pk)
    chain.proven_lines |= {line for line, _by, _minor in own.repeated}
    chain.passed |= {statement.opening.minor, statement.closing.minor}


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
