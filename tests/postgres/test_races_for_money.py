"""Two people at the same second, on PostgreSQL: one of them wins, the other is told, and nothing is lost or doubled.

Each race is made to happen: the first holds its transaction open until the second one is seen waiting for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction

from finance import postings
from finance.actions.releasing import release
from finance.books import verify
from finance.ledger import credit, debit, post
from finance.models import Disbursement, Journal
from gaf import clock
from gaf.decisions.models import Decision
from gaf.decisions.record import record_decision
from gaf.money import Money
from gaf.outbox import outbox
from gaf.outbox.models import OutboxMessage
from gaf.refusals import Refusal
from tests.finance.builders import NOON, Fund, committed, free, open_fund, usd

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fund(transactional_db, settings, tmp_path) -> Fund:
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = tmp_path / "private", tmp_path / "bank"
    with clock.at(NOON):
        yield open_fund()


def run_together(*acts: Callable[[], object]) -> list[object]:
    """Each act in a thread and connection of its own, started at once; what each returned or raised, in order."""
    results: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def work(place: int) -> None:
        try:
            start.wait(10)
            with clock.at(NOON):
                results[place] = acts[place]()
        except Exception as failure:
            results[place] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def somebody_waits() -> None:
    """Return once another connection waits for a lock that this one holds."""
    for _try in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody came to wait: the race did not happen")


def holding(act: Callable[[], object], first: threading.Event) -> Callable[[], object]:
    """The act in a transaction that stays open until somebody else waits for it."""

    def slowly() -> object:
        with transaction.atomic():
            done = act()
            first.set()
            somebody_waits()
        return done

    return slowly


def after(first: threading.Event, act: Callable[[], object]) -> Callable[[], object]:
    """The act, begun while the other one is still open."""

    def later() -> object:
        assert first.wait(10)
        return act()

    return later


def words(result: object) -> str:
    """How an act ended: `done`, or the code of its refusal."""
    if isinstance(result, Refusal):
        return result.code
    assert not isinstance(result, BaseException), repr(result)
    return "done"


def books_are_true() -> bool:
    return [row for one in verify() for row in one.broken] == []


class ReadTogether:
    """Stands in for a chain's rows: everybody has read the newest one before anybody may write the next."""

    def __init__(self, model: type[Decision], readers: int) -> None:
        """Wait for `readers` readers."""
        self.rows = model._default_manager
        self.everybody = threading.Barrier(readers)

    def __getattr__(self, name: str) -> object:
        return getattr(self.rows, name)

    def order_by(self, *fields: str) -> object:
        """The number and hash of the first row in this order, read at the same moment by all readers."""
        newest = self.rows.order_by(*fields).values_list("number", "hash").first()
        self.everybody.wait(10)
        first = type("First", (), {"first": staticmethod(lambda: newest)})
        return type("Newest", (), {"values_list": staticmethod(lambda *_names: first)})


def post_to_and_fro(fund: Fund, key: str) -> Journal:
    """A journal that moves a dollar out of an account and back into it."""
    place = (postings.COMMITTED, usd("1.00"), fund.stream, "L1")
    with transaction.atomic():
        return post(kind="commit", key=key, at=NOON, entries=[debit(*place), credit(*place)])


class TestTwoApprovalsForTheLastDollarsOfAStream:
    def test_commit_them_once(self, fund):
        first = threading.Event()
        results = run_together(
            holding(lambda: fund.commit(usd("9000.00"), reference="GAF-2026-00001"), first),
            after(first, lambda: fund.commit(usd("1000.01"), reference="GAF-2026-00002")),
        )

        assert [words(one) for one in results] == ["done", "FUND-01"]
        assert (free(fund.stream), committed(fund.stream)) == (usd("1000.00"), usd("9000.00"))
        assert books_are_true()

    def test_both_succeed_when_there_is_enough_for_both(self, fund):
        first = threading.Event()
        results = run_together(
            holding(lambda: fund.commit(usd("9000.00"), reference="GAF-2026-00001"), first),
            after(first, lambda: fund.commit(usd("1000.00"), reference="GAF-2026-00002")),
        )

        assert [words(one) for one in results] == ["done", "done"]
        assert free(fund.stream) == usd("0.00")
        assert books_are_true()

    def test_six_at_once_never_pass_the_floor(self, fund):
        def commit(place: int) -> Callable[[], object]:
            return lambda: fund.commit(usd("3000.00"), reference=f"GAF-2026-1000{place}")

        results = run_together(*(commit(place) for place in range(6)))

        assert sorted(words(one) for one in results) == ["FUND-01"] * 3 + ["done"] * 3
        assert free(fund.stream) == usd("1000.00")
        assert books_are_true()

    def test_are_kept_apart_by_the_lock_on_the_books(self, fund, monkeypatch):
        """The control: without the lock the second waits for the balance alone, and comes with the end of the chain as
        it was before; the database itself refuses it."""
        post_to_and_fro(fund, "before")
        monkeypatch.setattr("finance.ledger.lock_the_books", lambda: None)
        first = threading.Event()
        results = run_together(
            holding(lambda: post_to_and_fro(fund, "one"), first), after(first, lambda: post_to_and_fro(fund, "two"))
        )
        monkeypatch.undo()

        assert [type(one).__name__ for one in results] == ["Journal", "IntegrityError"]
        assert books_are_true()


