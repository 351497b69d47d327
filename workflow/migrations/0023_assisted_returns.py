import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import gaf.state_field


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_second_factor"),
        ("finance", "0005_refunds_written_off"),
        ("workflow", "0022_redress_at_work"),
    ]

    operations = [
        migrations.CreateModel(
            name="AssistedReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=40, unique=True)),
                (
                    "state",
                    gaf.state_field.StateField(
                        choices=[
                            ("PRE_DEPARTURE", "Before departure"),
                            ("TRAVEL", "On the way"),
                            ("POST_ARRIVAL", "Arrived"),
                            ("REINTEGRATION", "Reintegration"),
                            ("CONCLUDED", "Concluded"),
                        ],
                        default="PRE_DEPARTURE",
                        max_length=13,
                        protected=True,
                    ),
                ),
                ("departed_on", models.DateField(null=True)),
                ("arrived_on", models.DateField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("REINTEGRATED", "Returned and reintegrated"),
                            ("LEFT_AGAIN", "Left again"),
                            ("NOT_REACHED", "Not reached any more"),
                            ("HELPED_ELSEWHERE", "Helped by another programme"),
                            ("NOT_ARRIVED", "Did not arrive"),
                            ("WITHDREW", "Withdrew before departure"),
                            ("NOT_POSSIBLE", "The return was not possible"),
                            ("DIED", "Died"),
                            ("OTHER", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                ("concluded_at", models.DateTimeField(null=True)),
                (
                    "assistance",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assisted_return",
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
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.mission"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["PRE_DEPARTURE", "TRAVEL", "POST_ARRIVAL", "REINTEGRATION", "CONCLUDED"])
                        ),
                        name="return_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("concluded_at__isnull", False),
                                (
                                    "outcome__in",
                                    [
                                        "REINTEGRATED",
                                        "LEFT_AGAIN",
                                        "NOT_REACHED",
                                        "HELPED_ELSEWHERE",
                                        "NOT_ARRIVED",
                                        "WITHDREW",
                                        "NOT_POSSIBLE",
                                        "DIED",
                                        "OTHER",
                                    ],
                                ),
                                ("state", "CONCLUDED"),
                            ),
                            models.Q(
                                models.Q(("state", "CONCLUDED"), _negated=True),
                                ("concluded_at__isnull", True),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="return_is_concluded_with_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "PRE_DEPARTURE"), _negated=True),
                            models.Q(("arrived_on__isnull", True), ("departed_on__isnull", True)),
                            _connector="OR",
                        ),
                        name="return_before_departure_has_no_journey",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "TRAVEL"), _negated=True),
                            models.Q(("arrived_on__isnull", True), ("departed_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="return_on_the_way_has_departed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["POST_ARRIVAL", "REINTEGRATION"]), _negated=True),
                            ("arrived_on__isnull", False),
                            _connector="OR",
                        ),
                        name="return_at_home_has_arrived",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("departed_on__isnull", True),
                            ("arrived_on__isnull", True),
                            ("arrived_on__gte", models.F("departed_on")),
                            _connector="OR",
                        ),
                        name="return_arrives_after_it_departs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome__in", ["REINTEGRATED", "LEFT_AGAIN"]), _negated=True),
                            ("arrived_on__isnull", False),
                            _connector="OR",
                        ),
                        name="who_reintegrates_has_arrived",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome__in", ["WITHDREW", "NOT_POSSIBLE"]), _negated=True),
                            models.Q(("arrived_on__isnull", True), ("departed_on__isnull", True)),
                            _connector="OR",
                        ),
                        name="who_withdrew_did_not_depart",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUpVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=40, unique=True)),
                ("months", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    gaf.state_field.StateField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("DONE", "Done"),
                            ("NOT_REACHED", "Not reached"),
                            ("REFUSED", "Not wanted"),
                        ],
                        default="PLANNED",
                        max_length=11,
                        protected=True,
                    ),
                ),
                ("visited_on", models.DateField(null=True)),
                ("words", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField(null=True)),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_up_visits",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "assisted_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="workflow.assistedreturn"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assisted_return", "months"), name="visit_once_after_so_many_months"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("recorded_by__isnull", True),
                                ("state", "PLANNED"),
                                ("visited_on__isnull", True),
                                ("words", ""),
                            ),
                            models.Q(
                                ("recorded_by__isnull", False),
                                ("state__in", ["DONE", "NOT_REACHED", "REFUSED"]),
                                ("visited_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="visit_says_who_recorded_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReintegrationPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "form",
                    models.CharField(
                        choices=[("INDIVIDUAL", "Individual"), ("COMMUNITY", "Community-based")], max_length=10
                    ),
                ),
                ("agreed_on", models.DateField()),
                ("words", models.TextField()),
                ("attested_at", models.DateTimeField()),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reintegration_plans",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "assisted_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="workflow.assistedreturn"
                    ),
                ),
                (
                    "attested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assisted_return", "number"), name="reintegration_plan_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("form__in", ["INDIVIDUAL", "COMMUNITY"])),
                        name="reintegration_form_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="reintegration_plan_has_words"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReintegrationMeasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dimension",
                    models.CharField(
                        choices=[("ECONOMIC", "Economic"), ("SOCIAL", "Social"), ("PSYCHOSOCIAL", "Psychosocial")],
                        max_length=12,
                    ),
                ),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reintegration_measures",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="measures", to="workflow.budgetline"
                    ),
                ),
                (
                    "tranche",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="finance.tranche"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="workflow.reintegrationplan",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("dimension__in", ["ECONOMIC", "SOCIAL", "PSYCHOSOCIAL"])),
                        name="measure_dimension_is_known",
                    ),
                    models.UniqueConstraint(fields=("plan", "line", "tranche"), name="measure_once_in_a_plan"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20)),
                ("done_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "assisted_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="workflow.assistedreturn"
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
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("assisted_return", "code"), name="return_item_once")],
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("in_force_from", models.DateField()),
                ("weights_source", models.CharField(max_length=300)),
                ("is_demonstration", models.BooleanField()),
                ("question_count", models.PositiveSmallIntegerField()),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-in_force_from", "-number"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("question_count__gt", 0)), name="survey_is_not_empty")
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("code", models.CharField(max_length=20)),
                (
                    "dimension",
                    models.CharField(
                        choices=[("ECONOMIC", "Economic"), ("SOCIAL", "Social"), ("PSYCHOSOCIAL", "Psychosocial")],
                        max_length=12,
                    ),
                ),
                (
                    "scale",
                    models.CharField(
                        choices=[
                            ("GOOD", "From very good to very bad"),
                            ("OFTEN", "From never to always"),
                            ("SELDOM", "From always to never"),
                            ("AGREES", "From disagrees to agrees"),
                            ("YES", "Yes is good"),
                            ("NO", "No is good"),
                        ],
                        max_length=6,
                    ),
                ),
                ("weight", models.DecimalField(decimal_places=5, max_digits=8)),
                ("composite_weight", models.DecimalField(decimal_places=5, max_digits=8)),
                ("counts_in", models.JSONField()),
                ("text_en", models.CharField(max_length=300)),
                ("text_fr", models.CharField(max_length=300)),
                ("text_es", models.CharField(max_length=300)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="workflow.survey"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("survey", "code"), name="survey_question_code_once"),
                    models.UniqueConstraint(fields=("survey", "position"), name="survey_question_position_once"),
                    models.CheckConstraint(
                        condition=models.Q(("composite_weight__gt", 0), ("weight__gt", 0)),
                        name="survey_weight_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dimension__in", ["ECONOMIC", "SOCIAL", "PSYCHOSOCIAL"]),
                            ("scale__in", ["GOOD", "OFTEN", "SELDOM", "AGREES", "YES", "NO"]),
                        ),
                        name="survey_question_codes_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text_en", ""), _negated=True),
                            models.Q(("text_fr", ""), _negated=True),
                            models.Q(("text_es", ""), _negated=True),
                        ),
                        name="survey_question_in_three_languages",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "moment",
                    models.CharField(
                        choices=[("BASELINE", "Baseline"), ("MIDLINE", "Midline"), ("ENDLINE", "Endline")], max_length=8
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("ANSWERED", "Answered"),
                            ("NOT_REACHED", "Not reached"),
                            ("NOT_PRESENT", "No longer present"),
                            ("REFUSED", "Did not want to answer"),
                        ],
                        max_length=11,
                    ),
                ),
                ("asked_on", models.DateField()),
                ("answers", models.TextField(blank=True)),
                ("economic", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("social", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("psychosocial", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("composite", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "assistance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_results",
                        to="workflow.assistancerequest",
                    ),
                ),
                (
                    "assisted_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_results",
                        to="workflow.assistedreturn",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="survey_results", to="workflow.person"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="workflow.survey"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "ANSWERED")),
                        fields=("person", "moment"),
                        name="answered_once_at_a_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("moment__in", ["BASELINE", "MIDLINE", "ENDLINE"]),
                            ("outcome__in", ["ANSWERED", "NOT_REACHED", "NOT_PRESENT", "REFUSED"]),
                        ),
                        name="survey_result_codes_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(models.Q(("answers", ""), _negated=True), ("outcome", "ANSWERED")),
                            models.Q(
                                models.Q(("outcome", "ANSWERED"), _negated=True),
                                ("answers", ""),
                                ("composite", None),
                                ("economic", None),
                                ("psychosocial", None),
                                ("social", None),
                            ),
                            _connector="OR",
                        ),
                        name="only_answers_have_scores",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("economic__isnull", True),
                            models.Q(("economic__gte", 0), ("economic__lte", 1)),
                            _connector="OR",
                        ),
                        name="survey_economic_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("social__isnull", True), models.Q(("social__gte", 0), ("social__lte", 1)), _connector="OR"
                        ),
                        name="survey_social_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("psychosocial__isnull", True),
                            models.Q(("psychosocial__gte", 0), ("psychosocial__lte", 1)),
                            _connector="OR",
                        ),
                        name="survey_psychosocial_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("composite__isnull", True),
                            models.Q(("composite__gte", 0), ("composite__lte", 1)),
                            _connector="OR",
                        ),
                        name="survey_composite_is_a_share",
                    ),
                ],
            },
        ),
    ]
