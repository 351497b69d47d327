import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import gaf.state_field


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_second_factor"),
        ("workflow", "0023_assisted_returns"),
    ]

    operations = [
        migrations.AlterField(
            model_name="assistancerequest",
            name="primary_category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("VOT", "Victim of trafficking"),
                    ("PVOT", "Possible victim of trafficking"),
                    ("UAC", "Unaccompanied migrant child"),
                    ("SC", "Separated migrant child"),
                    ("VEA_EXP", "Has experienced violence, exploitation or abuse"),
                    ("VEA_RISK", "At risk of violence, exploitation or abuse"),
                    ("SMUG", "Smuggled migrant with protection needs"),
                    ("STRANDED", "Stranded migrant"),
                    ("DISTRESS", "In extreme psychological or physical distress"),
                    ("IRREG", "Migrant in an irregular situation"),
                    ("ASY_REJ", "Asylum seeker whose claim was finally rejected"),
                    ("BASIC_NEEDS", "Cannot meet basic needs in a crisis"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="historicalassistancerequest",
            name="primary_category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("VOT", "Victim of trafficking"),
                    ("PVOT", "Possible victim of trafficking"),
                    ("UAC", "Unaccompanied migrant child"),
                    ("SC", "Separated migrant child"),
                    ("VEA_EXP", "Has experienced violence, exploitation or abuse"),
                    ("VEA_RISK", "At risk of violence, exploitation or abuse"),
                    ("SMUG", "Smuggled migrant with protection needs"),
                    ("STRANDED", "Stranded migrant"),
                    ("DISTRESS", "In extreme psychological or physical distress"),
                    ("IRREG", "Migrant in an irregular situation"),
                    ("ASY_REJ", "Asylum seeker whose claim was finally rejected"),
                    ("BASIC_NEEDS", "Cannot meet basic needs in a crisis"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="CrisisWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=20, unique=True)),
                ("crisis", models.CharField(max_length=200)),
                ("counts", models.CharField(max_length=500)),
                ("source", models.CharField(max_length=200)),
                ("everywhere", models.BooleanField(default=False)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("opened_until", models.DateField()),
                (
                    "state",
                    gaf.state_field.StateField(
                        choices=[
                            ("RECORDED", "Recorded, to be opened"),
                            ("OPEN", "Confirmed"),
                            ("END_ASKED", "Confirmed; another last day is asked for"),
                            ("DISCARDED", "Discarded"),
                        ],
                        default="RECORDED",
                        max_length=12,
                        protected=True,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                ("asked_last_day", models.DateField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "end_confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-first_day", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_day__lte", models.F("last_day"))), name="crisis_window_days_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked_last_day", None), ("asked_last_day__gte", models.F("first_day")), _connector="OR"
                        ),
                        name="crisis_window_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("crisis", ""), _negated=True),
                            models.Q(("counts", ""), _negated=True),
                            models.Q(("source", ""), _negated=True),
                        ),
                        name="crisis_window_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("recorded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="crisis_window_takes_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["RECORDED", "DISCARDED"]), ("confirmed_by__isnull", False), _connector="OR"
                        ),
                        name="crisis_window_is_confirmed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("asked_by__isnull", False), ("asked_last_day__isnull", False), ("state", "END_ASKED")
                            ),
                            models.Q(
                                models.Q(("state", "END_ASKED"), _negated=True),
                                ("asked_by", None),
                                ("asked_last_day", None),
                            ),
                            _connector="OR",
                        ),
                        name="crisis_window_end_is_asked_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrisisPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.mission"
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="places", to="workflow.crisiswindow"
                    ),
                ),
            ],
            options={
                "ordering": ["mission__name"],
                "constraints": [models.UniqueConstraint(fields=("window", "mission"), name="crisis_place_once")],
            },
        ),
    ]
