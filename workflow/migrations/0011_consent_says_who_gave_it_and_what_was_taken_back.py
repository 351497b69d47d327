"""Who gave consent, what it covers and what was taken back; what was on file says so as it did."""

from typing import Any

from django.conf import settings
from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """A guardian's consent is one in writing given by a guardian; what each covers is told from its purposes."""
    for name in ("Consent", "HistoricalConsent"):
        for row in apps.get_model("workflow", name).objects.all():
            if row.mode == "GUARDIAN":
                row.mode, row.given_by = "WRITTEN", "GUARDIAN"
            agreed = set() if row.mode == "EXCEPTION" else set(row.purposes)
            row.for_help = "ASSISTANCE" in agreed
            row.for_sharing = row.for_help and "SHARING" in agreed
            row.for_referral = row.for_help and "REFERRAL" in agreed
            row.save()


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0010_gates_ask_for_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="for_help",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="consent",
            name="for_referral",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="consent",
            name="for_sharing",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="consent",
            name="given_by",
            field=models.CharField(
                choices=[
                    ("SELF", "The persons themselves"),
                    ("GUARDIAN", "A guardian or the competent authority, with the child’s agreement"),
                    ("REPRESENTATIVE", "A lawful representative"),
                ],
                default="SELF",
                max_length=14,
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="for_help",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="for_referral",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="for_sharing",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="given_by",
            field=models.CharField(
                choices=[
                    ("SELF", "The persons themselves"),
                    ("GUARDIAN", "A guardian or the competent authority, with the child’s agreement"),
                    ("REPRESENTATIVE", "A lawful representative"),
                ],
                default="SELF",
                max_length=14,
            ),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="withdrawn_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="budgetline",
            name="gate_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("RISK_ASSESSMENT", "Risk assessment before travel"),
                    ("BEST_INTERESTS", "Best-interests decision"),
                    ("FIT_TO_TRAVEL", "Fit-to-travel certificate"),
                    ("DOCUMENTS", "Travel documents"),
                    ("RECEIVING_MISSION", "Receiving mission confirms"),
                    ("QUOTES", "Quotes"),
                    ("PLAN", "Reintegration plan"),
                    ("CONSENT", "Consent to getting help"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="mode",
            field=models.CharField(
                choices=[
                    ("WRITTEN", "In writing"),
                    ("THUMBPRINT", "By thumbprint, after it was read out"),
                    ("AUDIO", "On an audio recording that the mission keeps"),
                    ("VERBAL", "Orally, certified by the case worker"),
                    ("EXCEPTION", "Not possible yet, for a documented reason"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="historicalbudgetline",
            name="gate_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("RISK_ASSESSMENT", "Risk assessment before travel"),
                    ("BEST_INTERESTS", "Best-interests decision"),
                    ("FIT_TO_TRAVEL", "Fit-to-travel certificate"),
                    ("DOCUMENTS", "Travel documents"),
                    ("RECEIVING_MISSION", "Receiving mission confirms"),
                    ("QUOTES", "Quotes"),
                    ("PLAN", "Reintegration plan"),
                    ("CONSENT", "Consent to getting help"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="historicalconsent",
            name="mode",
            field=models.CharField(
                choices=[
                    ("WRITTEN", "In writing"),
                    ("THUMBPRINT", "By thumbprint, after it was read out"),
                    ("AUDIO", "On an audio recording that the mission keeps"),
                    ("VERBAL", "Orally, certified by the case worker"),
                    ("EXCEPTION", "Not possible yet, for a documented reason"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mode", "EXCEPTION"), _negated=True),
                    models.Q(("for_help", False), ("for_referral", False), ("for_sharing", False)),
                    _connector="OR",
                ),
                name="exception_agrees_to_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("for_help", True), models.Q(("for_referral", False), ("for_sharing", False)), _connector="OR"
                ),
                name="nothing_is_shared_without_consent_to_help",
            ),
        ),
    ]
