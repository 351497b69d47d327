"""Which crisis window a request may lean on: the day it was begun, the day it was sent, or today must lie in one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import Mission
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day
from workflow.codelists import MigrantCategory
from workflow.models import AssistanceRequest, CrisisPlace, CrisisWindow
from workflow.states import WINDOW_COUNTS
from workflow.transfer_rules import missions_before


def counting_in(missions: Iterable[int]) -> QuerySet[CrisisWindow]:
    """The windows that were opened for these missions, whatever their days."""
    here = CrisisPlace.objects.filter(window=OuterRef("pk"), mission__in=missions)
    rows = CrisisWindow.objects.filter(state__in=WINDOW_COUNTS).filter(Q(everywhere=True) | Exists(here))
    return rows.order_by("first_day", "pk")


def window_of(assistance: AssistanceRequest) -> CrisisWindow | None:
    """The window this request leans on: a request begun in one keeps it, and so does one that was sent in it."""
    missions = {assistance.mission_id, *missions_before(assistance).values_list("pk", flat=True)}
    windows = list(counting_in(missions))
    return next((one for day in _days(assistance) for one in windows if one.covers(day)), None)


def _days(assistance: AssistanceRequest) -> list[date]:
    sent = assistance.submitted_at.date() if assistance.submitted_at else clock.today()
    return [assistance.started_at.date(), sent]


def leans_on_a_crisis(assistance: AssistanceRequest) -> bool:
    """Whether the category of a crisis is among its categories."""
    return MigrantCategory.BASIC_NEEDS in assistance.categories


def require_window(assistance: AssistanceRequest) -> None:
    """Raises Refusal CRISIS-01 for the category of a crisis outside any window, saying which windows are open."""
    if not leans_on_a_crisis(assistance) or window_of(assistance) is not None:
        return
    raise Refusal(
        "CRISIS-01",
        _("It was not sent on."),
        _("“%(category)s” may be chosen only while a crisis window is open for %(mission)s. %(open)s")
        % {
            "category": MigrantCategory.BASIC_NEEDS.label,
            "mission": assistance.mission,
            "open": _open_now(),
        },
        _("Choose another category, or ask the fund manager whether a window is to be opened."),
    )


def _open_now() -> str:
    today = clock.today()
    rows = CrisisWindow.objects.filter(state__in=WINDOW_COUNTS, first_day__lte=today, last_day__gte=today)
    said = [
        _("%(where)s until %(day)s") % {"where": where(window), "day": short_day(window.last_day)}
        for window in rows.order_by("last_day", "pk").prefetch_related("places__mission")
    ]
    return _("Open now: %(windows)s.") % {"windows": "; ".join(said)} if said else _("None is open anywhere now.")


def where(window: CrisisWindow) -> str:
    """The countries of a window in words."""
    if window.everywhere:
        return _("everywhere")
    return ", ".join(str(place.mission) for place in window.places.all())


def missions_of_window(window: CrisisWindow) -> set[int]:
    """The missions it concerns."""
    rows = (
        Mission.objects.all() if window.everywhere else Mission.objects.filter(pk__in=window.places.values("mission"))
    )
    return set(rows.values_list("pk", flat=True))
