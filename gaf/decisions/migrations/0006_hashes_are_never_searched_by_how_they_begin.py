"""On PostgreSQL a unique text has a second index, for searching by how it begins. Nobody searches hashes so, and a
hash goes to a place by lot in each of its indexes: with millions of decisions that is what writing one costs most."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.migrations.state import StateApps


def _hashes(apps: StateApps) -> list[tuple[Any, Any]]:
    decision = apps.get_model("decisions", "Decision")
    return [(decision, decision._meta.get_field(name)) for name in ("hash", "previous_hash")]


def drop(apps: StateApps, editor: Any) -> None:
    """Drop both, under the names Django gave them."""
    if editor.connection.vendor == "postgresql":
        for model, field in _hashes(apps):
            name = editor._create_index_name(model._meta.db_table, [field.column], suffix="_like")
            editor.execute(f"DROP INDEX IF EXISTS {editor.quote_name(name)}")


def make(apps: StateApps, editor: Any) -> None:
    """Make both again, as Django would."""
    if editor.connection.vendor == "postgresql":
        for model, field in _hashes(apps):
            editor.execute(editor._create_like_index_sql(model, field))


class Migration(migrations.Migration):
    dependencies = [("decisions", "0005_what_somebody_decided_is_found_by_act")]

    operations = [migrations.RunPython(drop, make)]
