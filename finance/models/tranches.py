"""A committed line that is paid in tranches: each opens when its condition is met, and no more is paid before."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition
from simple_history.models import HistoricalRecords

from finance import policy
from finance.states import TrancheState
from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField

S = TrancheState


class Tranche(Record):
    """One part of a committed line, in the line's currency; the first is open from the day the parts are planned."""

    class Condition(models.TextChoices):
        AT_ONCE = "AT_ONCE", _("at once")
        DATE = "DATE", _("not before a day")
        ACCOUNTED = "ACCOUNTED", _("the tranche before is accounted for")
        GATE = "GATE", _("a condition that the certifying officer confirms")

    key = models.CharField(max_length=40, unique=True)
    commitment = models.ForeignKey("finance.Commitment", on_delete=models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField()
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    condition = models.CharField(max_length=10, choices=Condition.choices)
    not_before = models.DateField(null=True, blank=True)
    state = StateField(default=S.WAITING, choices=S.choices, protected=True, max_length=10)
    opened_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["commitment_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "number"], name="tranche_number_once"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="tranche_is_positive"),
            models.CheckConstraint(
                condition=Q(condition="DATE", not_before__isnull=False)
                | (~Q(condition="DATE") & Q(not_before__isnull=True)),
                name="tranche_by_date_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(condition="AT_ONCE", number=1) | (~Q(condition="AT_ONCE") & Q(number__gt=1)),
                name="first_tranche_is_open_at_once",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`GAF-2026-00042/L4/T2`."""
        return self.key

    def decision_reference(self) -> str:
        """The request whose line it is a part of."""
        return str(self.commitment.reference)

    @property
    def money(self) -> Money:
        """How much it is, in the line's currency."""
        return Money(self.minor, self.currency)

    @transition(
        state,
        source=S.WAITING,
        target=S.OPEN,
        permission=policy.MAY_OPEN_TRANCHE,
        custom={"label": _("Open the tranche")},
    )
    def open_tranche(self, *, at: datetime) -> None:
        """What it waited for is there; it may be paid."""
        self.opened_at = at

    @transition(
        state,
        source=S.OPEN,
        target=S.ACCOUNTED,
        permission=policy.MAY_ACCOUNT_FOR_TRANCHE,
        custom={"label": _("Account for the tranche")},
    )
    def account_for_tranche(self) -> None:
        """What was paid of it is accepted, disallowed or due back."""
