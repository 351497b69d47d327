import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import gaf.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_second_factor"),
        ("workflow", "0024_crisis_windows"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(default=gaf.ids.random_key, max_length=32, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CONSENT", "Consent form"),
                            ("ASSESSMENT", "Assessment"),
                            ("QUOTE", "Quote"),
                            ("REFERRAL", "Referral note"),
                            ("EVIDENCE", "Proof of spending"),
                            ("OTHER", "Other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("filename", models.TextField()),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("received", models.PositiveIntegerField(default=0)),
                ("begun_at", models.DateTimeField()),
                ("arrived_at", models.DateTimeField(null=True)),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "begun_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.mission"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0), ("size__lte", 5242880)), name="upload_size_in_bounds"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("received__lte", models.F("size"))),
                        name="upload_receives_no_more_than_its_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("arrived_at", None), ("received", models.F("size")), _connector="OR"),
                        name="upload_arrived_is_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("arrived_at", None)),
                        fields=("assistance", "mission", "begun_by", "sha256"),
                        name="upload_of_one_file_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begins", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("content", models.TextField()),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="workflow.upload"
                    ),
                ),
            ],
            options={
                "ordering": ["begins"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0), ("size__lte", 65536)), name="upload_piece_in_bounds"
                    ),
                    models.UniqueConstraint(fields=("upload", "begins"), name="upload_piece_once"),
                ],
            },
        ),
    ]
