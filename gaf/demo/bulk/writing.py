"""How many rows are written at once: by COPY on PostgreSQL, by one prepared statement on SQLite. Guards stay on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from gaf.decisions.models import SeparationRule

Model = type[models.Model]


@dataclass(frozen=True)
class Dialect:
    """How one database wants a value written as text, and what stands between values and after a row."""

    between: str
    after: str
    nothing: str
    true: str
    false: str
    escapes: tuple[tuple[str, str], ...] = ()

    def text(self, value: Any) -> str:
        """One value that is no JSON."""
        if value is None:
            return self.nothing
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, datetime):
            return str(connection.ops.adapt_datetimefield_value(value))
        if isinstance(value, (date, Decimal, int)):
            return str(value)
        return self.escaped(str(value))

    def escaped(self, text: str) -> str:
        """A text in which nothing is taken for a mark of the dialect."""
        for mark, written in self.escapes:
            text = text.replace(mark, written)
        return text


_COPY = Dialect("\t", "\n", "\\N", "t", "f", (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")))
_ROWS = Dialect("\x1f", "\x1e", "\x00", "1", "0")


def dialect() -> Dialect:
    """The dialect of the database in use."""
    return _COPY if connection.vendor == "postgresql" else _ROWS


def columns_of(model: Model) -> list[str]:
    """The names of its columns, in the order in which rows are written."""
    return [str(field.column) for field in model._meta.concrete_fields]


def write(model: Model, rows: Iterable[str]) -> None:
    """Write rows that are text in the dialect of this database, all in one go.

    PostgreSQL takes in what it was given while the next text is still being made.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in columns_of(model))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for text in rows:
                    copy.write(text)
            return
        places = ", ".join("%s" for _name in columns_of(model))
        values = [_split(row) for text in rows for row in text.split(_ROWS.after)[:-1]]
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608  # names only


def _split(row: str) -> list[str | None]:
    return [None if cell == _ROWS.nothing else cell for cell in row.split(_ROWS.between)]


def next_id(model: Model) -> int:
    """The first number that no row of this table has."""
    return int(model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1


def took_ids_until(model: Model, last: int) -> None:
    """Let the database go on counting after these; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                [connection.ops.quote_name(model._meta.db_table), str(model._meta.pk.column), last],
            )


def plan_once() -> None:
    """Let PostgreSQL plan the questions of its guards and keys once for the transaction, not anew for every row, and by
    index: a plan made while a table had twenty rows would read all of it for each row of a thousand."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute("SET LOCAL enable_seqscan = off")


def look_at_rules() -> None:
    """Let PostgreSQL look at the rules of separation first: where it never did, their guard reads many of them for each
    decision that is written. And let it forget how it answered while the scene was played on nearly empty tables."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")
            cursor.execute(f"ANALYZE {connection.ops.quote_name(SeparationRule._meta.db_table)}")
