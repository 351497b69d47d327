"""What is known of a rail as a whole: whether it is paused and why, how fast it may be asked, what lies on it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import Rail, RailPauseState
from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField


class RailPause(Record):
    """A time in which nothing new leaves by one rail: why, since when, and what waits (`facts`: numbers and codes)."""

    key = models.CharField(max_length=20, unique=True)
    rail = models.CharField(max_length=10, choices=Rail.choices)
    code = models.CharField(max_length=60)
    state = StateField(default=RailPauseState.PAUSED, choices=RailPauseState.choices, protected=True, max_length=8)
    facts = models.JSONField(default=dict)
    paused_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-paused_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["rail"], condition=Q(state="PAUSED"), name="one_pause_a_rail"),
            models.CheckConstraint(
                condition=Q(resumed_at=None) | Q(resumed_at__gte=F("paused_at")), name="pause_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`PAUSE-2026-00003`."""
        return self.key

    @transition(
        state,
        source=RailPauseState.PAUSED,
        target=RailPauseState.RESUMED,
        permission=policy.MAY_RESUME_RAIL,
        custom={"label": _("Resume the rail")},
    )
    def resume_rail(self, *, at: datetime) -> None:
        """Whatever stopped it is mended; what waits leaves in the order of its release, under the same keys."""
        self.resumed_at = at


class RailPace(models.Model):
    """A provider asked us to wait: nothing is sent by this rail before `not_before`. `streak`: how often in a row.

    `swept_at` is when its list of messages was read last, whole.
    """

    rail = models.CharField(max_length=10, choices=Rail.choices, unique=True)
    not_before = models.DateTimeField()
    streak = models.PositiveSmallIntegerField(default=0)
    swept_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.rail} {self.not_before:%H:%M:%S}"


class RailBalance(models.Model):
    """What the fund can spend on a rail in one currency, as the provider said last; below zero it is owed to them."""

    rail = models.CharField(max_length=10, choices=Rail.choices)
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["rail", "currency"]
        constraints = [models.UniqueConstraint(fields=["rail", "currency"], name="one_balance_a_rail_and_currency")]

    def __str__(self) -> str:
        return f"{self.rail} {self.money}"

    @property
    def money(self) -> Money:
        """The amount, signed."""
        return Money(self.minor, self.currency)


class TopUp(models.Model):
    """Money of the fund on its way to a rail from one of its banks, as the provider tells it. Counts once succeeded."""

    provider_reference = models.CharField(max_length=80, unique=True)
    rail = models.CharField(max_length=10, choices=Rail.choices)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)  # the provider's word: pending, succeeded, failed, canceled, reversed
    failure_code = models.CharField(max_length=60, blank=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-first_seen_at", "-id"]

    def __str__(self) -> str:
        return f"{self.provider_reference} {self.money}"

    @property
    def money(self) -> Money:
        """What was sent on its way."""
        return Money(self.minor, self.currency)
