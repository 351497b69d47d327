"""Reads back what SQLite was asked for: a pragma that did not take is a database that would lose or leak."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

WANTED: dict[str, set[object]] = {
    "journal_mode": {"wal", "memory"},
    "synchronous": {2},
    "foreign_keys": {1},
    "recursive_triggers": {1},
    "secure_delete": {1},
}


def read_back(connection: Any, **kwargs: object) -> None:
    """Signal receiver for a new connection. Raises ImproperlyConfigured naming the pragma that did not take."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for pragma, accepted in WANTED.items():
            cursor.execute(f"PRAGMA {pragma}")
            found = cursor.fetchone()[0]
            if found not in accepted:
                raise ImproperlyConfigured(f"SQLite opened with {pragma} = {found!r}; see gaf.settings.base.sqlite().")
