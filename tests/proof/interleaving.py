"""Harness (c): two or more threads on one real database, one statement at a time, in an order that a seed decides.

A baton is handed over before each statement. Priorities are drawn, and change at a few drawn points (probabilistic
concurrency testing): with n threads and k statements a schedule hits a bug of depth d with a chance of at least
1/(n·k^(d-1)). On PostgreSQL a thread that waits for a lock is seen by `pg_blocking_pids` and parked; on SQLite it is
the one that begins a transaction while another is in one.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, connections

from gaf import clock

Act = Callable[[], object]
PATIENCE = 30.0


class Stuck(AssertionError):
    """No thread could go on: the harness or the code waits for something that never comes."""


@dataclass
class _Runner:
    place: int
    act: Act
    priority: float
    pid: int = 0
    holds_sqlite: bool = False
    wants_sqlite: bool = False
    at_statement: str = ""  # what it is about to run; empty while it runs
    is_waiting: bool = False  # for a lock of another one
    is_done: bool = False
    result: object = None
    may_go: threading.Event = field(default_factory=threading.Event)


class Baton:
    """Hands the right to run one statement from thread to thread."""

    def __init__(self, acts: Sequence[Act], seed: int, at: datetime, depth: int = 3, length: int = 60) -> None:
        """`depth` - 1 changes of priority within about `length` statements."""
        chance = random.Random(seed)
        order = chance.sample(range(len(acts)), len(acts))
        self.runners = [_Runner(place, act, depth + order[place]) for place, act in enumerate(acts)]
        self.changes = {chance.randrange(1, length): change for change in range(depth - 1)}
        self.news = threading.Condition()
        self.at, self.steps, self.is_sqlite = at, 0, connection.vendor == "sqlite"

    def run(self) -> list[object]:
        """Every act to its end; what each returned or raised, in order."""
        threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in self.runners]
        for thread in threads:
            thread.start()
        ends = time.monotonic() + PATIENCE
        while not all(one.is_done for one in self.runners):
            if time.monotonic() > ends:
                self._let_all_go()
                raise Stuck([(one.place, one.at_statement[:60], one.is_waiting) for one in self.runners])
            self._hand_over()
        for thread in threads:
            thread.join(PATIENCE)
        return [one.result for one in self.runners]

    def _work(self, me: _Runner) -> None:
        try:
            with clock.at(self.at), ExitStack() as stack:
                connection.ensure_connection()
                if not self.is_sqlite:
                    me.pid = connection.connection.info.backend_pid
                stack.enter_context(connection.execute_wrapper(lambda *each: self._statement(me, *each)))
                me.result = me.act()
        except BaseException as failure:
            me.result = failure
        finally:
            connections.close_all()
            with self.news:
                me.is_done, me.holds_sqlite = True, False
                self.news.notify_all()

    def _statement(self, me: _Runner, call: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with self.news:
            me.at_statement, me.holds_sqlite = sql, connection.in_atomic_block
            me.wants_sqlite = not connection.in_atomic_block and not sql.startswith("SELECT")
            self.news.notify_all()
        if not me.may_go.wait(PATIENCE):
            raise Stuck(sql[:80])
        me.may_go.clear()
        try:
            return call(sql, params, many, context)
        finally:
            with self.news:
                me.is_waiting = False
                self.news.notify_all()

    def _hand_over(self) -> None:
        """Let the ready thread of highest priority run one statement; wait until it is at its next, done or blocked."""
        with self.news:
            self._wake_those_no_longer_blocked()
            self.news.wait_for(
                lambda: all(one.is_done or one.at_statement or one.is_waiting for one in self.runners), 5
            )
            ready = [one for one in self.runners if one.at_statement and not one.is_done and self._can_go(one)]
            if not ready:
                self.news.wait(0.01)
                return
            chosen = max(ready, key=lambda one: one.priority)
            self.steps += 1
            if self.steps in self.changes:
                chosen.priority = self.changes[self.steps] - len(self.runners)
            chosen.at_statement = ""
            chosen.may_go.set()
            tried = 0
            while not (chosen.at_statement or chosen.is_done):
                self.news.wait(0.002 if tried < 5 else 0.02)
                tried += 1
                if tried > 2 and not self.is_sqlite and not chosen.at_statement and self._is_blocked(chosen):
                    chosen.is_waiting = True
                    return
                if tried > 1500:
                    return

    def _wake_those_no_longer_blocked(self) -> None:
        """Who was given its lock meanwhile comes to its next statement before anybody else goes on."""
        for one in self.runners:
            if one.is_waiting and not self._is_blocked(one):
                self.news.wait_for(lambda one=one: not one.is_waiting or one.is_done, 1)

    def _can_go(self, one: _Runner) -> bool:
        """On SQLite one that would write while another holds the database would only wait for it."""
        if not self.is_sqlite or not one.wants_sqlite:
            return True
        return not any(other.holds_sqlite and not other.is_done for other in self.runners if other is not one)

    def _is_blocked(self, one: _Runner) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [one.pid])
            return bool(cursor.fetchone()[0])

    def _let_all_go(self) -> None:
        for one in self.runners:
            one.may_go.set()
