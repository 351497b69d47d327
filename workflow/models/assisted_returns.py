"""An assisted voluntary return: its stages, what was done in each, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.reasons import ReturnOutcome
from workflow.states import AT_HOME, OPEN_RETURNS, AssistedReturnState

S = AssistedReturnState
_ACTS = acts_beside.RETURN_ACTS
_MAY = policy.MAY_GO_ON_WITH_RETURN


class AssistedReturn(Record):
    """The return of the persons of one request. Money stays with the lines of the budget; here is none.

    The mission that asked goes with the persons until they leave, `origin` takes over when they arrive; where one
    mission takes part alone, it is both.
    """

    key = models.CharField(max_length=40, unique=True)
    assistance = models.OneToOneField(AssistanceRequest, on_delete=models.PROTECT, related_name="assisted_return")
    origin = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    state = StateField(max_length=13, choices=S.choices, default=S.PRE_DEPARTURE, protected=True)
    departed_on = models.DateField(null=True)
    arrived_on = models.DateField(null=True)
    outcome = models.CharField(max_length=16, choices=ReturnOutcome.choices, blank=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=S.values), name="return_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="CONCLUDED", concluded_at__isnull=False, outcome__in=ReturnOutcome.values)
                | ~Q(state="CONCLUDED") & Q(concluded_at__isnull=True, outcome=""),
                name="return_is_concluded_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="PRE_DEPARTURE") | Q(departed_on__isnull=True, arrived_on__isnull=True),
                name="return_before_departure_has_no_journey",
            ),
            models.CheckConstraint(
                condition=~Q(state="TRAVEL") | Q(departed_on__isnull=False, arrived_on__isnull=True),
                name="return_on_the_way_has_departed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in AT_HOME]) | Q(arrived_on__isnull=False),
                name="return_at_home_has_arrived",
            ),
            models.CheckConstraint(
                condition=Q(departed_on__isnull=True)
                | Q(arrived_on__isnull=True)
                | Q(arrived_on__gte=F("departed_on")),
                name="return_arrives_after_it_departs",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["REINTEGRATED", "LEFT_AGAIN"]) | Q(arrived_on__isnull=False),
                name="who_reintegrates_has_arrived",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["WITHDREW", "NOT_POSSIBLE"])
                | Q(departed_on__isnull=True, arrived_on__isnull=True),
                name="who_withdrew_did_not_depart",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`GAF-2026-00042/AVR`."""
        return self.key

    def decision_reference(self) -> str:
        """The request whose persons return."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """The missions of the request."""
        return self.assistance.mission_ids()

    @property
    def mission_id(self) -> int:
        """The mission whose turn it is: from the arrival on the one there."""
        return self.assistance.mission_id if self.arrived_on is None else self.origin_id

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.state != S.CONCLUDED

    @property
    def was_at_home(self) -> bool:
        """Whether the persons were at home already when it was begun."""
        return self.arrived_on is not None and self.departed_on is None

    def _move(self, at: Any) -> None:
        self.moved_at = at

    @transition(state, source=list(OPEN_RETURNS), target=None, permission=_MAY, custom=_ACTS["record_return_item"])
    def record_return_item(self) -> None:
        """One item of the stage was done, on a day."""

    @transition(
        state,
        source=[S.PRE_DEPARTURE, *AT_HOME],
        target=None,
        permission=_MAY,
        custom=_ACTS["agree_reintegration_plan"],
    )
    def agree_reintegration_plan(self) -> None:
        """The persons agreed to a plan; a newer one takes the place of an older."""

    @transition(state, source=S.PRE_DEPARTURE, target=S.TRAVEL, permission=_MAY, custom=_ACTS["record_departure"])
    def record_departure(self, *, on: date, at: Any) -> None:
        """The persons left; every gate of the journey stood open."""
        self.departed_on = on
        self._move(at)

    @transition(
        state,
        source=S.TRAVEL,
        target=S.POST_ARRIVAL,
        permission=policy.MAY_RECORD_ARRIVAL,
        custom=_ACTS["record_arrival"],
    )
    def record_arrival(self, *, on: date, at: Any) -> None:
        """The mission there received them; visits are planned from this day."""
        self.arrived_on = on
        self._move(at)

    @transition(
        state, source=S.POST_ARRIVAL, target=S.REINTEGRATION, permission=_MAY, custom=_ACTS["begin_reintegration"]
    )
    def begin_reintegration(self, *, at: Any) -> None:
        """What was agreed is carried out."""
        self._move(at)

    @transition(state, source=list(AT_HOME), target=None, permission=_MAY, custom=_ACTS["record_survey"])
    def record_survey(self) -> None:
        """A person was asked how they stand, or could not be."""

    @transition(state, source=list(OPEN_RETURNS), target=S.CONCLUDED, permission=_MAY, custom=_ACTS["conclude_return"])
    def conclude_return(self, *, outcome: str, at: Any) -> None:
        """The mission whose turn it is says what became of it."""
        self.outcome, self.concluded_at = outcome, at
        self._move(at)


class ReturnItem(models.Model):
    """One item of a stage that was done: which one, on which day, and who recorded it."""

    assisted_return = models.ForeignKey(AssistedReturn, on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=20)
    done_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["assisted_return", "code"], name="return_item_once")]

    def __str__(self) -> str:
        return f"{self.assisted_return_id}: {self.code}"
