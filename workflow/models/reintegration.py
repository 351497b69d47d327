"""After the arrival: the plan that was agreed, what pays each of its measures, and the visits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE, transition

from gaf.records import Record
from gaf.sealing import unseal
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.assisted_returns import AssistedReturn
from workflow.models.budget import BudgetLine
from workflow.states import FollowUpVisitState

S = FollowUpVisitState


class ReintegrationForm(models.TextChoices):
    """For whom the measures of a plan are."""

    INDIVIDUAL = "INDIVIDUAL", pgettext_lazy("reintegration", "Individual")
    COMMUNITY = "COMMUNITY", _("Community-based")


class Dimension(models.TextChoices):
    """The three dimensions in which a return can be sustainable."""

    ECONOMIC = "ECONOMIC", pgettext_lazy("reintegration", "Economic")
    SOCIAL = "SOCIAL", pgettext_lazy("reintegration", "Social")
    PSYCHOSOCIAL = "PSYCHOSOCIAL", pgettext_lazy("reintegration", "Psychosocial")


class ReintegrationPlan(models.Model):
    """One version of the plan, agreed with the persons. The newest counts; the paper they signed is not here."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="reintegration_plans")
    assisted_return = models.ForeignKey(AssistedReturn, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=10, choices=ReintegrationForm.choices)
    agreed_on = models.DateField()
    words = models.TextField()  # sealed
    attested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attested_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assisted_return", "number"], name="reintegration_plan_number_once"),
            models.CheckConstraint(condition=Q(form__in=ReintegrationForm.values), name="reintegration_form_is_known"),
            models.CheckConstraint(condition=~Q(words=""), name="reintegration_plan_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.assisted_return_id} plan {self.number}"

    @property
    def words_text(self) -> str:
        """What was agreed, unsealed."""
        return unseal(self.words)


class ReintegrationMeasure(models.Model):
    """One measure of a plan, and the line of the budget or its tranche that pays it. It has no money of its own."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="reintegration_measures")
    plan = models.ForeignKey(ReintegrationPlan, on_delete=models.PROTECT, related_name="measures")
    dimension = models.CharField(max_length=12, choices=Dimension.choices)
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="measures")
    tranche = models.ForeignKey("finance.Tranche", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(dimension__in=Dimension.values), name="measure_dimension_is_known"),
            models.UniqueConstraint(fields=["plan", "line", "tranche"], name="measure_once_in_a_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.line_id}"


class FollowUpVisit(Record):
    """A visit so many months after the arrival: planned with it, and done or not."""

    key = models.CharField(max_length=40, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="follow_up_visits")
    assisted_return = models.ForeignKey(AssistedReturn, on_delete=models.PROTECT, related_name="visits")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    state = StateField(max_length=11, choices=S.choices, default=S.PLANNED, protected=True)
    visited_on = models.DateField(null=True)
    words = models.TextField(blank=True)  # sealed
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assisted_return", "months"], name="visit_once_after_so_many_months"),
            models.CheckConstraint(
                condition=Q(state="PLANNED", recorded_by__isnull=True, visited_on__isnull=True, words="")
                | Q(state__in=["DONE", "NOT_REACHED", "REFUSED"], recorded_by__isnull=False, visited_on__isnull=False),
                name="visit_says_who_recorded_it",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`GAF-2026-00042/V3`."""
        return self.key

    def decision_reference(self) -> str:
        """The request whose persons are visited."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """The missions of the request."""
        return self.assistance.mission_ids()

    @property
    def mission_id(self) -> int:
        """The mission there visits."""
        return self.assisted_return.origin_id

    @property
    def words_text(self) -> str:
        """What was found, unsealed."""
        return unseal(self.words)

    @transition(
        state,
        source=S.PLANNED,
        target=RETURN_VALUE(S.DONE, S.NOT_REACHED, S.REFUSED),
        permission=policy.MAY_GO_ON_WITH_RETURN,
        custom=acts_beside.RETURN_ACTS["record_visit"],
    )
    def record_visit(self, *, result: str, on: Any, sealed: str, by: Any, at: Any) -> str:
        """It took place, or the persons were not reached, or did not want it."""
        self.visited_on, self.words, self.recorded_by, self.recorded_at = on, sealed, by, at
        return result
