"""Months of the books: open, then closed for all but a few, then closed for good."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import ExceptionState, PeriodState
from gaf.accounts.models import User
from gaf.records import Record
from gaf.state_field import StateField

P, X = PeriodState, ExceptionState


class AccountingPeriod(Record):
    """One month. A month without a row is open; the row is made when somebody first closes it or asks about it."""

    month = models.DateField(unique=True)  # its first day
    state = StateField(default=P.OPEN, choices=P.choices, protected=True, max_length=12)
    soft_closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="period_is_a_month"),
            models.CheckConstraint(
                condition=Q(closed_by=None) | ~Q(closed_by=F("soft_closed_by")), name="period_takes_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`PERIOD-2026-11`."""
        return f"PERIOD-{self.month:%Y-%m}"

    @transition(
        state,
        source=P.OPEN,
        target=P.SOFT_CLOSED,
        permission=policy.MAY_SOFT_CLOSE,
        custom={"label": _("Close for all but a few")},
    )
    def soft_close_period(self, *, by: User) -> None:
        """From now on only people with an exception book into this month."""
        self.soft_closed_by = by

    @transition(
        state,
        source=P.SOFT_CLOSED,
        target=P.OPEN,
        permission=policy.MAY_SOFT_CLOSE,
        custom={"label": _("Open again")},
    )
    def reopen_period(self) -> None:
        """Everybody books into it again; possible until it is closed for good."""
        self.soft_closed_by = None

    @transition(
        state,
        source=P.SOFT_CLOSED,
        target=P.CLOSED,
        permission=policy.MAY_CLOSE_PERIOD,
        custom={"label": _("Close for good")},
    )
    def close_period(self, *, by: User) -> None:
        """A second person closes it for good; what comes late is booked in the next open month and names this one."""
        self.closed_by = by


class PeriodException(Record):
    """Leave for one person to book into one half-closed month until a moment, given by a second person."""

    key_through = ("period",)

    period = models.ForeignKey(AccountingPeriod, on_delete=models.PROTECT, related_name="exceptions")
    number = models.PositiveIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason_code = models.CharField(max_length=40)
    state = StateField(default=X.ASKED, choices=X.choices, protected=True, max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["period_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="period_exception_once"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | (~Q(approved_by=F("asked_by")) & ~Q(approved_by=F("person"))),
                name="period_exception_takes_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`PERIOD-2026-11/1`."""
        return f"{self.period.decision_subject()}/{self.number}"

    @transition(
        state,
        source=X.ASKED,
        target=X.APPROVED,
        permission=policy.MAY_APPROVE_EXCEPTION,
        custom={"label": _("Give the exception")},
    )
    def approve_exception(self, *, by: User) -> None:
        """A second person allows it; it ends by itself."""
        self.approved_by = by

    @transition(
        state,
        source=X.ASKED,
        target=X.REFUSED,
        permission=policy.MAY_APPROVE_EXCEPTION,
        custom={"label": _("Refuse the exception")},
    )
    def refuse_exception(self) -> None:
        """A second person does not allow it."""
