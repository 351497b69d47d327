"""The survey of how sustainable a return is: versions that never change, their questions, and what was answered."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.assisted_returns import AssistedReturn
from workflow.models.persons import Person
from workflow.models.reintegration import Dimension


class Survey(models.Model):
    """One version: in force from a day, with whose weights. What was asked by an older one keeps its scores."""

    number = models.PositiveIntegerField(unique=True)
    in_force_from = models.DateField()
    weights_source = models.CharField(max_length=300)
    is_demonstration = models.BooleanField()
    question_count = models.PositiveSmallIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-in_force_from", "-number"]
        constraints = [models.CheckConstraint(condition=Q(question_count__gt=0), name="survey_is_not_empty")]

    def __str__(self) -> str:
        return f"survey {self.number}"


class SurveyScale(models.TextChoices):
    """How a question is answered; the words of each step stand with the scores."""

    GOOD = "GOOD", _("From very good to very bad")
    OFTEN = "OFTEN", _("From never to always")
    SELDOM = "SELDOM", _("From always to never")
    AGREES = "AGREES", _("From disagrees to agrees")
    YES = "YES", _("Yes is good")
    NO = "NO", _("No is good")


class SurveyQuestion(models.Model):
    """One question: its dimension, its weights there and in the composite, and its words in three languages."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    dimension = models.CharField(max_length=12, choices=Dimension.choices)
    scale = models.CharField(max_length=6, choices=SurveyScale.choices)
    weight = models.DecimalField(max_digits=8, decimal_places=5)
    composite_weight = models.DecimalField(max_digits=8, decimal_places=5)
    counts_in = models.JSONField()  # dimensions, and COMPOSITE
    text_en = models.CharField(max_length=300)
    text_fr = models.CharField(max_length=300)
    text_es = models.CharField(max_length=300)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "code"], name="survey_question_code_once"),
            models.UniqueConstraint(fields=["survey", "position"], name="survey_question_position_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, composite_weight__gt=0), name="survey_weight_is_positive"),
            models.CheckConstraint(
                condition=Q(dimension__in=Dimension.values, scale__in=SurveyScale.values),
                name="survey_question_codes_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") & ~Q(text_fr="") & ~Q(text_es=""), name="survey_question_in_three_languages"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> str:
        """The question in the language that is spoken now."""
        return {"fr": self.text_fr, "es": self.text_es}.get((get_language() or "en")[:2], self.text_en)


class SurveyMoment(models.TextChoices):
    """When a person is asked."""

    BASELINE = "BASELINE", _("Baseline")
    MIDLINE = "MIDLINE", _("Midline")
    ENDLINE = "ENDLINE", _("Endline")


class SurveyOutcome(models.TextChoices):
    """What came of asking. Who could not be asked has no score; that is not a score of nothing."""

    ANSWERED = "ANSWERED", pgettext_lazy("survey", "Answered")
    NOT_REACHED = "NOT_REACHED", pgettext_lazy("survey", "Not reached")
    NOT_PRESENT = "NOT_PRESENT", _("No longer present")
    REFUSED = "REFUSED", pgettext_lazy("survey", "Did not want to answer")


def _score() -> Any:
    return models.DecimalField(max_digits=4, decimal_places=3, null=True)


def _possible(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0, f"{name}__lte": 1})


class SurveyResult(models.Model):
    """What one person answered at one time, sealed; the scores beside it were worked out then and stay."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="survey_results")
    assisted_return = models.ForeignKey(AssistedReturn, on_delete=models.PROTECT, related_name="survey_results")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="survey_results")
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="results")
    moment = models.CharField(max_length=8, choices=SurveyMoment.choices)
    outcome = models.CharField(max_length=11, choices=SurveyOutcome.choices)
    asked_on = models.DateField()
    answers = models.TextField(blank=True)  # sealed
    economic = _score()
    social = _score()
    psychosocial = _score()
    composite = _score()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "moment"], condition=Q(outcome="ANSWERED"), name="answered_once_at_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(moment__in=SurveyMoment.values, outcome__in=SurveyOutcome.values),
                name="survey_result_codes_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(answers="") & Q(outcome="ANSWERED")
                | ~Q(outcome="ANSWERED") & Q(answers="", economic=None, social=None, psychosocial=None, composite=None),
                name="only_answers_have_scores",
            ),
            *(
                models.CheckConstraint(condition=_possible(name), name=f"survey_{name}_is_a_share")
                for name in ("economic", "social", "psychosocial", "composite")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.moment}"

    @property
    def answers_text(self) -> str:
        """The answers, unsealed."""
        return unseal(self.answers)
