from django.db import migrations, models

from gaf.beginnings import never_searched_by_beginning


class Migration(migrations.Migration):
    dependencies = [("workflow", "0028_what_can_wait")]

    operations = [
        migrations.AddIndex(
            model_name="assistancerequest",
            index=models.Index(fields=["moved_at", "id"], name="request_moved"),
        ),
        never_searched_by_beginning(
            "workflow",
            {"AssistanceRequest": ("idempotency_key",), "HistoricalAssistanceRequest": ("idempotency_key",)},
        ),
    ]
