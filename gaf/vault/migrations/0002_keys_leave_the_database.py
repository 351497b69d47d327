from django.db import migrations

from gaf.vault import store


def to_the_store(apps, schema_editor):
    """Every wrapped key gets its file before its row is gone; `secure_delete` writes noughts over the row."""
    for row in apps.get_model("vault", "SealKey").objects.order_by("pk"):
        store.get_or_put(store.WrappedKey(row.owner, row.wrapped, row.wrapped_by))


def back_to_the_table(apps, schema_editor):
    """The way back, for who must: the files stay as well."""
    for owner in store.owners():
        key = store.get(owner)
        apps.get_model("vault", "SealKey").objects.create(owner=owner, wrapped=key.wrapped, wrapped_by=key.wrapped_by)


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]

    operations = [
        migrations.RunPython(to_the_store, back_to_the_table),
        migrations.DeleteModel("SealKey"),
    ]
