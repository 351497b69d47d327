import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

_FILL = [
    "UPDATE finance_match SET minor = (SELECT l.minor FROM finance_statementline l WHERE l.id = line_id)",
    "UPDATE finance_match SET item_minor = (SELECT d.account_minor FROM finance_disbursement d "
    "WHERE d.id = finance_match.disbursement_id) WHERE kind IN ('DISBURSEMENT', 'RETURN')",
    "UPDATE finance_match SET difference_minor = -minor - item_minor WHERE kind = 'DISBURSEMENT'",
    "UPDATE finance_match SET books_to = 'exchange' WHERE difference_minor <> 0",
    "UPDATE finance_match SET moves = {true} WHERE kind = 'RETURN'",
    "UPDATE finance_match SET confirms = {true} WHERE kind = 'DISBURSEMENT' AND disbursement_id IN (SELECT d.id "
    "FROM finance_disbursement d JOIN finance_bankaccount b ON b.id = d.bank_account_id WHERE b.rail = 'BANK_FILE')",
]


def tell_amounts(apps, schema_editor):
    """Matches made before they had amounts of their own were of the whole line. The guard comes back after migrating."""
    on_table = " ON finance_match" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS finance_match_never_changed{on_table}")
    true = "TRUE" if schema_editor.connection.vendor == "postgresql" else "1"
    for statement in _FILL:
        schema_editor.execute(statement.replace("{true}", true))


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0002_statements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=80)),
                (
                    "classifies",
                    models.CharField(
                        choices=[
                            ("BANK_FEE", "a bank fee"),
                            ("INTEREST", "interest"),
                            ("RECEIPT", "money of a donor"),
                            ("TRANSFER", "a transfer between our accounts"),
                        ],
                        max_length=16,
                    ),
                ),
                ("incoming", models.BooleanField(default=False)),
                ("contains", models.JSONField(blank=True, default=list)),
                ("pattern", models.CharField(blank=True, max_length=120)),
                ("counterparty_account", models.CharField(blank=True, max_length=64)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("least_minor", models.BigIntegerField(default=0)),
                ("most_minor", models.BigIntegerField(default=0)),
                ("automatic", models.BooleanField(default=False)),
                ("written_at", models.DateTimeField()),
                ("tested", models.JSONField(default=dict)),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("TESTED", "Tested on past lines"),
                            ("ACTIVE", "In force"),
                            ("RETIRED", "Retired"),
                        ],
                        default="DRAFT",
                        max_length=10,
                        protected=True,
                    ),
                ),
            ],
            options={
                "ordering": ["key", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tier", models.SmallIntegerField()),
                ("automatic", models.BooleanField(default=False)),
                ("items", models.JSONField(default=list)),
                ("lines", models.JSONField(default=list)),
                ("rivals", models.JSONField(default=list)),
                ("reasons", models.JSONField(default=list)),
                ("scores", models.JSONField(default=list)),
                ("difference_minor", models.BigIntegerField(default=0)),
                ("books_to", models.CharField(blank=True, max_length=10)),
                ("classified", models.CharField(blank=True, max_length=16)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="match",
            name="disbursement_matched_once",
        ),
        migrations.AddField(
            model_name="match",
            name="books_to",
            field=models.CharField(
                blank=True, choices=[("bank_fee", "bank fee"), ("exchange", "exchange difference")], max_length=10
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="confirms",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="match",
            name="difference_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="match",
            name="item_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="match",
            name="minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="match",
            name="moves",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="match",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="match",
            name="undone_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="undone_journal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="finance.journal"
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="journal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="finance.journal"
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="finance.statementline"
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="receipt",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="finance.receipt"
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="refund",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="finance.refunddue"
            ),
        ),
        migrations.RunPython(tell_amounts, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("disbursement__isnull", False), ("undone_at", None)),
                fields=("line", "disbursement", "kind"),
                name="line_matched_once_with_a_disbursement",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "RETURN"), ("undone_at", None)),
                fields=("disbursement", "kind"),
                name="disbursement_returned_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("receipt__isnull", False), ("undone_at", None)),
                fields=("receipt",),
                name="receipt_matched_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at", None), ("undone_by", None), ("undone_journal", None)),
                    models.Q(
                        ("undone_at__isnull", False), ("undone_by__isnull", False), ("undone_journal__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="match_is_undone_by_somebody_with_a_journal",
            ),
        ),
        migrations.AddField(
            model_name="matchrule",
            name="activated_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="matchrule",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="line",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposal", to="finance.statementline"
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="rule",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="finance.matchrule"
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrule",
            constraint=models.UniqueConstraint(fields=("key", "number"), name="match_rule_version_once"),
        ),
        migrations.AddConstraint(
            model_name="matchrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ACTIVE")), fields=("key",), name="match_rule_one_version_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("activated_by", None),
                    models.Q(("activated_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="match_rule_takes_two_people",
            ),
        ),
    ]
