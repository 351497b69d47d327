"""Hands that go past Python: plain SQL on the database in use, with its guards standing or taken away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction

from gaf.guards import all_guards


def run(sql: str, *values: object) -> int:
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)  # without values, a per cent sign is one
        return int(cursor.rowcount)


@contextmanager
def refused_by(code: str) -> Iterator[None]:
    """Whatever is done inside is refused by the database, by the guard or constraint that is named."""
    with pytest.raises(IntegrityError, match=code), transaction.atomic():
        yield


def settle() -> None:
    """PostgreSQL changes no table while checks of this transaction still wait; let them happen now."""
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("SET CONSTRAINTS ALL DEFERRED")


def drop_guard(name: str, table: str) -> None:
    """Take one guard away, as somebody with the database's own password could."""
    settle()
    run(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {table}"))


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """Take the guards of these tables away, and put them back afterwards as if nothing had happened."""
    taken = [one for one in all_guards() if one.table in tables]
    for one in taken:
        drop_guard(one.name, one.table)
    yield
    settle()
    for one in taken:
        for statement in one.install(connection.vendor):
            run(statement)
