"""Brings an installation with one tree over: its pages, with all their versions, are the English tree from now on."""

from __future__ import annotations

from typing import Any

from django.db import migrations

LANGUAGES = ("en", "fr", "es")


def make_it_the_english_tree(apps: Any, schema_editor: Any) -> None:
    """Every page and every version of it belongs to the English tree; the other trees are there to be filled."""
    locales = apps.get_model("wagtailcore", "Locale").objects
    english, *_others = (locales.get_or_create(language_code=language)[0] for language in LANGUAGES)
    pages = apps.get_model("wagtailcore", "Page").objects.filter(depth__gt=1)
    ours = pages.filter(content_type__app_label="cms").exclude(locale__language_code__in=LANGUAGES)
    moved = [str(key) for key in ours.values_list("pk", flat=True)]
    ours.update(locale=english)
    for revision in _versions(apps).filter(object_id__in=moved).iterator():
        revision.content["locale"] = english.pk
        revision.save(update_fields=["content"])


def take_what_nobody_read_off_the_timetable(apps: Any, schema_editor: Any) -> None:
    """A version that was put on the timetable by its writer alone waits for a second reader like any other draft."""
    _versions(apps).filter(approved_go_live_at__isnull=False).update(approved_go_live_at=None)


def _versions(apps: Any) -> Any:
    """All versions of pages; other things of Wagtail have none here."""
    return apps.get_model("wagtailcore", "Revision").objects.filter(base_content_type__model="page")


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0003_trees_and_second_readers"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.RunPython(make_it_the_english_tree, migrations.RunPython.noop),
        migrations.RunPython(take_what_nobody_read_off_the_timetable, migrations.RunPython.noop),
    ]
