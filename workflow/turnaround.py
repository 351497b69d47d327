"""How quickly headquarters decides: each request's used time beside its target, priority by priority.

Time is that of the decision clock: it stands still while a mission has the request, but never for P1. Requests whose
review began in the last ninety days count, the newest first, at most three hundred of a priority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import QuerySet

from workflow.codelists import Priority
from workflow.decision_clock import ON_THE_WAY, Clocks, DecisionClock
from workflow.models import AssistanceRequest

DAYS = 90
MOST_OF_A_PRIORITY = 300


@dataclass(frozen=True)
class Timed:
    """One request and its clock; open while headquarters has not decided it."""

    assistance: AssistanceRequest
    clock: DecisionClock
    is_open: bool


@dataclass(frozen=True)
class Strip:
    """One priority: its requests, of which the decided ones make the figures. Times are hours, or working days."""

    priority: Priority
    timed: Sequence[Timed]
    target: timedelta

    @property
    def decided(self) -> list[Timed]:
        """Those that headquarters has decided."""
        return [one for one in self.timed if not one.is_open]

    @property
    def late(self) -> list[Timed]:
        """Those that used more than their time, decided or not."""
        return [one for one in self.timed if one.clock.is_late]

    @property
    def median(self) -> timedelta | None:
        """The time used by the middle one of the decided; never a mean, which one old case would pull away."""
        used = [one.clock.used.total_seconds() for one in self.decided]
        return timedelta(seconds=median(used)) if used else None

    @property
    def in_time(self) -> int | None:
        """How many of a hundred decided ones were decided in their time, rounded down."""
        decided = self.decided
        return 100 * sum(not one.clock.is_late for one in decided) // len(decided) if decided else None


def strips(requests: QuerySet[AssistanceRequest], now: datetime) -> list[Strip]:
    """Every priority in its order, from the requests a person may see."""
    since = now - timedelta(days=DAYS)
    begun = _bare(requests).filter(review_began_at__gte=since).order_by("-review_began_at", "-pk")
    chosen = [one for priority in Priority for one in begun.filter(priority=priority)[:MOST_OF_A_PRIORITY]]
    clocks = Clocks(chosen)
    timed = [(one, clocks.of(one, now)) for one in chosen]
    return [
        Strip(
            priority,
            [
                Timed(one, clock, one.state in ON_THE_WAY)
                for one, clock in timed
                if clock is not None and one.priority == priority
            ],
            clocks.target_of(priority),
        )
        for priority in Priority
    ]


def _bare(requests: QuerySet[AssistanceRequest]) -> QuerySet[AssistanceRequest]:
    """The same requests with nothing but what a strip says of them: many are read for each page."""
    rows = AssistanceRequest.objects.filter(pk__in=requests.order_by().values("pk")).select_related("mission")
    return rows.only("reference", "priority", "state", "review_began_at", "mission__name")
