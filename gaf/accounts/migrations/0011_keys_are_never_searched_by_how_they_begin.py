from django.db import migrations

from gaf.beginnings import never_searched_by_beginning


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_own_devices")]

    operations = [never_searched_by_beginning("accounts", {"Notice": ("key",)})]
