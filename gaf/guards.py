"""Guards below Python: triggers on both databases that hold what must be true whatever the code does.

Each app lists its guards in its own `guards.py`. They are (re)installed after every `migrate`, because SQLite drops
triggers when it rebuilds a table, and cannot rebuild one that triggers read; `missing_guards()` names any that is gone.
A guard that says no raises an error that begins with its rule code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.db import connection

ROOMS = ("gaf.decisions", "gaf.accounts", "gaf.privacy", "finance", "workflow")


@dataclass(frozen=True)
class Guard:
    """One trigger: when it fires on which table, and the condition under which the change is refused.

    There is one SQL condition for each database, in which NEW and OLD are the rows. Where `at_once` is true, PostgreSQL
    asks it once of all rows that a statement wrote, when they stand: it must hold for NEW whatever stands after it.
    """

    name: str
    table: str
    event: str  # "BEFORE INSERT", "BEFORE UPDATE", "BEFORE DELETE"
    message: str  # "CODE: what it says"
    sqlite: str
    postgres: str
    at_once: bool = False

    def install(self, vendor: str) -> list[str]:
        """The statements that (re)create this guard."""
        message = self.message.replace("'", "''")
        if vendor == "sqlite":
            return [
                f"DROP TRIGGER IF EXISTS {self.name}",
                f"CREATE TRIGGER {self.name} {self.event} ON {self.table} FOR EACH ROW WHEN {self.sqlite} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            ]
        row = "OLD" if self.event.endswith("DELETE") else "NEW"
        refused, returned, fires = self.postgres, row, f"{self.event} ON {self.table} FOR EACH ROW"
        if self.at_once:
            # A name of its own: NEW is a variable of the trigger, here an empty one.
            condition = self.postgres.replace("NEW.", "written.")
            refused = f"EXISTS (SELECT 1 FROM written WHERE {condition})"  # noqa: S608  # conditions of ours only
            returned = "NULL"
            fires = f"AFTER INSERT ON {self.table} REFERENCING NEW TABLE AS written FOR EACH STATEMENT"
        return [
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
            f"IF {refused} THEN RAISE EXCEPTION '{message.replace('%', '%%')}' USING ERRCODE = '23514'; END IF; "
            f"RETURN {returned}; END $guard$",
            f"CREATE TRIGGER {self.name} {fires} EXECUTE FUNCTION {self.name}()",
        ]


def guard(
    name: str, table: str, event: str, message: str, condition: str, postgres: str = "", at_once: bool = False
) -> Guard:
    """A guard whose condition reads the same on both databases, unless PostgreSQL's is given apart."""
    return Guard(name, table, event, message, condition, postgres or condition, at_once)


def append_only(table: str, code: str, unless: str = "") -> list[Guard]:
    """Nothing in this table is ever changed or removed; `unless` names the one change that is allowed."""
    change = f"NOT ({unless})" if unless else "1 = 1"
    return [
        guard(f"{table}_never_changed", table, "BEFORE UPDATE", f"{code}: {table} is append-only.", change),
        guard(f"{table}_never_removed", table, "BEFORE DELETE", f"{code}: {table} is append-only.", "1 = 1"),
    ]


def state_follows_decision(table: str, key: str) -> list[Guard]:
    """A record's state is the target of its latest decision, from its first row on.

    `key` is the column, or an SQL expression over NEW, that gives the record's own key.
    """
    own = key if "NEW." in key else f"NEW.{key}"
    last = f"FROM decisions_decision d WHERE d.subject = {own} ORDER BY d.number DESC LIMIT 1"
    target = f"COALESCE((SELECT d.to_state {last}), '')"
    source = f"COALESCE((SELECT d.from_state {last}), '')"
    message = f"STATE-01: the state of {table} follows its latest decision, and there is none for this move."
    return [
        guard(f"{table}_state_first", table, "BEFORE INSERT", message, f"NEW.state <> {target}"),
        guard(
            f"{table}_state_moves",
            table,
            "BEFORE UPDATE",
            message,
            f"NEW.state <> OLD.state AND (NEW.state <> {target} OR OLD.state <> {source})",
        ),
    ]


def all_guards() -> list[Guard]:
    """Every guard of every room, in the order of the rooms."""
    found: list[Guard] = []
    for room in ROOMS:
        found.extend(import_module(f"{room}.guards").GUARDS)
    return found


def _append_only_tables(guards: Iterable[Guard]) -> list[str]:
    return sorted({one.table for one in guards if one.name.endswith("_never_removed")})


def _append_only_truncates(guards: Iterable[Guard]) -> list[str]:
    """On PostgreSQL TRUNCATE passes by row triggers, so append-only tables get a statement trigger too."""
    statements = [
        "CREATE OR REPLACE FUNCTION never_truncated() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
        "RAISE EXCEPTION 'APPEND-01: % is append-only.', TG_TABLE_NAME USING ERRCODE = '23514'; END $guard$"
    ]
    for table in _append_only_tables(guards):
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_never_truncated ON {table}",
            f"CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table} EXECUTE FUNCTION never_truncated()",
        ]
    return statements


def install_guards() -> None:
    """(Re)create every guard on the database in use."""
    guards = all_guards()
    with connection.cursor() as cursor:
        for one in guards:
            for statement in one.install(connection.vendor):
                cursor.execute(statement)
        if connection.vendor == "postgresql":
            for statement in _append_only_truncates(guards):
                cursor.execute(statement)


def missing_guards() -> list[str]:
    """Names of guards the database does not have; empty when all stand."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        standing = {row[0] for row in cursor.fetchall()}
    wanted = [one.name for one in all_guards()]
    if connection.vendor == "postgresql":
        wanted += [f"{table}_never_truncated" for table in _append_only_tables(all_guards())]
    return [name for name in wanted if name not in standing]


def take_off_before_migrate(plan: Sequence[object] = (), **kwargs: object) -> None:
    """Signal receiver: on SQLite a table that is rebuilt is away for a moment, and a trigger that reads it would fail.

    So our triggers, those of earlier versions too, are off while there is something to migrate. Other triggers stay.
    """
    if not plan or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def install_after_migrate(**kwargs: object) -> None:
    """Signal receiver: once all tables of all rooms stand, put the guards on them."""
    tables = set(connection.introspection.table_names())
    wanted = {one.table for one in all_guards()}
    if wanted <= tables and apps.ready:
        install_guards()
