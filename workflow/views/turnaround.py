"""Whether headquarters decides in time: a strip of dots for each priority, its figures, its requests."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gaf import clock
from gaf.accounts.roles import Role
from gaf.audience import audience
from workflow.codelists import Priority
from workflow.decision_clock import DecisionClock
from workflow.queries import visible_to
from workflow.turnaround import DAYS, MOST_OF_A_PRIORITY, Strip, Timed, strips
from workflow.views.act_pages import person_of, record_url
from workflow.views.clock_shown import time_words

SEES_TURNAROUND = (
    Role.ELIGIBILITY_REVIEWER,
    Role.DUTY_OFFICER,
    Role.BUDGET_APPROVER,
    Role.FUND_MANAGER,
    Role.AUDITOR,
)
_ROWS_A_PAGE = 25
# The target stands in the middle of the picture; what took twice the time or more stands at its right edge.
_WIDTH, _MIDDLE = 1000, 500


@dataclass(frozen=True)
class Dot:
    """One request in the picture; hollow while it is open."""

    x: int
    y: int
    is_open: bool


@dataclass(frozen=True)
class Shown:
    """One priority as the page shows it."""

    priority: Priority
    finding: str
    dots: list[Dot]
    target: str
    median: str
    in_time: int | None
    decided: int
    open: int
    late: int
    is_slow: bool


@audience(*SEES_TURNAROUND)
@require_safe
def turnaround(request: HttpRequest) -> HttpResponse:
    """The four strips; `priority` opens the requests of one, `late` only those that were too slow."""
    person, now = person_of(request), clock.now()
    found = strips(visible_to(person), now)
    one = next((strip for strip in found if strip.priority == request.GET.get("priority")), None)
    late = bool(request.GET.get("late"))
    page = Paginator((one.late if late else one.timed) if one else [], _ROWS_A_PAGE)
    page_now = page.get_page(request.GET.get("page", "1"))
    context = {
        "strips": [_shown(strip) for strip in found],
        "days": DAYS,
        "most": MOST_OF_A_PRIORITY,
        "one": one,
        "late": late,
        "page": page_now,
        "rows": [_row(timed) for timed in page_now.object_list],
    }
    return render(request, "workflow/turnaround.html", context)


def _shown(strip: Strip) -> Shown:
    in_days = bool(strip.timed) and strip.timed[0].clock.in_working_days
    middle, target = strip.median, time_words(strip.target, in_days or strip.priority in ("P3", "P4"))
    return Shown(
        priority=strip.priority,
        finding=_finding(strip),
        dots=[_dot(timed, place) for place, timed in enumerate(strip.timed)],
        target=target,
        median=time_words(middle, in_days) if middle is not None else "–",
        in_time=strip.in_time,
        decided=len(strip.decided),
        open=len(strip.timed) - len(strip.decided),
        late=len(strip.late),
        is_slow=middle is not None and middle > strip.target,
    )


def _finding(strip: Strip) -> str:
    if strip.in_time is None:
        return _("Nothing was decided yet.")
    return _("%(share)s%% were decided in time.") % {"share": strip.in_time}


def _dot(timed: Timed, place: int) -> Dot:
    """Where a dot stands: across by its time, up and down by turns so that neighbours stay apart."""
    share = timed.clock.used / timed.clock.target if timed.clock.target else 0
    return Dot(min(int(share * _MIDDLE), _WIDTH - 10) + 5, 8 + 8 * (place % 4), timed.is_open)


def _row(timed: Timed) -> tuple[Timed, str, str]:
    return timed, record_url(timed.assistance), _used(timed.clock)


def _used(of: DecisionClock) -> str:
    return time_words(of.used, of.in_working_days)
