"""Who is reminded of what is due, and when: the owner before and at the hour, a deputy and the head after it.

A ladder is steps before and after the moment something is due, in the time of whoever has to act: hours of every day
for P1 and P2, working days of headquarters or of the mission for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from gaf.working_days import WorkingTime


class Rung(IntEnum):
    """How far up a reminder goes; each rung tells those below it too."""

    OWNER = 1
    DEPUTY = 2
    HEAD = 3


@dataclass(frozen=True)
class Step:
    """One step: so long before (negative) or after the moment it is due, up to this rung."""

    offset: timedelta
    rung: Rung


def _steps(unit: timedelta, *steps: tuple[float, Rung]) -> tuple[Step, ...]:
    return tuple(Step(number * unit, rung) for number, rung in steps)


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
BY_HOURS = _steps(_HOUR, (-6, Rung.OWNER), (0, Rung.OWNER), (2, Rung.DEPUTY), (6, Rung.HEAD))
BY_WORKING_DAYS = _steps(_DAY, (-1, Rung.OWNER), (0, Rung.OWNER), (1, Rung.DEPUTY), (3, Rung.HEAD))
FOR_REPORTS = _steps(
    _DAY, (-14, Rung.OWNER), (-7, Rung.OWNER), (0, Rung.OWNER), (7, Rung.DEPUTY), (14, Rung.HEAD), (30, Rung.HEAD)
)


def moment_of(step: Step, due_at: datetime, calendar: WorkingTime) -> datetime:
    """When a step is to be taken, in the time of the calendar."""
    if step.offset < timedelta(0):
        return calendar.before(due_at, -step.offset)
    return calendar.after(due_at, step.offset)


def step_reached(steps: tuple[Step, ...], due_at: datetime, calendar: WorkingTime, now: datetime) -> int:
    """The place of the last step whose moment has come, counted from 1; 0 before the first.

    After a long silence it is the one that says how things stand now; those in between are not made up for.
    """
    return sum(1 for step in steps if moment_of(step, due_at, calendar) <= now)
