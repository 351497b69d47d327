"""The fund's accounts side by side with what the bank says of them, in a fixed number of questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery

from finance import postings
from finance.chain import chain_of
from finance.models import Balance, BankAccount, Statement, StatementLine
from finance.states import StatementLineState
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
    accounts = list(BankAccount.objects.filter(code=code) if code else BankAccount.objects.all())
    booked = _booked(accounts)
    statements = _last_statements(accounts)
    lines = _line_counts(accounts)
    broken = _with_a_gap(accounts)
    return [
        AccountToday(
            account,
            Money(booked.get(postings.bank(account.code), 0), account.currency),
            statements.get(account.pk),
            *lines.get(account.pk, (0, 0, 0, 0, 0, 0)),
            whole=account.pk not in broken,
        )
        for account in accounts
    ]


def _with_a_gap(accounts: Iterable[BankAccount]) -> set[int]:
    """Accounts whose statements do not hang together. Only those where something was found once are walked again."""
    suspect = set(
        Statement.objects.filter(bank_account__in=list(accounts))
        .exclude(findings=[])
        .values_list("bank_account_id", flat=True)
    )
    return {account.pk for account in accounts if account.pk in suspect and not chain_of(account).whole}


def _booked(accounts: Iterable[BankAccount]) -> dict[str, int]:
    codes = [postings.bank(account.code) for account in accounts]
    rows = Balance.objects.filter(account__code__in=codes, stream_key="")
    return dict(rows.values_list("account__code", "minor"))


def _last_statements(accounts: Iterable[BankAccount]) -> dict[int, Statement]:
    proving = Statement.objects.filter(bank_account=OuterRef("bank_account"), kind=Statement.Kind.STATEMENT)
    newest = proving.order_by("-sequence").values("sequence")
    rows = Statement.objects.filter(bank_account__in=list(accounts), sequence=Subquery(newest[:1]))
    return {row.bank_account_id: row for row in rows}


def _line_counts(accounts: Iterable[BankAccount]) -> dict[int, tuple[int, int, int, int, int, int]]:
    rows = StatementLine.objects.filter(statement__bank_account__in=list(accounts)).order_by()
    counted = rows.values_list("statement__bank_account_id").annotate(
        all=Count("pk"),
        open=Count("pk", filter=Q(state__in=OPEN)),
        aside=Count("pk", filter=Q(state=StatementLineState.SET_ASIDE)),
        suggested=Count("pk", filter=_SUGGESTED),
        exact=Count("pk", filter=EXACT),
        held=Count("pk", filter=Q(state=StatementLineState.HELD)),
    )
    return {account: tuple(counts) for account, *counts in counted}
