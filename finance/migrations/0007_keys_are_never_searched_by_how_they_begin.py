from django.db import migrations

from gaf.beginnings import never_searched_by_beginning


class Migration(migrations.Migration):
    dependencies = [("finance", "0006_proved_balances")]

    operations = [never_searched_by_beginning("finance", {"Journal": ("hash", "previous_hash")})]
