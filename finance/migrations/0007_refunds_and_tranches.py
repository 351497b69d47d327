"""Refunds in parts and with their reason, steps of accounting for a line, tranches."""

import django.db.models.deletion
import django.db.models.expressions
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0006_periods_rates_agreements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("minor", models.BigIntegerField()),
                ("accepted_minor", models.BigIntegerField()),
                ("disallowed_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("usd_minor", models.BigIntegerField()),
                ("reason_code", models.CharField(blank=True, max_length=16)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["commitment_id", "number"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTranche",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(db_index=True, max_length=40)),
                ("number", models.PositiveSmallIntegerField()),
                ("minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("AT_ONCE", "at once"),
                            ("DATE", "not before a day"),
                            ("ACCOUNTED", "the tranche before is accounted for"),
                            ("GATE", "a condition that the certifying officer confirms"),
                        ],
                        max_length=10,
                    ),
                ),
                ("not_before", models.DateField(blank=True, null=True)),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("WAITING", "Waits for its condition"),
                            ("OPEN", "Open"),
                            ("ACCOUNTED", "Accounted for"),
                        ],
                        default="WAITING",
                        max_length=10,
                        protected=True,
                    ),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical tranche",
                "verbose_name_plural": "historical tranches",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Tranche",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=40, unique=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("AT_ONCE", "at once"),
                            ("DATE", "not before a day"),
                            ("ACCOUNTED", "the tranche before is accounted for"),
                            ("GATE", "a condition that the certifying officer confirms"),
                        ],
                        max_length=10,
                    ),
                ),
                ("not_before", models.DateField(blank=True, null=True)),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("WAITING", "Waits for its condition"),
                            ("OPEN", "Open"),
                            ("ACCOUNTED", "Accounted for"),
                        ],
                        default="WAITING",
                        max_length=10,
                        protected=True,
                    ),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["commitment_id", "number"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="refunddue",
            name="refund_is_positive",
        ),
        migrations.AddField(
            model_name="refunddue",
            name="kind",
            field=models.CharField(
                choices=[("UNSPENT", "Not spent"), ("DISALLOWED", "Spent and not accepted")],
                default="UNSPENT",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="reason_code",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="received_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="received_usd_minor",
            field=models.BigIntegerField(default=0),
        ),
        # What came in before came in whole.
        migrations.RunSQL(
            "UPDATE finance_refunddue SET received_minor = minor, received_usd_minor = usd_minor "
            "WHERE received_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(("minor__gt", 0), ("usd_minor__gte", 0)), name="refund_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("received_minor__gte", 0),
                    ("received_minor__lte", models.F("minor")),
                    ("received_usd_minor__gte", 0),
                    ("received_usd_minor__lte", models.F("usd_minor")),
                ),
                name="refund_received_within_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("received_at__isnull", True),
                    models.Q(("received_minor", models.F("minor")), ("received_usd_minor", models.F("usd_minor"))),
                    _connector="OR",
                ),
                name="refund_is_received_when_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "DISALLOWED"), _negated=True),
                    models.Q(("reason_code", ""), _negated=True),
                    _connector="OR",
                ),
                name="disallowed_refund_says_why",
            ),
        ),
        migrations.AddField(
            model_name="acceptance",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acceptances", to="finance.commitment"
            ),
        ),
        migrations.AddField(
            model_name="acceptance",
            name="journal",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="finance.journal"
            ),
        ),
        migrations.AddField(
            model_name="historicaltranche",
            name="commitment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="finance.commitment",
            ),
        ),
        migrations.AddField(
            model_name="historicaltranche",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="tranche",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tranches", to="finance.commitment"
            ),
        ),
        migrations.AddConstraint(
            model_name="acceptance",
            constraint=models.UniqueConstraint(fields=("commitment", "number"), name="acceptance_step_once"),
        ),
        migrations.AddConstraint(
            model_name="acceptance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepted_minor__gte", 0),
                    ("disallowed_minor__gte", 0),
                    ("minor__gt", 0),
                    (
                        "minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("accepted_minor"), "+", models.F("disallowed_minor")
                        ),
                    ),
                ),
                name="acceptance_within_what_was_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="acceptance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("disallowed_minor", 0), models.Q(("reason_code", ""), _negated=True), _connector="OR"
                ),
                name="disallowed_step_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.UniqueConstraint(fields=("commitment", "number"), name="tranche_number_once"),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.CheckConstraint(condition=models.Q(("minor__gt", 0)), name="tranche_is_positive"),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("condition", "DATE"), ("not_before__isnull", False)),
                    models.Q(models.Q(("condition", "DATE"), _negated=True), ("not_before__isnull", True)),
                    _connector="OR",
                ),
                name="tranche_by_date_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("condition", "AT_ONCE"), ("number", 1)),
                    models.Q(models.Q(("condition", "AT_ONCE"), _negated=True), ("number__gt", 1)),
                    _connector="OR",
                ),
                name="first_tranche_is_open_at_once",
            ),
        ),
    ]
