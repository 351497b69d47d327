"""Texts that nobody searches by how they begin, and that need no index for it."""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython


def never_searched_by_beginning(app: str, fields: dict[str, tuple[str, ...]]) -> RunPython:
    """A step of a migration: on PostgreSQL a unique or indexed text has a second index, to search by how it begins.

    Keys and hashes are never searched so, and go to a place by lot in each of their indexes, which is what writing
    a row costs most when there are millions. `fields` names them by model.
    """

    def places(apps: Any) -> list[tuple[Any, Any]]:
        models = [(apps.get_model(app, name), names) for name, names in fields.items()]
        return [(model, model._meta.get_field(name)) for model, names in models for name in names]

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            for model, field in places(apps):
                name = editor._create_index_name(model._meta.db_table, [field.column], suffix="_like")
                editor.execute(f"DROP INDEX IF EXISTS {editor.quote_name(name)}")

    def make(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            for model, field in places(apps):
                editor.execute(editor._create_like_index_sql(model, field))

    return RunPython(drop, make)
