"""By when a request is due, as a column that lists can narrow and sort by.

While headquarters must decide it, that is the moment its clock runs out; where the clock stands still, the moment it
ran out, if it did. While reports are due, it is the end of their day. Nothing else is due. The request keeps the column
true each time its state, its priority or its day changes; a change of holidays or of targets is followed by
`manage.py keep_due_times`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from workflow.decision_clock import ON_THE_WAY, Clocks
from workflow.states import RequestState

if TYPE_CHECKING:
    from workflow.models import AssistanceRequest

_AT_ONCE = 500


def due_time(assistance: AssistanceRequest) -> datetime | None:
    """By when this request is due now; none when nobody is waited for by a day or an hour."""
    return next(due_times([assistance]))[1]


def due_times(requests: Iterable[Any]) -> Iterator[tuple[Any, datetime | None]]:
    """Each request with its due time; three queries for all of them, none where no clock has begun."""
    rows = list(requests)
    clocked = [row for row in rows if row.state in ON_THE_WAY and row.review_began_at is not None]
    clocks = Clocks(clocked) if clocked else None
    for row in rows:
        if row.state == RequestState.REPORTING and row.reports_due_on is not None:
            yield row, datetime.combine(row.reports_due_on + timedelta(days=1), time(), UTC)
        elif clocks is not None and row.state in ON_THE_WAY and (clock := clocks.of(row)) is not None:
            yield row, clock.due_at or clock.went_late_at
        else:
            yield row, None


def keep_due_times(requests: Any) -> int:
    """Write the due times that are not as they should be; how many those were. `requests` is a query of the model."""
    mended = 0
    rows = requests.filter(state__in=[*ON_THE_WAY, RequestState.REPORTING]).order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:_AT_ONCE]):
        for row, due_at in due_times(some):
            if row.due_at != due_at:
                mended += requests.filter(pk=row.pk).update(due_at=due_at)
        last = some[-1].pk
    return mended
