"""Mistakes that only two at the same moment can show, and the scenario that must show each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.db.models import Model, QuerySet

import gaf.decisions.record
import gaf.references
from finance import ledger
from finance.actions import disbursements
from finance.models import Balance, Commitment, Disbursement, GatewayEvent, PaymentFile
from gaf.decisions.models import ReferenceCounter
from gaf.outbox.models import OutboxMessage
from tests.proof import scenarios
from tests.proof.scenarios import Ring, Scenario, race
from tests.proof.truths import Violation

BUDGET = 100


@dataclass(frozen=True)
class RacingBug:
    """One mistake, how it is put in, and which scenario must find it."""

    name: str
    scenario: Scenario
    put_in: Callable[[], Any]


def unlocked(*models: type[Model]) -> Callable[[], Any]:
    """Rows of these are read without a lock; every other guard stands."""
    real = QuerySet.select_for_update

    def without(rows: QuerySet, **wishes: Any) -> QuerySet:
        return rows.all() if rows.model in models else real(rows, **wishes)

    return lambda: patch.object(QuerySet, "select_for_update", without)


@contextmanager
def chains_unlocked() -> Iterator[None]:
    """Decisions and journals take their next number without the lock on the books."""
    with ExitStack() as stack:
        for module in (gaf.decisions.record, ledger):
            stack.enter_context(patch.object(module, "lock_the_books", lambda: None))
        yield


@contextmanager
def _last_one_wins() -> Iterator[None]:
    """A balance is read, added to and written as a whole; nobody compares it with its lines or locks the books."""

    def move(lines: list[Any], _held: Any) -> None:
        for line in lines:
            account, stream = line.account, line.stream
            key = stream.code if stream else ""
            Balance.objects.get_or_create(
                account=account, stream_key=key, defaults={"stream": stream, "credit_only": account.credit_only}
            )
            row = Balance.objects.get(account=account, stream_key=key)
            Balance.objects.filter(pk=row.pk).update(minor=row.minor + line.minor)

    with (
        unlocked(Balance)(),
        patch.object(ledger, "_move_balances", move),
        patch.object(ledger, "lock_the_books", lambda: None),
    ):
        yield


@contextmanager
def _looks_then_inserts() -> Iterator[None]:
    """A message is looked for and then inserted; whoever comes between is not noticed and gets an error."""

    def store(rows: Any, defaults: Any = None, **key: Any) -> Any:
        found = rows.filter(**key).first()
        return (found, False) if found else (rows.create(**key, **(defaults or {})), True)

    with patch.object(type(GatewayEvent.objects), "get_or_create", store):
        yield


@contextmanager
def _checks_before_the_lock() -> Iterator[None]:
    """What is left of a line is read before anybody holds it."""

    locked = disbursements.commitments_under_lock

    def read(reference: str) -> list[Commitment]:
        rows = list(Commitment.objects.filter(reference=reference).select_related("stream"))
        locked(reference)
        return rows

    with patch.object(disbursements, "commitments_under_lock", read):
        yield


@contextmanager
def _counts_in_two_steps() -> Iterator[None]:
    """A counter is read, and written as a whole; nobody holds it in between."""

    def count_on(prefix: str, year: int, count: int) -> int:
        counter, _new = ReferenceCounter.objects.get_or_create(prefix=prefix, year=year)
        counter.last += count
        counter.save(update_fields=["last"])
        return counter.last

    with patch.object(gaf.references, "_count_on", count_on):
        yield


RACING = [
    RacingBug("a disbursement is not locked", scenarios.two_release_one, unlocked(Disbursement)),
    RacingBug("a line is not locked", scenarios.two_prepare_from_one_line, unlocked(Commitment)),
    RacingBug("what is left is read before the lock", scenarios.two_prepare_from_one_line, _checks_before_the_lock),
    RacingBug("a promise is claimed without a lock", scenarios.two_workers_one_promise, unlocked(OutboxMessage)),
    RacingBug("a counter is read and then written", scenarios.two_numbers, _counts_in_two_steps),
    RacingBug("a file is not locked", scenarios.sign_or_discard, unlocked(PaymentFile)),
    RacingBug("the chain of decisions is not locked", scenarios.two_decisions, chains_unlocked),
    RacingBug("a balance is read, added to and written", scenarios.two_commit_the_last_money, _last_one_wins),
    RacingBug("a message is looked for, then inserted", scenarios.one_message_twice, _looks_then_inserts),
]


def hunt(ring: Ring, bug: RacingBug, budget: int = BUDGET) -> tuple[int, str]:
    """How many schedules until it is found, and by what; no words when it is not."""
    for tried in range(1, budget + 1):
        try:
            with bug.put_in():
                race(ring, bug.scenario, tried)
        except Violation as violation:
            return tried, str(violation)
    return budget, ""
