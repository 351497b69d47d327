"""A published list of rates as it was imported: its file, its rows, and the two people who stand for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import RateListState
from gaf.accounts.models import User
from gaf.records import Record
from gaf.state_field import StateField

L = RateListState


class RateList(Record):
    """One file of UN operational rates. Its rates come into force together, when a second person approves the list."""

    class Kind(models.TextChoices):
        FULL = "FULL", _("monthly, every currency")
        PARTIAL = "PARTIAL", _("mid-month, only what changed")

    key = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.CharField(max_length=80)
    file_name = models.CharField(max_length=80, blank=True)
    file_sha256 = models.CharField(max_length=64)
    content = models.TextField()
    rows = models.JSONField()  # [currency, day, units] of every rate it brings
    state = StateField(default=L.IMPORTED, choices=L.choices, protected=True, max_length=12)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["file_sha256"], condition=~Q(state="DISCARDED"), name="rate_list_imported_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("imported_by")), name="rate_list_takes_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`RATES-2026-11-01-3FA9C1`."""
        return self.key

    @transition(
        state,
        source=L.IMPORTED,
        target=L.APPROVED,
        permission=policy.MAY_APPROVE_RATES,
        custom={"label": _("Approve the list")},
    )
    def approve_rates(self, *, by: User) -> None:
        """A second person compared the list with where it was published; every rate of it counts from its day."""
        self.approved_by = by

    @transition(
        state,
        source=L.IMPORTED,
        target=L.DISCARDED,
        permission=policy.MAY_DISCARD_RATES,
        custom={"label": _("Discard the list")},
    )
    def discard_rates(self) -> None:
        """It was the wrong file; none of its rates ever counted."""
