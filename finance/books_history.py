"""What must be true of the witness: each version of a tracked row is kept, and the last one is the row as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from finance.books_registry import Broken, Reading, check
from gaf.records import Record


@check("I15", "every tracked row is as its last save left it, and no version of it is missing")
def history_is_whole(reading: Reading) -> Iterator[Broken]:
    """A row changed past Django differs from its history; a history that was cut has fewer versions than decisions."""
    for model, versions in _tracked():
        if model._meta.db_table in reading.filled:
            yield from _of_model(reading, model, versions)


@cache
def _tracked() -> tuple[tuple[Any, Any], ...]:
    """Every model whose versions are kept, with the model of its versions. Asking a model for its history builds a
    class each time, so it is asked once."""
    with_history = [model for model in apps.get_models() if hasattr(model, "history")]
    pairs = [(model, model.history.model) for model in with_history if hasattr(model.history, "model")]
    return tuple(sorted(pairs, key=lambda pair: pair[0]._meta.label))


def _of_model(reading: Reading, model: Any, kept: Any) -> Iterator[Broken]:
    names = [field.attname for field in kept.tracked_fields]
    versions: dict[object, int] = defaultdict(int)
    first: dict[object, str] = {}
    last: dict[object, dict[str, Any]] = {}
    for row in kept.objects.order_by("history_id").values(*names, "history_type").iterator():
        pk = row[model._meta.pk.attname]
        versions[pk] += 1
        first.setdefault(pk, row["history_type"])
        last[pk] = row
    rows = reading.records_of(model) if issubclass(model, Record) else model._default_manager.order_by("pk").iterator()
    for row in rows:
        for what in _wrong(reading, row, names, versions[row.pk], first.get(row.pk, ""), last.get(row.pk, {})):
            yield Broken(f"{row._meta.verbose_name} {row}", what)


def _wrong(
    reading: Reading, row: models.Model, names: list[str], versions: int, first: str, last: dict[str, Any]
) -> Iterator[str]:
    if first != "+":
        yield "has no history of how it began"
    elif isinstance(row, Record):
        decided = len(reading.decided.get(row.decision_subject(), []))
        if versions < decided:
            yield f"has {versions} versions for {decided} decisions; versions between are gone"
    changed = [column for column in names if last and last[column] != getattr(row, column)]
    if changed:
        yield f"differs from its last version in {', '.join(sorted(changed))}"
