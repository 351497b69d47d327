from django.db import migrations

from gaf.beginnings import never_searched_by_beginning


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_backup_watch")]

    operations = [never_searched_by_beginning("outbox", {"OutboxMessage": ("key",)})]
