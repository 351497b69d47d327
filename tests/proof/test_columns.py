"""What is worked out once is what Django works out each time: the harness proves the code on its real statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet

from finance.models import PayeeVersion
from tests.proof.columns import columns_remembered

pytestmark = pytest.mark.proof

MODELS = [model for model in apps.get_models() if model.__module__.startswith(("gaf", "finance", "workflow"))]
QUESTIONS: dict[str, Callable[[QuerySet[Any]], QuerySet[Any]]] = {
    "all": lambda rows: rows.all(),
    "one": lambda rows: rows.filter(pk=7),
    "newest first": lambda rows: rows.order_by("-pk"),
    "in no order": lambda rows: rows.order_by(),
    "backwards": lambda rows: rows.reverse(),
    "backwards by key": lambda rows: rows.order_by("-pk").reverse(),
    "a few": lambda rows: rows.order_by("pk")[3:9],
    "without its like": lambda rows: rows.distinct(),
    "only its key": lambda rows: rows.only("pk"),
    "as a plain list": lambda rows: rows.values_list("pk", flat=True),
    "inside another": lambda rows: rows.filter(pk__in=rows.filter(pk__gt=3)),
    "with what it must have": lambda rows: rows.select_related(),
    "with all that it has": lambda rows: rows.select_related(*_related(rows.model)).filter(pk=7),
    "with the last of them": lambda rows: rows.select_related(*_related(rows.model)[-1:]).order_by("-pk"),
    "with others, by another": lambda rows: rows.select_related(*_related(rows.model)).filter(
        **_of_another(rows.model)
    ),
}


def _related(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.fields if field.is_relation]


def _of_another(model: type[Model]) -> dict[str, Any]:
    """A filter that joins the table of the first record read along."""
    first = next((field for field in model._meta.fields if field.is_relation), None)
    if first is None:
        return {}
    plain = [field.name for field in first.related_model._meta.fields if not (field.primary_key or field.is_relation)]
    return {f"{first.name}__{name}__isnull": False for name in plain[:1]}


def _statements(rows: QuerySet[Any]) -> list[tuple[str, tuple[Any, ...]]]:
    return [ask(rows).query.sql_with_params() for ask in QUESTIONS.values()]


def test_the_statements_are_the_same():
    expected = {model: _statements(model._base_manager.all()) for model in MODELS}

    with columns_remembered():
        for _time in range(2):
            assert {model: _statements(model._base_manager.all()) for model in MODELS} == expected


def test_records_come_back_as_they_were(stage):
    def read() -> list[Any]:
        whole = PayeeVersion.objects.select_related("payee", "recorded_by")
        beside = [{**_fields(one.payee), **_fields(one.recorded_by)} for one in whole]
        rows = PayeeVersion.objects.order_by("pk").values()
        return [*rows, *(_fields(one) for one in PayeeVersion.objects.all()), *(_fields(one) for one in whole), *beside]

    expected = read()
    with columns_remembered():
        assert [read(), read()] == [expected, expected]


def _fields(record: Any) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
