"""Crisis windows as tests need them: recorded by a reviewer, opened by the fund manager."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gaf import clock
from tests.cast import mission
from tests.stories_asking import by
from workflow.actions.crisis_windows import WindowText, open_crisis_window, record_crisis_window
from workflow.models import CrisisWindow


def in_days(days: int) -> Any:
    """A day so many days from today."""
    return clock.today() + timedelta(days=days)


def a_crisis_window(*, first: int = 0, last: int = 60, who: str = "Bruno", codes: tuple[str, ...] = ("NE",)) -> Any:
    """A window of sixty days for Niger, to be opened; no code means everywhere."""
    window = WindowText(
        crisis="Markets closed by an outbreak, invented",
        counts="No income and no food since the markets closed.",
        source="Declaration of 1 November 2026, invented",
        first_day=in_days(first),
        last_day=in_days(last),
        missions=[mission(code) for code in codes],
    )
    return record_crisis_window(window=window, **by(who))


def a_window_that_is_open(**said: Any) -> CrisisWindow:
    """The same, opened by the fund manager."""
    return open_crisis_window(window_id=a_crisis_window(**said).pk, **by("Helena"))
