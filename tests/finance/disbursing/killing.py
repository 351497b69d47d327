"""Kills a worker: at its n-th SQL statement, just before or just after a commit, or between two steps outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

# Dying before a read is dying before whatever is written next: nothing lies between.
_READS = ("select", "savepoint", "release")


class Killed(BaseException):
    """The worker is dead. Not an Exception, so that nothing in it can go on."""


@dataclass
class Killer:
    """Counts every point at which a worker can die, and strikes at the `at`-th (never when 0)."""

    at: int = 0
    passed: list[str] = field(default_factory=list)

    def point(self, name: str) -> None:
        """One more point is reached."""
        self.passed.append(name)
        if len(self.passed) == self.at:
            raise Killed(name)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Everything on the database inside is a place to die."""
        connection.ensure_connection()
        commit = connection._commit

        def execute(call: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            word = sql.split(" ", 1)[0].lower()
            if word not in _READS:
                self.point(word)
            return call(sql, params, many, context)

        def commit_or_die() -> None:
            try:
                self.point("before commit")
            except Killed:
                connection._rollback()  # the database does this when a client is gone
                raise
            commit()
            self.point("after commit")

        connection._commit = commit_or_die
        try:
            with connection.execute_wrapper(execute):
                yield
        finally:
            del connection._commit


def kill(work: Callable[[], object], at: int, also: Callable[[Killer], Any] | None = None) -> Killer:
    """Let a worker work until it dies at a point, and bury it: what it had not committed is gone."""
    killer = Killer(at)
    try:
        with killer.watching(), also(killer) if also else _nothing():
            work()
    except Killed:
        _bury()
    return killer


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _bury() -> None:
    """The process is gone: the connection with it, and everything Django remembers about its transaction."""
    if connection.connection is not None:
        connection.connection.rollback()
    connection.in_atomic_block = False
    connection.savepoint_ids, connection.atomic_blocks, connection.run_on_commit = [], [], []
    connection.needs_rollback = False
    connection.close()
