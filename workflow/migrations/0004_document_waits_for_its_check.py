from django.db import migrations, models
from django.db.models import F


def found_clean_when_they_came(apps, schema_editor):
    """What is on file was told by its bytes when it was added, and people have opened it since."""
    apps.get_model("workflow", "Document").objects.update(verdict="CLEAN", checked_at=F("uploaded_at"))


class Migration(migrations.Migration):
    dependencies = [("workflow", "0003_messages_and_notes")]

    operations = [
        migrations.AddField(
            model_name="document", name="checked_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="document", name="found", field=models.CharField(blank=True, max_length=100)),
        migrations.AddField(
            model_name="document",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("WAITING", "being checked"),
                    ("CLEAN", "checked"),
                    ("INFECTED", "destroyed: a virus was found"),
                ],
                default="WAITING",
                max_length=8,
            ),
        ),
        migrations.RunPython(found_clean_when_they_came, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at", None), ("found", ""), ("verdict", "WAITING")),
                    models.Q(("checked_at__isnull", False), ("found", ""), ("verdict", "CLEAN")),
                    models.Q(
                        ("checked_at__isnull", False),
                        ("verdict", "INFECTED"),
                        models.Q(("found", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="document_check_says_when_and_what",
            ),
        ),
    ]
