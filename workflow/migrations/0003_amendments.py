"""Amendments of a budget, and statements in place of lost receipts."""

import django.db.models.deletion
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("workflow", "0001_the_request"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Amendment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=40, unique=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("why", models.TextField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("ASKED", "With the head of unit"),
                            ("ENDORSED", "Endorsed, to be reviewed"),
                            ("REVIEWED", "Reviewed, to be approved"),
                            ("APPROVED", "Approved"),
                            ("REFUSED", "Not approved"),
                            ("WITHDRAWN", "Taken back"),
                            ("LAPSED", "Lapsed: help ended before it was decided"),
                        ],
                        default="ASKED",
                        max_length=12,
                        protected=True,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="workflow.assistancerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["assistance_id", "number"],
            },
        ),
        migrations.CreateModel(
            name="AmendmentLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(choices=[("NEW", "NEW"), ("MORE", "MORE"), ("LESS", "LESS")], max_length=4)),
                (
                    "assistance_type",
                    models.CharField(
                        choices=[
                            ("SHEL", "Shelter and accommodation"),
                            ("FOOD", "Food and nutrition"),
                            ("WASH", "Water, sanitation and hygiene"),
                            ("NFI", "Clothing and essential items"),
                            ("HLTH", "Medical care"),
                            ("MHPSS", "Mental health and psychosocial support"),
                            ("SAFE", "Safety, security and relocation"),
                            ("LEGAL", "Legal assistance"),
                            ("INTERP", "Interpretation and cultural mediation"),
                            ("DOCS", "Travel and identity documents"),
                            ("FEES", "Official fees, fines and exit permits"),
                            ("FAMTR", "Family tracing, assessment and reunification"),
                            ("GUARD", "Guardianship and best-interests procedure"),
                            ("PREDEP", "Pre-departure counselling and fit-to-travel check"),
                            ("TRVL", "International travel"),
                            ("ESCORT", "Operational or medical escort"),
                            ("INTRAN", "Local and onward transport"),
                            ("POCK", "Travel pocket money"),
                            ("RECEP", "Reception after arrival"),
                            ("EDUC", "Education"),
                            ("SKILL", "Vocational and skills training"),
                            ("LIVE", "Livelihood or small business grant"),
                            ("HOUSE", "Housing support after return"),
                            ("CHILDC", "Childcare support"),
                            ("CASH", "Multi-purpose cash"),
                            ("VOUCH", "Voucher"),
                            ("XFEE", "Cash transfer fee"),
                            ("MONIT", "Monitoring and follow-up visits"),
                        ],
                        max_length=6,
                    ),
                ),
                ("description", models.TextField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("person-night", "person-night"),
                            ("person-day", "person-day"),
                            ("person", "person"),
                            ("kit", "kit"),
                            ("treatment", "treatment"),
                            ("session", "session"),
                            ("service", "service"),
                            ("hour", "hour"),
                            ("document", "document"),
                            ("item", "item"),
                            ("family", "family"),
                            ("procedure", "procedure"),
                            ("ticket", "ticket"),
                            ("trip", "trip"),
                            ("seat", "seat"),
                            ("term", "term"),
                            ("course", "course"),
                            ("grant", "grant"),
                            ("month", "month"),
                            ("transfer", "transfer"),
                            ("voucher", "voucher"),
                            ("fee", "fee"),
                            ("visit", "visit"),
                        ],
                        max_length=12,
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=10)),
                ("unit_cost_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("units_per_usd", models.DecimalField(decimal_places=6, max_digits=18)),
                ("local_minor", models.BigIntegerField()),
                ("usd_minor", models.BigIntegerField()),
                (
                    "amendment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="workflow.amendment"
                    ),
                ),
                (
                    "became",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amended_by",
                        to="workflow.budgetline",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendment_lines",
                        to="workflow.budgetline",
                    ),
                ),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.mission"
                    ),
                ),
                ("persons", models.ManyToManyField(blank=True, related_name="+", to="workflow.person")),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAmendment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(db_index=True, max_length=40)),
                ("number", models.PositiveSmallIntegerField()),
                ("why", models.TextField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("ASKED", "With the head of unit"),
                            ("ENDORSED", "Endorsed, to be reviewed"),
                            ("REVIEWED", "Reviewed, to be approved"),
                            ("APPROVED", "Approved"),
                            ("REFUSED", "Not approved"),
                            ("WITHDRAWN", "Taken back"),
                            ("LAPSED", "Lapsed: help ended before it was decided"),
                        ],
                        default="ASKED",
                        max_length=12,
                        protected=True,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assistance",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical amendment",
                "verbose_name_plural": "historical amendments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLostReceipt",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(db_index=True, max_length=40)),
                ("number", models.PositiveSmallIntegerField()),
                ("minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("usd_minor", models.BigIntegerField()),
                ("statement", models.TextField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("DECLARED", "Declared, to be witnessed"),
                            ("WITNESSED", "Witnessed, to be accepted"),
                            ("ACCEPTED", "Accepted in place of a receipt"),
                            ("REFUSED", "Not accepted"),
                        ],
                        default="DECLARED",
                        max_length=10,
                        protected=True,
                    ),
                ),
                ("declared_at", models.DateTimeField()),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "assistance",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="workflow.budgetline",
                    ),
                ),
                (
                    "witnessed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical lost receipt",
                "verbose_name_plural": "historical lost receipts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LostReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=40, unique=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("usd_minor", models.BigIntegerField()),
                ("statement", models.TextField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("DECLARED", "Declared, to be witnessed"),
                            ("WITNESSED", "Witnessed, to be accepted"),
                            ("ACCEPTED", "Accepted in place of a receipt"),
                            ("REFUSED", "Not accepted"),
                        ],
                        default="DECLARED",
                        max_length=10,
                        protected=True,
                    ),
                ),
                ("declared_at", models.DateTimeField()),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lost_receipts",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lost_receipts",
                        to="workflow.budgetline",
                    ),
                ),
                (
                    "witnessed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["assistance_id", "number"],
            },
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(fields=("assistance", "number"), name="amendment_number_once"),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("ASKED", "ENDORSED", "REVIEWED"))),
                fields=("assistance",),
                name="one_open_amendment_a_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["ASKED", "ENDORSED", "REVIEWED", "APPROVED", "REFUSED", "WITHDRAWN", "LAPSED"])
                ),
                name="amendment_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentline",
            constraint=models.UniqueConstraint(fields=("amendment", "number"), name="amendment_line_number_once"),
        ),
        migrations.AddConstraint(
            model_name="amendmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "NEW"), ("line__isnull", True)),
                    models.Q(("kind__in", ["MORE", "LESS"]), ("line__isnull", False)),
                    _connector="OR",
                ),
                name="amendment_line_names_what_it_changes",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("local_minor__gt", 0), ("quantity__gt", 0), ("unit_cost_minor__gt", 0), ("usd_minor__gte", 0)
                ),
                name="amendment_line_changes_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="lostreceipt",
            constraint=models.UniqueConstraint(fields=("assistance", "number"), name="lost_receipt_number_once"),
        ),
        migrations.AddConstraint(
            model_name="lostreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("minor__gt", 0), ("usd_minor__gte", 0)), name="lost_receipt_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="lostreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("witnessed_by__isnull", True),
                    models.Q(("witnessed_by", models.F("declared_by")), _negated=True),
                    _connector="OR",
                ),
                name="lost_receipt_takes_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="lostreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["DECLARED", "REFUSED"]), ("witnessed_by__isnull", False), _connector="OR"
                ),
                name="lost_receipt_is_witnessed_before_it_counts",
            ),
        ),
    ]
