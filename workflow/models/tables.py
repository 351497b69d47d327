"""Tables of persons helped: proposed by a data steward, published by somebody else, and kept as they were published."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.states import TableState

S = TableState


class Table(Record):
    """One table of a span of whole quarters, its small figures hidden already; persons are in it as numbers only.

    No two published tables tell of one day in different ways: subtracted from each other, they would give people back.
    """

    class Audience(models.TextChoices):
        PUBLIC = "PUBLIC"
        INTERNAL = "INTERNAL"

    key = models.CharField(max_length=20, unique=True)
    for_whom = models.CharField(max_length=8, choices=Audience.choices)
    first_day = models.DateField()
    last_day = models.DateField()
    dimensions = models.CharField(max_length=60)  # up to three, in the order of `DIMENSIONS`, with commas between
    k = models.PositiveSmallIntegerField()
    counts = models.JSONField()  # [{"place": ["RO-WCA", None], "count": 14 or None where hidden}]
    digest = models.CharField(max_length=64)  # SHA-256 of the counts
    state = StateField(max_length=10, choices=S.choices, default=S.PROPOSED, protected=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-first_day", "-key"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lt=F("last_day")), name="table_is_of_a_span"),
            models.CheckConstraint(condition=Q(k__gte=5), name="table_hides_small_figures"),
            models.CheckConstraint(
                condition=~Q(for_whom="PUBLIC") | Q(k__gte=11), name="public_table_hides_more_figures"
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("proposed_by")),
                name="table_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="PUBLISHED", published_by__isnull=False, published_at__isnull=False)
                | ~Q(state="PUBLISHED") & Q(published_by__isnull=True, published_at__isnull=True),
                name="table_is_published_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`TAB-2026-00001`."""
        return self.key

    def describe(self) -> dict[str, Any]:
        """What its decisions keep of it: of which days, by what, for whom, and the digest of its figures."""
        return {
            "for_whom": self.for_whom,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "dimensions": self.dimensions,
            "k": self.k,
            "digest": self.digest,
        }

    @transition(
        state,
        source=S.PROPOSED,
        target=S.PUBLISHED,
        permission=policy.MAY_PUBLISH_TABLE,
        custom=acts_beside.TABLE_ACTS["publish_table"],
    )
    def publish_table(self, *, by: Any, at: Any) -> None:
        """Somebody else than the data steward lets people read it."""
        self.published_by, self.published_at = by, at

    @transition(
        state,
        source=S.PROPOSED,
        target=S.DISCARDED,
        permission=policy.MAY_DISCARD_TABLE,
        custom=acts_beside.TABLE_ACTS["discard_table"],
    )
    def discard_table(self) -> None:
        """Nobody reads it."""
