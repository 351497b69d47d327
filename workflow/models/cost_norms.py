"""Cost norms: what a unit of help usually costs in a mission, or on the way from it to another."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django_fsm import transition

from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.codelists import AssistanceType, Unit
from workflow.states import CostNormState

S = CostNormState


class CostNorm(Record):
    """The usual cost of one unit of one kind of help, from a day on, until a newer one takes its place.

    `to_mission` narrows it to requests in which that mission takes part, as for a ticket to it. A mission records what
    it knows of its market; headquarters confirms it. It is never changed: prices that moved are a new norm.
    """

    key = models.CharField(max_length=20, unique=True)
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    to_mission = models.ForeignKey(
        "accounts.Mission", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    assistance_type = models.CharField(max_length=6, choices=AssistanceType.choices)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    usual_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    effective_from = models.DateField()
    source = models.CharField(max_length=120)  # where the figure comes from: a survey, a tariff, a contract
    state = StateField(max_length=10, choices=S.choices, default=S.RECORDED, protected=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["mission_id", "assistance_type", "unit", "-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "assistance_type", "unit", "effective_from"],
                condition=Q(state="IN_FORCE", to_mission=None),
                name="one_cost_norm_a_day",
            ),
            models.UniqueConstraint(
                fields=["mission", "to_mission", "assistance_type", "unit", "effective_from"],
                condition=Q(state="IN_FORCE", to_mission__isnull=False),
                name="one_cost_norm_a_day_on_the_way",
            ),
            models.CheckConstraint(condition=Q(usual_minor__gt=0), name="cost_norm_is_positive"),
            models.CheckConstraint(condition=Exact(Length("currency"), 3), name="cost_norm_has_a_currency"),
            models.CheckConstraint(condition=~Q(source=""), name="cost_norm_says_its_source"),
            models.CheckConstraint(
                condition=Q(to_mission=None) | ~Q(to_mission=F("mission")), name="cost_norm_leads_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("recorded_by")), name="cost_norm_takes_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state="IN_FORCE") | Q(confirmed_by__isnull=False),
                name="cost_norm_is_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`NORM-2026-00001`."""
        return self.key

    def mission_ids(self) -> set[int]:
        """The mission whose prices it tells."""
        return {self.mission_id}

    @property
    def usual(self) -> Money:
        """What one unit usually costs."""
        return Money(self.usual_minor, self.currency)

    @transition(
        state,
        source=S.RECORDED,
        target=S.IN_FORCE,
        permission=policy.MAY_CONFIRM_COST_NORM,
        custom=acts_beside.COST_NORM_ACTS["confirm_cost_norm"],
    )
    def confirm_cost_norm(self, *, by: Any) -> None:
        """A second person finds the figure right for the place."""
        self.confirmed_by = by

    @transition(
        state,
        source=S.RECORDED,
        target=S.DISCARDED,
        permission=policy.MAY_CONFIRM_COST_NORM,
        custom=acts_beside.COST_NORM_ACTS["discard_cost_norm"],
    )
    def discard_cost_norm(self) -> None:
        """It never counted."""
