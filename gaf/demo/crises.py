"""A crisis in Niger for which a window is open, and one in two more countries that waits for a second person."""

from __future__ import annotations

from datetime import timedelta

from gaf import clock
from gaf.accounts.models import Mission
from gaf.demo.stage import Stage
from workflow.actions.crisis_windows import WindowText, open_crisis_window, record_crisis_window
from workflow.models import CrisisWindow


def open_a_crisis_window(stage: Stage) -> None:
    """Bruno records two windows, Helena opens the first."""
    floods = _recorded(
        stage,
        "Floods along the river closed markets and roads; nobody there meets another category.",
        "No food, water or roof since the floods, and no other help within reach.",
        "Declaration of the government of 2 November 2026, invented for the demo",
        ["NE"],
        days=90,
    )
    open_crisis_window(window_id=floods.pk, actor=stage.who("helena"), at=clock.now())
    _recorded(
        stage,
        "A border closed at two days’ notice, and people wait there without means.",
        "No income and no shelter at the closed crossing.",
        "Appeal of two missions of 20 November 2026, invented for the demo",
        ["LB", "DJ"],
        days=30,
    )


def _recorded(stage: Stage, crisis: str, counts: str, source: str, codes: list[str], *, days: int) -> CrisisWindow:
    text = WindowText(
        crisis=crisis,
        counts=counts,
        source=source,
        first_day=clock.today(),
        last_day=clock.today() + timedelta(days=days),
        missions=list(Mission.objects.filter(code__in=codes)),
    )
    return record_crisis_window(window=text, actor=stage.who("bruno"), at=clock.now())
