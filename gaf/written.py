"""Parts of questions whose SQL Django writes once, and which are then only filled in.

Building a long question, and having Django write it, costs more than the database takes to answer. What differs from
one time to the next (a person, their missions, a moment, the row it is asked of) stands in the written text as a mark;
each use puts in what it was told.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, DateField, DateTimeField, Expression, F, Field, Value
from django.db.models.sql import Query

Sql = tuple[str, tuple[Any, ...]]
# Django calls the tables of a part U0, V1 and so on; inside another question they must not hide that one's own.
_ALIAS = re.compile(r"\b([A-Z]+\d+)\b(?=\.| |\)|$)")
_MARK = "\0"
_numbers = itertools.count(1)


class Mark(Expression):
    """Stands in a text that is written once for what is filled in each time."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A sign that no SQL holds, and its place."""
        return f"{_MARK}{self.place}{_MARK}", ()


class Piece(NamedTuple):
    """What stands before a mark, with what it needs, and which mark comes then; none at the end."""

    text: str
    params: tuple[Any, ...]
    place: int | None


class Text:
    """One text: how it is built from marks, and what Django wrote for each shape of what is filled in."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._number = next(_numbers)
        self._written: dict[tuple[str, tuple[int | None, ...]], list[Piece]] = {}

    def pieces(self, connection: Any, shape: tuple[int | None, ...]) -> list[Piece]:
        """The text for this engine and shape: for each thing told, how many values it is; None for a single one."""
        key = (connection.vendor, shape)
        if key not in self._written:
            self._written[key] = list(self._write(connection, shape))
        return self._written[key]

    def _write(self, connection: Any, shape: tuple[int | None, ...]) -> Iterator[Piece]:
        places = itertools.count()
        marks = [Mark(next(places)) if many is None else [Mark(next(places)) for _ in range(many)] for many in shape]
        query = Query(None)
        compiler = query.get_compiler(connection=connection)
        text, params = compiler.compile(self._build(*marks).resolve_expression(query))
        left = list(params)
        parts = _ALIAS.sub(rf"w{self._number}_\1", text).split(_MARK)
        for part, place in itertools.zip_longest(parts[::2], parts[1::2]):
            many = part.replace("%%", "").count("%s")
            yield Piece(part, tuple(left[:many]), None if place is None else int(place))
            left = left[many:]


# Django makes a new field for each value whose kind it has to find out.
_FIELDS: dict[type, Field[Any, Any]] = {
    int: BigIntegerField(),
    date: DateField(),
    datetime: DateTimeField(),
}


def _expression(told: Any) -> Any:
    """A column of the question around it by its name, or a value as a part of the question."""
    if isinstance(told, str):
        return F(told)
    return told if hasattr(told, "resolve_expression") else Value(told, _FIELDS.get(type(told)))


class Written(Expression):
    """A part of a question, in the text that was written for it once, filled in with what it is told now."""

    def __init__(self, text: Text, shape: tuple[int | None, ...], *told: Any, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self._text, self._shape = text, shape
        self._told = [_expression(one) for one in told]

    def get_source_expressions(self) -> list[Any]:
        """What it is filled in with, so that columns of the question around it are found there."""
        return self._told

    def set_source_expressions(self, exprs: Any) -> None:
        """The same, once they were found."""
        self._told = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """The text with everything in its place."""
        told = [compiler.compile(one) for one in self._told]
        texts: list[str] = []
        params: list[Any] = []
        for piece in self._text.pieces(connection, self._shape):
            texts.append(piece.text)
            params += piece.params
            if piece.place is not None:
                text, more = told[piece.place]
                texts.append(text)
                params += more
        return f"({''.join(texts)})", tuple(params)


def written(output_field: Field[Any, Any]) -> Callable[[Callable[..., Any]], Callable[..., Written]]:
    """Let Django write the SQL of what a function builds once only.

    The function must make of its arguments nothing but parts of the question, as it is given marks in their place. Each
    is a value, the name of a column of the question around it, or a list of values. What else the question depends on,
    above all the time, has to be told as well, or it stays as it was the first time.
    """

    def kept(build: Callable[..., Any]) -> Callable[..., Written]:
        text = Text(build)

        @functools.wraps(build)
        def part(*told: Any) -> Written:
            shape = tuple(len(one) if isinstance(one, list) else None for one in told)
            values = itertools.chain.from_iterable(one if isinstance(one, list) else [one] for one in told)
            return Written(text, shape, *values, output_field=output_field)

        return part

    return kept


def sql_of(part: Written) -> Sql:
    """The text of a part with everything in its place, for a question that is put without Django."""
    query = Query(None)
    return query.get_compiler(connection=connection).compile(part.resolve_expression(query))
