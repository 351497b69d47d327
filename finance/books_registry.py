"""What every check of the books works with: one reading of the decisions, and the list of checks.

Any room may add a check of its own with `check`; it runs, and is named, with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection
from django.db.models import Sum

from finance.chain import Chain, chain_of
from finance.models import BankAccount, Disbursement, JournalLine, StatementLine
from gaf.decisions.models import Decision
from gaf.records import Record


@dataclass(frozen=True)
class Broken:
    """One row that is not as it must be: its name, and what is wrong with it in words without case data."""

    row: str
    what: str


class Standing(NamedTuple):
    """A record as the checks of decisions see it: what it is, its own key, its state."""

    kind: str
    subject: str
    state: str


class Reading:
    """The books as one run sees them. What several checks look at is read once."""

    def __init__(self) -> None:
        """Nothing is read before a check asks for it."""
        self._chains: dict[int, Chain] = {}

    @cached_property
    def decisions(self) -> list[Decision]:
        """Every decision, oldest first."""
        return list(Decision.objects.order_by("number"))

    @cached_property
    def decided(self) -> dict[str, list[Decision]]:
        """The decisions about each record, by its own key, oldest first."""
        found: dict[str, list[Decision]] = {}
        for decision in self.decisions:
            found.setdefault(decision.subject, []).append(decision)
        return found

    def state_of(self, subject: str) -> str:
        """The state the latest decision left a record in; empty before the first."""
        decisions = self.decided.get(subject)
        return decisions[-1].to_state if decisions else ""

    def last(self, subject: str, act: str) -> Decision | None:
        """The latest decision about a record under this act."""
        return next((one for one in reversed(self.decided.get(subject, [])) if one.act == act), None)

    @cached_property
    def standing(self) -> list[Standing]:
        """Where every record of every room stands whose state only the gate moves."""
        kinds = [model for model in apps.get_models() if issubclass(model, Record)]
        return [
            Standing(str(kind._meta.verbose_name), record.decision_subject(), str(record.state))
            for kind in kinds
            for record in self.records_of(kind)
        ]

    @cached_property
    def filled(self) -> frozenset[str]:
        """The tables of records and of tracked rows that hold any row: one question instead of one for each."""
        tables = _tables_with_versions()
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f'EXISTS (SELECT 1 FROM "{table}")' for table in tables))  # noqa: S608  # names of tables
            return frozenset(table for table, found in zip(tables, cursor.fetchone(), strict=True) if found)

    def records_of(self, model: type[Record]) -> Iterator[Any]:
        """Every record of one kind, in its order, with the rows that its own key is made of."""
        if model._meta.db_table in self.filled:
            rows = model._default_manager.order_by("pk")
            yield from (rows.select_related(*model.key_through) if model.key_through else rows).iterator()

    @cached_property
    def accounts(self) -> list[BankAccount]:
        """The fund's own accounts, by code."""
        return list(BankAccount.objects.order_by("code"))

    def chain(self, account: BankAccount) -> Chain:
        """The statements of an account, walked once."""
        if account.pk not in self._chains:
            self._chains[account.pk] = chain_of(account)
        return self._chains[account.pk]

    @cached_property
    def lines(self) -> list[StatementLine]:
        """Every line of every statement, with its account."""
        return list(StatementLine.objects.select_related("statement__bank_account").order_by("id"))

    @cached_property
    def disbursements(self) -> list[Disbursement]:
        """Every disbursement by number, with the account it is paid from and the details it is paid to."""
        rows = Disbursement.objects.select_related("bank_account", "payee_version__payee")
        return list(rows.order_by("number"))

    @cached_property
    def booked(self) -> dict[str, int]:
        """What every ledger account stands at by its journals, in minor units of its currency."""
        rows = JournalLine.objects.values_list("account__code").annotate(sum=Sum("minor")).order_by()
        return dict(rows)


@cache
def _tables_with_versions() -> list[str]:
    """Asking a model for its history builds a class each time, so it is asked once."""
    kinds = [model for model in apps.get_models() if issubclass(model, Record) or hasattr(model, "history")]
    return sorted({model._meta.db_table for model in kinds})


Find = Callable[[Reading], Iterator[Broken]]


@dataclass(frozen=True)
class Check:
    """One thing that must be true of the books, whatever happened."""

    code: str
    title: str
    find: Find


CHECKS: list[Check] = []


def check(code: str, title: str, *, part_of: str = "") -> Callable[[Find], Find]:
    """Register a function that yields each row breaking this rule; `code` is an invariant's, or one word.

    `part_of` is the numbered invariant that a word belongs to.
    """
    named = f"{title} (part of {part_of})" if part_of else title

    def register(find: Find) -> Find:
        if code not in [known.code for known in CHECKS]:
            CHECKS.append(Check(code, named, find))
        return find

    return register
