"""The clock of a request: by when headquarters must decide it, and whether it runs.

It is read from the decisions, so a clock is never wrong for having been asleep; `due_times` stores what lists ask for.
P1 and P2 run in hours of every day, P3 and P4 in working days of headquarters. While the mission has the request the
clock stands still, but never for P1. Source of the targets: `priority_P…` among the thresholds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gaf import clock
from gaf.decisions.models import Decision
from gaf.decisions.so_far import decided_so_far
from gaf.thresholds import thresholds
from gaf.working_days import WorkingTime, headquarters_calendar
from workflow.codelists import Priority
from workflow.states import RequestState

if TYPE_CHECKING:
    from workflow.models import AssistanceRequest

S = RequestState
# Where headquarters has to decide, and where the mission has it on the way there.
_HEADQUARTERS = frozenset({S.ELIGIBILITY_REVIEW, S.BUDGET_REVIEW})
ON_THE_WAY = _HEADQUARTERS | {S.CLARIFICATION, S.PLAN_AND_BUDGET, S.ON_HOLD}
_TARGETS = {
    Priority.P1: ("priority_P1_decision_hours", timedelta(hours=1)),
    Priority.P2: ("priority_P2_decision_hours", timedelta(hours=1)),
    Priority.P3: ("priority_P3_decision_days", timedelta(days=1)),
    Priority.P4: ("priority_P4_decision_days", timedelta(days=1)),
}
_EVERY_DAY = (Priority.P1, Priority.P2)

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class DecisionClock:
    """How much of its time a request has used. `due_at` is None while the clock stands still or after the decision."""

    target: timedelta
    used: timedelta
    runs: bool
    due_at: datetime | None
    went_late_at: datetime | None
    in_working_days: bool

    @property
    def left(self) -> timedelta:
        """What is left of the time, in the hours or working days it runs in; negative when it is late."""
        return self.target - self.used

    @property
    def is_late(self) -> bool:
        """Whether the time was used up before it was decided, or is used up now."""
        return self.left < timedelta(0)


class _EveryDay(WorkingTime):
    """Time that runs day and night."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta(0))

    def after(self, start: datetime, span: timedelta) -> datetime:
        return start + span

    def before(self, end: datetime, span: timedelta) -> datetime:
        return end - span

    def works_at(self, moment: datetime) -> bool:
        return True


DAY_AND_NIGHT = _EveryDay(frozenset())


class Clocks:
    """Reads the clocks of several requests in three queries, however many they are."""

    def __init__(self, requests: Iterable[AssistanceRequest]) -> None:
        """The requests of one page or one sweep; drafts and requests nobody endorsed have no clock."""
        self._requests = [one for one in requests if one.review_began_at is not None]
        self._moves = _moves_of(self._requests)
        days = any(one.priority not in _EVERY_DAY for one in self._requests)
        self._calendar = headquarters_calendar() if days else DAY_AND_NIGHT
        self._targets = _targets()

    def of(self, assistance: AssistanceRequest, now: datetime | None = None) -> DecisionClock | None:
        """The clock of one of them; None where none has begun."""
        if assistance.review_began_at is None:
            return None
        moment = now or clock.now()
        calendar = DAY_AND_NIGHT if assistance.priority in _EVERY_DAY else self._calendar
        target = self._targets[assistance.priority]
        return _read(self._running(assistance, moment), calendar, target, assistance, moment)

    def target_of(self, priority: str) -> timedelta:
        """How long headquarters has for a priority: hours, or working days as whole days."""
        return self._targets[Priority(priority)]

    def _running(self, assistance: AssistanceRequest, now: datetime) -> list[Interval]:
        """When it ran: from each move into a state where it runs to the next move out of one."""
        moves = self._moves[assistance.reference]
        ends = [at for at, _state in moves[1:]] + [now]
        return [
            (at, min(end, now))
            for (at, state), end in zip(moves, ends, strict=True)
            if runs_in(assistance.priority, state) and at < now
        ]


def clock_of(assistance: AssistanceRequest, now: datetime | None = None) -> DecisionClock | None:
    """The clock of one request."""
    return Clocks([assistance]).of(assistance, now) if assistance.review_began_at else None


def runs_in(priority: str, state: str) -> bool:
    """Whether the clock of a request of this priority runs in this state."""
    return state in (ON_THE_WAY if priority == Priority.P1 else _HEADQUARTERS)


def _read(
    intervals: list[Interval], calendar: WorkingTime, target: timedelta, assistance: AssistanceRequest, now: datetime
) -> DecisionClock:
    used, went_late_at = timedelta(0), None
    for start, end in intervals:
        more = calendar.between(start, end)
        if went_late_at is None and used + more > target:
            went_late_at = calendar.after(start, target - used)
        used += more
    running = runs_in(assistance.priority, assistance.state)
    due_at = went_late_at
    if running and went_late_at is None:
        due_at = calendar.after(now, target - used)
    return DecisionClock(
        target=target,
        used=used,
        runs=running,
        due_at=due_at if running else None,
        went_late_at=went_late_at,
        in_working_days=assistance.priority not in _EVERY_DAY,
    )


def _moves_of(requests: list[AssistanceRequest]) -> dict[str, list[tuple[datetime, str]]]:
    """When each request moved where; of one in the middle of an act that is known already."""
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    unread = []
    for one in requests:
        decisions = decided_so_far(one)
        if decisions is None:
            unread.append(one.reference)
        else:
            own = [decision for decision in decisions if decision.subject == one.reference and decision.to_state]
            found[one.reference] = [(decision.at, decision.to_state) for decision in own]
    if unread:
        rows = Decision.objects.filter(subject__in=unread).exclude(to_state="").order_by("number")
        for subject, at, state in rows.values_list("subject", "at", "to_state"):
            found[subject].append((at, state))
    return found


def _targets() -> dict[str, timedelta]:
    values = thresholds(code for code, _unit in _TARGETS.values())
    return {priority: values[code] * unit for priority, (code, unit) in _TARGETS.items()}
