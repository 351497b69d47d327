"""What Django works out for every query of the same table is worked out once: a schedule has a thousand queries.

Columns, their converters and a plain order depend on the table alone, and where others are read along, on which ones:
those add their joins to the query too. Everything else goes the way it always goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import is_not
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models.sql.compiler import SQLCompiler

_EVERY_FIELD = (frozenset(), True)


@contextmanager
def columns_remembered() -> Iterator[None]:
    """While this lasts, a query for whole records of one table takes what was worked out for the one before it."""
    remembered: set[int] = set()
    as_it_was = {name: getattr(SQLCompiler, name) for name in ("get_select", "get_order_by", "get_converters")}
    for name, remembering in (
        ("get_select", _columns_once(SQLCompiler.get_select, remembered)),
        ("get_order_by", _order_once(SQLCompiler.get_order_by)),
        ("get_converters", _converters_once(SQLCompiler.get_converters, remembered)),
    ):
        setattr(SQLCompiler, name, remembering)
    try:
        yield
    finally:
        for name, method in as_it_was.items():
            setattr(SQLCompiler, name, method)


def _columns_once(work_out: Callable[..., Any], remembered: set[int]) -> Callable[..., Any]:
    kept: dict[Any, Any] = {}

    def get_select(compiler: SQLCompiler, with_col_aliases: bool = False) -> Any:
        query = compiler.query
        if not _asks_for_whole_records(query):
            return work_out(compiler, with_col_aliases)
        key = (query.model, with_col_aliases, query.select_related and (_frozen(query.select_related), _joined(query)))
        if key not in kept:
            kept[key] = (work_out(compiler, with_col_aliases), _Joins.of(query))
            remembered.update(id(column) for column, _sql, _alias in kept[key][0][0][:1])
        elif query.select_related:
            kept[key][1].put_into(query)
        (columns, record, annotations), _joins = kept[key]  # held for good, so that no other column has its id
        return list(columns), dict(record), dict(annotations)

    return get_select


@dataclass(frozen=True)
class _Joins:
    """What reading other tables along leaves in a query: the tables by their names there, and their uses."""

    tables: dict[str, Any]
    uses: dict[str, int]
    names: dict[str, list[str]]

    @classmethod
    def of(cls, query: Any) -> _Joins:
        names = {table: list(aliases) for table, aliases in query.table_map.items()}
        return cls(dict(query.alias_map), dict(query.alias_refcount), names)

    def put_into(self, query: Any) -> None:
        query.alias_map.update({name: table for name, table in self.tables.items() if name not in query.alias_map})
        for name, uses in self.uses.items():
            query.alias_refcount[name] = max(uses, query.alias_refcount.get(name, 0))
        query.table_map.update({table: list(aliases) for table, aliases in self.names.items()})


def _joined(query: Any) -> tuple[Any, ...]:
    """Which tables the filters of a query joined before, and how."""
    return tuple(
        (alias, table.table_name, table.parent_alias, table.join_type, getattr(table, "join_field", None), uses > 0)
        for (alias, table), uses in zip(query.alias_map.items(), query.alias_refcount.values(), strict=True)
    )


def _frozen(related: Any) -> Any:
    """Which other tables are read along, as a key."""
    if isinstance(related, dict):
        return tuple((name, _frozen(inner)) for name, inner in related.items())
    return related


def _asks_for_whole_records(query: Any) -> bool:
    """Nothing beside the fields of whole records, the first of them under its table's own name."""
    return bool(
        query.default_cols
        and query.selected is None
        and not (query.extra_select or query.annotation_select)
        and query.deferred_loading == _EVERY_FIELD
        and not query.get_meta().parents
        and query.get_initial_alias() == query.get_meta().db_table
    )


def _order_once(work_out: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[Any, Any] = {}

    def get_order_by(compiler: SQLCompiler) -> Any:
        query = compiler.query
        ordering = query.order_by or (query.get_meta().ordering if query.default_ordering else ())
        if query.combinator or query.extra_order_by or not _asks_for_whole_records(query):
            return work_out(compiler)
        key = (query.model, tuple(ordering), bool(query.order_by), query.standard_ordering)
        if key not in kept:
            if not _is_plain(query.get_meta(), ordering):
                return work_out(compiler)
            kept[key] = (work_out(compiler), compiler._meta_ordering)
        order, compiler._meta_ordering = kept[key]
        return list(order)

    return get_order_by


def _is_plain(meta: Any, ordering: Any) -> bool:
    """Fields of the table itself, none of which stands for another table's order."""
    for name in ordering:
        if not isinstance(name, str):
            return False
        try:
            field = meta.pk if name.lstrip("-") == "pk" else meta.get_field(name.lstrip("-"))
        except FieldDoesNotExist:
            return False
        if field.is_relation and name.lstrip("-") != field.attname:
            return False
    return True


def _converters_once(work_out: Callable[..., Any], remembered: set[int]) -> Callable[..., Any]:
    kept: dict[int, tuple[list[Any], Any]] = {}

    def get_converters(compiler: SQLCompiler, expressions: Any) -> Any:
        columns = list(expressions)
        before, converters = kept.get(id(columns[0]), ([], {})) if columns else ([], {})
        if columns and (len(before) != len(columns) or any(map(is_not, before, columns))):
            converters = work_out(compiler, columns)
            if id(columns[0]) in remembered:
                kept[id(columns[0])] = (columns, converters)
        return dict(converters)

    return get_converters
