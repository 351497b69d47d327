"""What must be true of the witness: each version of a tracked row is kept, and the last one is the row as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from finance.books_registry import Broken, Reading, check
from gaf.records import Record


@check("I15", "every tracked row is as its last save left it, and no version of it is missing")
def history_is_whole(reading: Reading) -> Iterator[Broken]:
    """A row changed past Django differs from its history; a history that was cut has fewer versions than decisions."""
    for model in _tracked():
        yield from _of_model(reading, model)


def _tracked() -> list[Any]:
    """Every model whose versions are kept."""
    return sorted(
        (model for model in apps.get_models() if hasattr(model, "history") and hasattr(model.history, "model")),
        key=lambda model: model._meta.label,
    )


def _of_model(reading: Reading, model: Any) -> Iterator[Broken]:
    names = [field.attname for field in model.history.model.tracked_fields]
    versions: dict[object, int] = defaultdict(int)
    first: dict[object, str] = {}
    last: dict[object, dict[str, Any]] = {}
    rows = model.history.model.objects.order_by("history_id")
    for row in rows.values(*names, "history_type").iterator():
        pk = row[model._meta.pk.attname]
        versions[pk] += 1
        first.setdefault(pk, row["history_type"])
        last[pk] = row
    for row in _rows(model):
        yield from _of_row(reading, row, names, versions[row.pk], first.get(row.pk, ""), last.get(row.pk, {}))


def _rows(model: Any) -> Iterator[Any]:
    rows = model._default_manager.order_by("pk")
    yield from (rows.select_related() if issubclass(model, Record) else rows).iterator()


def _of_row(
    reading: Reading, row: models.Model, names: list[str], versions: int, first: str, last: dict[str, Any]
) -> Iterator[Broken]:
    name = f"{row._meta.verbose_name} {row}"
    if first != "+":
        yield Broken(name, "has no history of how it began")
    elif isinstance(row, Record):
        decided = len(reading.decided.get(row.decision_subject(), []))
        if versions < decided:
            yield Broken(name, f"has {versions} versions for {decided} decisions; versions between are gone")
    changed = [column for column in names if last and last[column] != getattr(row, column)]
    if changed:
        yield Broken(name, f"differs from its last version in {', '.join(sorted(changed))}")
