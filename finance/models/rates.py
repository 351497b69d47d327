"""UN operational rates of exchange: local units per one US dollar, from a day on, never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import RateState
from gaf.accounts.models import User
from gaf.records import Record
from gaf.state_field import StateField


class ExchangeRate(Record):
    """One rate; the newest approved one that has begun on a day is the rate of that day."""

    currency = models.CharField(max_length=3)
    effective_from = models.DateField()
    units_per_usd = models.DecimalField(max_digits=18, decimal_places=6)
    source = models.CharField(max_length=80)
    rate_list = models.ForeignKey("finance.RateList", null=True, on_delete=models.PROTECT, related_name="rates")
    state = StateField(default=RateState.ENTERED, choices=RateState.choices, protected=True, max_length=12)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["currency", "-effective_from"]
        constraints = [
            models.CheckConstraint(condition=Q(units_per_usd__gt=0), name="rate_is_positive"),
            models.UniqueConstraint(fields=["currency", "effective_from"], name="one_rate_a_day"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("entered_by")), name="rate_takes_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`RATE-XOF-2026-11-01`."""
        return f"RATE-{self.currency}-{self.effective_from.isoformat()}"

    @transition(
        state,
        source=RateState.ENTERED,
        target=RateState.APPROVED,
        permission=policy.MAY_APPROVE_RATE,
        custom={"label": _("Approve the rate")},
    )
    def approve_rate(self, *, approved_by: User) -> None:
        """A second person compared the rate with its source."""
        self.approved_by = approved_by
