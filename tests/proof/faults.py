"""What may go wrong at one point of a running process: it dies, or the database, the disk or the provider says no.

Every SQL statement, every commit, every call to a provider and every file for the bank is a point. A fault strikes
one of them, before or after it took effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection


class Crash(BaseException):
    """The process is gone. Not an Exception, so that nothing in the code can eat it."""


SQL = ("crash", "crash_after", "locked", "full")
COMMIT = SQL
CALL = ("crash", "crash_after", "dropped", "dropped_after")
DISK = ("crash", "crash_after", "no_room", "no_room_after")
KINDS = {"sql": SQL, "commit": COMMIT, "call": CALL, "disk": DISK}
DIES = ("crash", "crash_after")
# Dying at a read is dying before whatever is written next: nothing lies between.
_READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Faults:
    """Counts the points that are passed while it is on, and strikes the `at`-th with the `kind` of its own list."""

    on: bool = False
    at: int = 0
    kind: int = 0
    n: int = 0
    passed: list[str] = field(default_factory=list)
    struck: str = ""
    reads_count: bool = True

    def arm(self, at: int, kind: int) -> None:
        """Strike the `at`-th point from now on, once; nothing when 0."""
        self.at, self.kind, self.n, self.struck, self.on = at, kind, 0, "", True
        self.passed = []

    def rest(self) -> None:
        """Nothing is counted and nothing struck: the harness itself is looking."""
        self.on = False

    def at_point(self, sort: str, work: Callable[[], Any]) -> Any:
        """Do one thing that a process may die of."""
        if not self.on:
            return work()
        self.n += 1
        self.passed.append(sort)
        if self.n != self.at:
            return work()
        name = KINDS[sort][self.kind]
        self.struck = f"{sort}.{name}"
        self.on = name not in DIES and self.on
        return _strike(sort, name, work)


def _strike(sort: str, name: str, work: Callable[[], Any]) -> Any:
    if name == "crash":
        if sort == "commit":
            connection._rollback()  # the database does this when a client is gone
        raise Crash(sort)
    if name == "locked":
        raise OperationalError("database is locked")
    if name == "full":
        raise OperationalError("database or disk is full")
    if name == "no_room":
        raise OSError(28, "No space left on device")
    if name == "dropped":
        return None
    work()
    if name == "crash_after":
        raise Crash(sort)
    if name == "no_room_after":
        raise OSError(28, "No space left on device")
    assert name == "dropped_after", name
    return None


@contextmanager
def watched(faults: Faults) -> Iterator[None]:
    """Every statement and commit on Django's connection is a point of these faults."""
    connection.ensure_connection()
    commit = connection._commit

    def execute(call: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not faults.reads_count and sql.lstrip("( ").split(" ", 1)[0].upper() in _READS:
            return call(sql, params, many, context)
        return faults.at_point("sql", lambda: call(sql, params, many, context))

    connection._commit = lambda: faults.at_point("commit", commit)
    try:
        with connection.execute_wrapper(execute):
            yield
    finally:
        del connection._commit


@contextmanager
def disk_watched(faults: Faults) -> Iterator[None]:
    """Every file that is put in its place whole is a point of these faults."""
    replace = Path.replace
    Path.replace = lambda part, whole: faults.at_point("disk", lambda: replace(part, whole))  # type: ignore
    try:
        yield
    finally:
        Path.replace = replace  # type: ignore[method-assign]


def bury() -> None:
    """A dead process: its transaction is rolled back, and everything it remembered of it is forgotten."""
    if connection.connection is not None:
        connection.connection.rollback()
    connection.in_atomic_block = False
    connection.savepoint_ids, connection.atomic_blocks, connection.run_on_commit = [], [], []
    connection.needs_rollback, connection.closed_in_transaction, connection.commit_on_exit = False, False, True