class TestTwoPayers:
    def test_release_one_disbursement_once(self, fund):
        fund.commit(usd("500.00"))
        disbursement = fund.prepare(usd("300.00"), fund.payee())

        def let_go(who: str) -> Callable[[], object]:
            return lambda: release(numbers=[disbursement.number], actor=fund.people[who], at=NOON)

        first = threading.Event()
        results = run_together(holding(let_go("Divya"), first), after(first, let_go("Dan")))

        assert [words(one) for one in results] == ["done", "STATE-02"]
        made = Decision.objects.filter(act="release_disbursement")
        assert list(made.values_list("actor__name", flat=True)) == ["Divya"]
        assert fund.now(disbursement).state == "RELEASED"

    def test_preparing_from_one_line_at_once_never_take_more_than_it_has(self, fund):
        fund.commit(usd("500.00"))
        payee = fund.payee()
        first = threading.Event()
        results = run_together(
            holding(lambda: fund.prepare(usd("300.00"), payee), first),
            after(first, lambda: fund.prepare(usd("200.01"), payee)),
        )

        assert [words(one) for one in results] == ["done", "DISB-03"]
        assert Disbursement.objects.count() == 1
        assert books_are_true()

    def test_matching_one_line_at_once_match_it_once(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("300.00"), fund.payee())
        line = fund.import_next_statement(date(2026, 11, 24)).lines.get(minor=-30000)
        first = threading.Event()
        results = run_together(holding(lambda: fund.match(line), first), after(first, lambda: fund.match(line)))

        assert [words(one) for one in results] == ["done", "STATE-02"]
        assert Journal.objects.filter(kind="match").count() == 1
        assert books_are_true()


class TestTwoWorkers:
    def test_deliver_each_message_once(self, fund, monkeypatch):
        delivered: list[int] = []
        lock = threading.Lock()

        def receive(payload: dict[str, int]) -> None:
            with lock:
                delivered.append(payload["place"])

        monkeypatch.setitem(outbox._handlers, "counted", [("receive", receive)])
        OutboxMessage.objects.all().delete()
        with transaction.atomic():
            for place in range(40):
                outbox.enqueue("counted", key=str(place), place=place)
        kept = run_together(*[outbox.drain] * 3)

        assert sorted(delivered) == list(range(40))
        assert sum(int(str(one)) for one in kept) == 40

    def test_leave_a_claimed_message_alone_until_its_lease_has_passed(self, fund):
        OutboxMessage.objects.all().delete()
        with transaction.atomic():
            outbox.OutboxMessage.objects.create(key="k", topic="counted", created_at=NOON, due_at=NOON)
        number = OutboxMessage.objects.get().pk
        assert outbox._claim(number) is not None

        assert run_together(lambda: outbox._claim(number), lambda: outbox._claim(number)) == [None, None]
        with clock.at(NOON + outbox.LEASE + outbox.LEASE):
            assert outbox._claim(number) is not None


def decide(fund: Fund, thread: int, count: int) -> Callable[[], object]:
    """Several decisions by one thread, each in a transaction of its own."""

    def work() -> int:
        for place in range(count):
            with transaction.atomic():
                record_decision(
                    act="note",
                    actor=fund.helena,
                    role="fund_manager",
                    at=NOON,
                    subject=f"N-{thread}-{place}",
                    reference=f"N-{thread}-{place}",
                    to_state="NOTED",
                )
        return count

    return work


class TestSixThreadsDeciding:
    def test_leave_one_chain_without_a_gap(self, fund):
        before = Decision.objects.count()
        results = run_together(*(decide(fund, thread, 20) for thread in range(6)))

        assert results == [20] * 6
        numbers = list(Decision.objects.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, before + 121))
        assert books_are_true()

    def test_need_the_lock_for_that(self, fund, monkeypatch):
        """The control: two who read the same last decision cannot both follow it; the database keeps one."""
        monkeypatch.setattr("gaf.decisions.record.lock_the_books", lambda: None)
        monkeypatch.setattr("gaf.decisions.record.Decision.objects", ReadTogether(Decision, 2))
        results = run_together(decide(fund, 1, 1), decide(fund, 2, 1))
        monkeypatch.undo()

        assert sorted(type(one).__name__ for one in results) == ["IntegrityError", "int"]
        assert books_are_true()


class TestMoney:
    def test_of_a_balance_is_never_lost_between_two_writers(self, fund):
        """Six threads free and commit; every cent is where the journals say."""

        def work(thread: int) -> Callable[[], object]:
            def turn() -> int:
                for place in range(5):
                    fund.commit(Money(100 + place, "USD"), reference=f"GAF-2026-2{thread}00{place}")
                return 5

            return turn

        assert run_together(*(work(thread) for thread in range(6))) == [5] * 6
        assert committed(fund.stream) == Money(6 * (500 + 10), "USD")
        assert books_are_true()
