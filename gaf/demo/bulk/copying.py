"""Copies of a scene, many at a time: each batch is written in one transaction, while the next one is being made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from finance.models import Balance, Journal, JournalLine
from gaf.decisions.models import Decision
from gaf.decisions.record import lock_the_books
from gaf.demo.bulk.compiled import Chain, Compiled, Said
from gaf.demo.bulk.keys import Keys
from gaf.demo.bulk.pattern import Pattern
from gaf.demo.bulk.preparing import Batch, Copy, Prepared, Preparer
from gaf.demo.bulk.ready import Ground
from gaf.demo.bulk.writing import Model, dialect, next_id, plan_once, took_ids_until, write

AT_ONCE = 50  # scenes in one transaction
# What guards of other rows look at is written first.
_FIRST = (
    "decisions_decision",
    "finance_journal",
    "finance_paymentfile",
    "finance_statement",
    "finance_disbursement",
    "finance_statementline",
    "workflow_case",
    "workflow_assistancerequest",
)


class Copier:
    """Writes one scene again and again, each time as much later as it is told."""

    def __init__(self, ground: Ground, pattern: Pattern, seed: int) -> None:
        self._pattern = pattern
        self._preparer = Preparer(ground, pattern, seed)
        self._compiled: dict[timedelta, Compiled] = {}
        self._kinds = sorted({row.kind for row in pattern.rows}, key=_place)
        self._balances = _moved_by(pattern)
        self._keys = Keys(self._kinds)

    def write(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """One transaction for each batch, and each batch again when it stands. What a batch needs of the database's
        counters is issued in the transaction of the one before, so that a thread can make it meanwhile."""
        ahead = iter(batches)
        batch = next(ahead, None)
        if batch is None:
            return
        with ThreadPoolExecutor(max_workers=1) as aside:
            making = self._begin(batch, aside)
            for following in ahead:
                with self._one_transaction():
                    prepared = making.result()
                    making = self._begin(following, aside)
                    self._put(self._at(batch.later), prepared)
                yield batch
                batch = following
            with self._one_transaction():
                self._put(self._at(batch.later), making.result())
            yield batch
        self._keys.look_at_all()

    def _begin(self, batch: Batch, aside: ThreadPoolExecutor) -> Future[Prepared]:
        """Have a batch made in the thread, once it has its numbers."""
        return aside.submit(self._preparer.prepare, batch, self._preparer.issue(batch))

    @contextmanager
    def _one_transaction(self) -> Iterator[None]:
        with transaction.atomic():
            lock_the_books()
            plan_once()
            with self._keys.set_aside():
                yield

    def _at(self, later: timedelta) -> Compiled:
        if later not in self._compiled:
            self._compiled = {later: Compiled(self._pattern, dialect(), later)}
        return self._compiled[later]

    def _put(self, compiled: Compiled, prepared: Prepared) -> None:
        """Decisions first, chained as they are written; while the database takes them in, the next ones are made."""
        before, ends = next_id(Journal), _ends()
        copies, shared = prepared.copies, prepared.shared
        for kind in self._kinds:
            own = (
                _chained(compiled, copies, shared, *ends)
                if kind is Decision
                else _filled(compiled, kind, copies, shared)
            )
            write(kind, own)
            took_ids_until(kind, prepared.last[kind])
            if kind is JournalLine:
                Journal.objects.filter(pk__gte=before).update(posted=True)
        for balance, minor in self._balances.items():
            Balance.objects.filter(pk=balance).update(minor=F("minor") + minor * len(copies))


def _chained(compiled: Compiled, copies: list[Copy], shared: Said, decisions: Chain, journals: Chain) -> Iterator[str]:
    """The decisions of each copy, once they and its journals are numbered and hashed; the copy learns what came out."""
    compiled.chain(shared, decisions, journals, shared=True)
    yield compiled.texts[True].get(Decision, "") % shared
    for copy in copies:
        copy.said |= shared
        compiled.chain(copy.said, decisions, journals)
        yield compiled.texts[False].get(Decision, "") % copy.said


def _filled(compiled: Compiled, kind: Model, copies: list[Copy], shared: Said) -> Iterator[str]:
    """The rows of one kind: those that stand once, then those of each copy."""
    yield compiled.texts[True].get(kind, "") % shared
    own = compiled.texts[False].get(kind, "")
    for copy in copies:
        yield own % copy.said


def _place(kind: Model) -> tuple[int, str]:
    table = kind._meta.db_table
    return (_FIRST.index(table) if table in _FIRST else len(_FIRST), table)


def _ends() -> tuple[Chain, Chain]:
    decision = Decision.objects.order_by("-number").first()
    journal = Journal.objects.order_by("-number").first()
    return (
        Chain(decision.number, decision.hash) if decision else Chain(),
        Chain(journal.number, journal.hash) if journal else Chain(),
    )


def _moved_by(pattern: Pattern) -> dict[int, int]:
    """What one copy moves each running balance by, in minor units."""
    sums: dict[tuple[int, int | None], int] = defaultdict(int)
    for raw in pattern.raw(JournalLine):
        sums[(raw["account_id"], raw["stream_id"])] += raw["minor"]
    rows = {(one.account_id, one.stream_id): one.pk for one in Balance.objects.all()}
    return {rows[place]: minor for place, minor in sums.items() if minor}
