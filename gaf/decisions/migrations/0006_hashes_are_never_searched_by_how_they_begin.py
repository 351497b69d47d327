from django.db import migrations

from gaf.beginnings import never_searched_by_beginning


class Migration(migrations.Migration):
    dependencies = [("decisions", "0005_what_somebody_decided_is_found_by_act")]

    operations = [never_searched_by_beginning("decisions", {"Decision": ("hash", "previous_hash")})]
