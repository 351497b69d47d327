"""By when each request is due: the column, filled from the decisions, and what must be true of it."""

from typing import Any

from django.db import migrations, models

from workflow.due_times import keep_due_times


def fill(apps: Any, schema_editor: Any) -> None:
    """Requests that headquarters has, or that owe a report, learn by when they are due."""
    keep_due_times(apps.get_model("workflow", "AssistanceRequest").objects.all())


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0002_holidays"),
        ("workflow", "0001_the_request"),
    ]

    operations = [
        migrations.AddField(
            model_name="assistancerequest",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalassistancerequest",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="assistancerequest",
            index=models.Index(fields=["due_at"], name="request_due"),
        ),
        migrations.AddConstraint(
            model_name="assistancerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["ELIGIBILITY_REVIEW", "BUDGET_REVIEW"]), _negated=True),
                    ("due_at__isnull", False),
                    _connector="OR",
                ),
                name="what_headquarters_decides_is_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="assistancerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due_at", None),
                    (
                        "state__in",
                        [
                            "ELIGIBILITY_REVIEW",
                            "CLARIFICATION",
                            "PLAN_AND_BUDGET",
                            "BUDGET_REVIEW",
                            "ON_HOLD",
                            "REPORTING",
                        ],
                    ),
                    _connector="OR",
                ),
                name="nothing_else_is_due",
            ),
        ),
    ]
