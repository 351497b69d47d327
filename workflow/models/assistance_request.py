"""The assistance request: what a mission asks the fund for, and everything that was decided about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from gaf.decisions.so_far import may_have_done
from gaf.records import Record
from gaf.sealing import unseal
from gaf.state_field import StateField
from workflow.codelists import Language, MigrantCategory, Priority
from workflow.due_times import due_time
from workflow.models.request_acts import RequestActs
from workflow.reasons import ClosureReason
from workflow.states import FINAL_STATES, RequestState

_DUE_TOLD_FROM = {"state", "priority", "review_began_at", "reports_due_on"}


class AssistanceRequest(RequestActs, Record):
    """One request of one mission (the lead), perhaps helped by others. Text is sealed under the key of its case."""

    reference = models.CharField(max_length=20, unique=True)
    case = models.ForeignKey(
        "workflow.Case", to_field="key", db_column="case_key", on_delete=models.PROTECT, related_name="requests"
    )
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="led_requests")
    state = StateField(max_length=20, choices=RequestState.choices, default=RequestState.DRAFT, protected=True)
    held_state = models.CharField(max_length=20, choices=RequestState.choices, blank=True)
    asked_from = models.CharField(max_length=20, choices=RequestState.choices, blank=True)
    is_urgent = models.BooleanField(default=False)  # sent to the duty officer before it was endorsed
    let_wait_at = models.DateTimeField(null=True, blank=True)  # when the duty officer said that it can wait
    waits_until = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=2, choices=Language.choices)
    priority = models.CharField(max_length=2, choices=Priority.choices, default=Priority.P3)
    primary_category = models.CharField(max_length=12, choices=MigrantCategory.choices, blank=True)
    other_categories = models.JSONField(default=list, blank=True)
    profile_tags = models.JSONField(default=list, blank=True)
    situation = models.TextField(blank=True)  # sealed
    needed_until = models.DateField(null=True, blank=True)
    plan = models.TextField(blank=True)  # sealed
    delivery_months = models.PositiveSmallIntegerField(null=True, blank=True)
    delivery_ends_on = models.DateField(null=True, blank=True)
    reports_due_on = models.DateField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="taken_requests"
    )
    proposed_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_requests"
    )
    criteria_set = models.ForeignKey(
        "workflow.CriteriaSet", null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )
    idempotency_key = models.CharField(max_length=64, unique=True)
    last_line_number = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    endorsed_at = models.DateTimeField(null=True, blank=True)
    review_began_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closure_code = models.CharField(max_length=16, choices=ClosureReason.choices, blank=True)
    moved_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)  # kept by save(), see workflow.due_times
    history = HistoricalRecords()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["state", "priority", "moved_at"], name="request_worklist"),
            models.Index(fields=["mission", "state"], name="request_of_mission"),
            models.Index(fields=["due_at", "id"], name="request_due_next"),
            models.Index(fields=["moved_at", "id"], name="request_moved"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_is_known"),
            models.CheckConstraint(condition=~Q(state="ON_HOLD") | ~Q(held_state=""), name="hold_remembers_its_state"),
            models.CheckConstraint(
                condition=~Q(state="CLARIFICATION") | Q(asked_from__in=["ELIGIBILITY_REVIEW", "BUDGET_REVIEW"]),
                name="clarification_remembers_its_asker",
            ),
            models.CheckConstraint(condition=~Q(is_urgent=True) | Q(priority="P1"), name="urgent_means_first_priority"),
            models.CheckConstraint(
                condition=Q(let_wait_at=None, waits_until=None)
                | Q(is_urgent=True, let_wait_at__isnull=False, waits_until__gt=models.F("let_wait_at")),
                name="what_waits_was_urgent",
            ),
            models.CheckConstraint(
                condition=~Q(primary_category__in=["IRREG", "ASY_REJ"]), name="a_status_is_never_the_primary_category"
            ),
            models.CheckConstraint(
                condition=~Q(state="CLOSED") | (Q(closed_at__isnull=False) & ~Q(closure_code="")),
                name="closed_says_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "SUBMITTED", "WITHDRAWN"]) | Q(submitted_at__isnull=False),
                name="headquarters_sees_what_was_sent",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=["APPROVED", "FUNDED", "DISBURSING", "IMPLEMENTING", "REPORTING", "RECONCILING", "CLOSED"]
                )
                | (Q(endorsed_at__isnull=False) & Q(approved_at__isnull=False)),
                name="approved_after_endorsement",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ELIGIBILITY_REVIEW", "BUDGET_REVIEW"]) | Q(due_at__isnull=False),
                name="what_headquarters_decides_is_due",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None)
                | Q(
                    state__in=[
                        "ELIGIBILITY_REVIEW",
                        "CLARIFICATION",
                        "PLAN_AND_BUDGET",
                        "BUDGET_REVIEW",
                        "ON_HOLD",
                        "REPORTING",
                    ]
                ),
                name="nothing_else_is_due",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Leave the state alone: validating it would write it, and only the gate may."""
        super().clean_fields(exclude={*(exclude or ()), "state"})

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember what the due time was told from, so that a save which changes none of it asks nothing."""
        row = super().from_db(*args, **kwargs)
        if row.__dict__.keys() >= _DUE_TOLD_FROM:
            row.__dict__["_due_told_from"] = row._what_tells_the_due_time()
        return row

    def _what_tells_the_due_time(self) -> tuple[Any, ...]:
        return self.state, self.priority, self.review_began_at, self.reports_due_on

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the due time as the decisions tell it now: the gate writes the decision before it saves."""
        told_from = self._what_tells_the_due_time()
        if self.__dict__.get("_due_told_from") != told_from:
            self.due_at = due_time(self)
            self.__dict__["_due_told_from"] = told_from
        super().save(*args, **kwargs)

    def decision_subject(self) -> str:
        """The reference."""
        return self.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.case_id

    def mission_ids(self) -> set[int]:
        """Every mission of the request, the lead among them; read once."""
        kept = self.__dict__.get("_mission_ids")
        if kept is None:
            kept = {self.mission_id, *(row.mission_id for row in self.missions.all())} if self.pk else {self.mission_id}
            self.__dict__["_mission_ids"] = kept
        return kept

    def forget_missions(self) -> None:
        """Read the missions anew at the next question, after they were changed."""
        self.__dict__.pop("_mission_ids", None)

    @property
    def line_keys(self) -> list[str]:
        """Keys of the lines, as finance knows them."""
        return [line.key for line in self.lines.all()]

    @property
    def is_final(self) -> bool:
        """Whether the request has ended."""
        return self.state in FINAL_STATES

    @property
    def categories(self) -> list[str]:
        """Codes of all categories, the primary one first."""
        return [code for code in [self.primary_category, *self.other_categories] if code]

    @property
    def situation_text(self) -> str:
        """The situation, unsealed."""
        return unseal(self.situation)

    @property
    def plan_text(self) -> str:
        """The assistance plan, unsealed."""
        return unseal(self.plan)

    def waits_at(self, moment: datetime) -> bool:
        """Whether the duty officer lets it wait at this moment, and the mission has not written since."""
        if self.waits_until is None or moment >= self.waits_until:
            return False
        said = self.remarks.filter(kind="MESSAGE", mission__isnull=False, written_at__gt=self.let_wait_at)
        return not (said.exists() or self.questions.filter(answered_at__gt=self.let_wait_at).exists())

    def has_allowance(self) -> bool:
        """Whether urgent spending was allowed."""
        may_be = may_have_done(self, "allow_urgent_spending")
        return may_be and UrgentAllowance.objects.filter(assistance_id=self.pk).exists()

    def urgent_allowance(self) -> UrgentAllowance | None:
        """What the mission may spend before the budget is decided, read now; none where that was never allowed."""
        may_be = may_have_done(self, "allow_urgent_spending")
        return UrgentAllowance.objects.filter(assistance_id=self.pk).first() if may_be else None


class RequestMission(models.Model):
    """A mission that takes part in a request; the lead is among them."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="missions")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="requests")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["assistance", "mission"], name="mission_once_in_a_request")]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.mission_id}"

    @property
    def leads(self) -> bool:
        """Whether this mission leads the request."""
        return self.mission_id == self.assistance.mission_id


class UrgentAllowance(models.Model):
    """What a mission may spend before the budget is decided, on which kinds of help, and what it did spend."""

    assistance = models.OneToOneField(AssistanceRequest, on_delete=models.PROTECT, related_name="allowance")
    limit_minor = models.BigIntegerField()  # US cents
    assistance_types = models.JSONField(default=list)
    regularise_by = models.DateTimeField()
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField()
    reported_minor = models.BigIntegerField(null=True, blank=True)  # US cents
    reported_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(limit_minor__gt=0), name="allowance_is_positive"),
            models.CheckConstraint(
                condition=Q(reported_minor=None)
                | Q(reported_minor__gte=0, reported_minor__lte=models.F("limit_minor")),
                name="urgent_costs_within_allowance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: urgent"
