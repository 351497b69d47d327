"""Keys that point at other rows: PostgreSQL looks at them together once everything is written, not for each row alone.

A key is taken away and put back within one transaction, so that a run that is killed leaves all of them in place.
Put back so it holds for what is written from then on; `look_at_all` lets it hold for what was written meanwhile, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from gaf.demo.bulk.writing import Model

_OF_TABLES = """
    SELECT conrelid::regclass::text, quote_ident(conname), regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '')
    FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2
"""


@dataclass(frozen=True)
class _Key:
    table: str
    name: str
    definition: str


class Keys:
    """The keys of some tables that point at others; none where the database is not PostgreSQL."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._keys: list[_Key] = []
        if connection.vendor == "postgresql":
            tables = [connection.ops.quote_name(model._meta.db_table) for model in models]
            with connection.cursor() as cursor:
                cursor.execute(_OF_TABLES, [tables])
                self._keys = [_Key(*row) for row in cursor.fetchall()]

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """While this stands, inside a transaction, nobody looks where rows point at."""
        self._alter("ALTER TABLE {0.table} DROP CONSTRAINT {0.name}")
        yield
        self._alter("ALTER TABLE {0.table} ADD CONSTRAINT {0.name} {0.definition} NOT VALID")

    def look_at_all(self) -> None:
        """Raises IntegrityError where a row that was written meanwhile points at nothing."""
        self._alter("ALTER TABLE {0.table} VALIDATE CONSTRAINT {0.name}")

    def _alter(self, statement: str) -> None:
        if self._keys:
            connection.check_constraints()  # what is to be looked at yet, before its key goes
            with connection.cursor() as cursor:
                cursor.execute("; ".join(statement.format(key) for key in self._keys))
