"""The fund's accounts side by side with what the bank says of them, in a fixed number of questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat

from finance import postings
from finance.chain import chain_of
from finance.models import Balance, BankAccount, Statement, StatementLine
from finance.states import StatementLineState
from finance.views.ages import Aged, asked_by_age, by_age
from gaf import clock
from gaf.money import Money

OPEN = (StatementLineState.UNMATCHED, StatementLineState.PROPOSED)
# Exact: its reference and amount are ours, and matching found nothing else as good. Suggested: any answer at all.
EXACT = Q(state=StatementLineState.PROPOSED) & ~Q(proposal__items=[], proposal__tier=-1)
_SUGGESTED = Q(state__in=OPEN) & (EXACT | Q(proposal__isnull=False) & ~Q(proposal__items=[], proposal__classified=""))


@dataclass(frozen=True)
class AccountToday:
    """One account: our balance, the bank's, and how many of its lines nobody has explained."""

    account: BankAccount
    booked: Money
    statement: Statement | None
    lines: int
    open_lines: int
    set_aside: int
    suggested: int
    exact: int
    held: int
    whole: bool = True  # its statements hang together without a gap
    aged: list[Aged] = field(default_factory=list)  # those set aside, by the days since the bank booked them

    @property
    def matched(self) -> int:
        """How many lines are matched."""
        return self.lines - self.open_lines - self.set_aside - self.held

    @property
    def stated(self) -> Money | None:
        """The bank's balance, by its last statement."""
        return self.statement.closing if self.statement else None

    @property
    def difference(self) -> Money | None:
        """Ours less the bank's; None where the bank has said nothing yet."""
        return self.booked - self.statement.closing if self.statement else None


def accounts_today(code: str = "") -> list[AccountToday]:
    """Every account, or the one with this code."""
    wanted = BankAccount.objects.filter(code=code) if code else BankAccount.objects.all()
    accounts = list(wanted.annotate(booked_minor=Subquery(_BOOKED.values("minor")[:1]), suspect=Exists(_FOUND)))
    statements = _last_statements(accounts)
    lines = _line_counts(accounts)
    return [_today(account, statements.get(account.pk), lines.get(account.pk, {})) for account in accounts]


def _today(account: BankAccount, statement: Statement | None, lines: dict[str, Any]) -> AccountToday:
    """One account. Only where something was found in a statement once are its statements walked again."""
    return AccountToday(
        account,
        Money(account.booked_minor or 0, account.currency),  # type: ignore[attr-defined]
        statement,
        **{name: lines.get(name) or 0 for name in _COUNTED},
        whole=not account.suspect or chain_of(account).whole,  # type: ignore[attr-defined]
        aged=by_age(lines, account.currency),
    )


# Our balance of an account, and its statements in which something was found at their import.
_BOOKED = Balance.objects.filter(account__code=Concat(Value(postings.bank("")), OuterRef("code")), stream_key="")
_FOUND = Statement.objects.filter(bank_account=OuterRef("pk")).exclude(findings=[])


def _last_statements(accounts: Iterable[BankAccount]) -> dict[int, Statement]:
    proving = Statement.objects.filter(bank_account=OuterRef("bank_account"), kind=Statement.Kind.STATEMENT)
    newest = proving.order_by("-sequence").values("sequence")
    rows = Statement.objects.filter(bank_account__in=list(accounts), sequence=Subquery(newest[:1]))
    return {row.bank_account_id: row for row in rows}


_COUNTED = {
    "lines": Count("pk"),
    "open_lines": Count("pk", filter=Q(state__in=OPEN)),
    "set_aside": Count("pk", filter=Q(state=StatementLineState.SET_ASIDE)),
    "suggested": Count("pk", filter=_SUGGESTED),
    "exact": Count("pk", filter=EXACT),
    "held": Count("pk", filter=Q(state=StatementLineState.HELD)),
}


def _line_counts(accounts: Iterable[BankAccount]) -> dict[int, dict[str, Any]]:
    rows = StatementLine.objects.filter(statement__bank_account__in=list(accounts)).order_by()
    counted = rows.values("statement__bank_account_id").annotate(**_COUNTED, **asked_by_age(clock.today()))
    return {row["statement__bank_account_id"]: dict(row) for row in counted}
