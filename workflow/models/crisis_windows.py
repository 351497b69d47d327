"""Crisis windows: for how long, and where, persons who cannot meet their basic needs in a crisis may be helped."""

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
from workflow.states import CrisisWindowState

S = CrisisWindowState


class CrisisWindow(Record):
    """From a day to a day, in named countries or everywhere, the category of a crisis may be chosen.

    What was recorded never changes. Its last day moves, earlier or later, only as a second person confirms.
    """

    key = models.CharField(max_length=20, unique=True)
    crisis = models.CharField(max_length=200)  # which crisis, and why the other categories do not do
    counts = models.CharField(max_length=500)  # what a reviewer accepts while it lasts, beside the criteria
    source = models.CharField(max_length=200)  # the declaration, the appeal, the decision it rests on
    everywhere = models.BooleanField(default=False)
    first_day = models.DateField()
    last_day = models.DateField()
    opened_until = models.DateField()  # the last day as it was first confirmed
    state = StateField(max_length=12, choices=S.choices, default=S.RECORDED, protected=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_last_day = models.DateField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    end_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-first_day", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="crisis_window_days_in_order"),
            models.CheckConstraint(
                condition=Q(asked_last_day=None) | Q(asked_last_day__gte=F("first_day")),
                name="crisis_window_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(crisis="") & ~Q(counts="") & ~Q(source=""), name="crisis_window_says_why"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("recorded_by")),
                name="crisis_window_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["RECORDED", "DISCARDED"]) | Q(confirmed_by__isnull=False),
                name="crisis_window_is_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="END_ASKED", asked_last_day__isnull=False, asked_by__isnull=False)
                | ~Q(state="END_ASKED") & Q(asked_last_day=None, asked_by=None),
                name="crisis_window_end_is_asked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`CRISIS-2026-00001`."""
        return self.key

    def covers(self, day: date) -> bool:
        """Whether the category may be chosen on a day."""
        return self.first_day <= day <= self.last_day

    @transition(
        state,
        source=S.RECORDED,
        target=S.OPEN,
        permission=policy.MAY_CONFIRM_CRISIS_WINDOW,
        custom=acts_beside.CRISIS_WINDOW_ACTS["open_crisis_window"],
    )
    def open_crisis_window(self, *, by: Any) -> None:
        """A second person finds that the crisis asks for it."""
        self.confirmed_by = by

    @transition(
        state,
        source=S.RECORDED,
        target=S.DISCARDED,
        permission=policy.MAY_CONFIRM_CRISIS_WINDOW,
        custom=acts_beside.CRISIS_WINDOW_ACTS["discard_crisis_window"],
    )
    def discard_crisis_window(self) -> None:
        """It never counted."""

    @transition(
        state,
        source=S.OPEN,
        target=S.END_ASKED,
        permission=policy.MAY_RECORD_CRISIS_WINDOW,
        custom=acts_beside.CRISIS_WINDOW_ACTS["ask_window_end"],
    )
    def ask_window_end(self, *, last_day: date, by: Any, at: Any) -> None:
        """Another last day is asked for; until it is confirmed the old one counts."""
        self.asked_last_day, self.asked_by, self.asked_at = last_day, by, at

    @transition(
        state,
        source=S.END_ASKED,
        target=S.OPEN,
        permission=policy.MAY_CONFIRM_WINDOW_END,
        custom=acts_beside.CRISIS_WINDOW_ACTS["confirm_window_end"],
    )
    def confirm_window_end(self, *, last_day: date, by: Any) -> None:
        """A second person finds the new last day right."""
        self.last_day, self.end_confirmed_by = last_day, by
        self._nothing_asked()

    @transition(
        state,
        source=S.END_ASKED,
        target=S.OPEN,
        permission=policy.MAY_CONFIRM_WINDOW_END,
        custom=acts_beside.CRISIS_WINDOW_ACTS["refuse_window_end"],
    )
    def refuse_window_end(self) -> None:
        """The last day stays as it was."""
        self._nothing_asked()

    def _nothing_asked(self) -> None:
        self.asked_last_day = self.asked_by = self.asked_at = None


class CrisisPlace(models.Model):
    """A country in which a window counts, by its mission."""

    window = models.ForeignKey(CrisisWindow, on_delete=models.PROTECT, related_name="places")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["mission__name"]
        constraints = [models.UniqueConstraint(fields=["window", "mission"], name="crisis_place_once")]

    def __str__(self) -> str:
        return f"{self.window_id}: {self.mission_id}"
