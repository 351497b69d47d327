"""How long the money lasts: a picture, its numbers, and what if."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.forms.runway import WhatIfForm
from finance.models import FundingStream
from finance.runway import Forecast, Pace, Week, forecast, pace_of, past_weeks
from finance.standing import Standing, standings
from finance.visibility import SEES_FUND
from gaf import clock
from gaf.audience import audience
from gaf.money import Money, total
from gaf.templatetags.formats import day, plain_money

_WEEKS_AHEAD = 26
_HEIGHT = 160


@dataclass(frozen=True)
class Bar:
    """One week in the picture and in the table: its Monday, the money, and where it is drawn."""

    monday: date
    free: Money
    given: Money | None
    is_forecast: bool
    x: int
    y: int
    height: int


@audience(*SEES_FUND)
@require_safe
def runway(request: HttpRequest) -> HttpResponse:
    """Free money by week, until when it lasts at the pace of the last weeks, and at another."""
    today = clock.today()
    form = WhatIfForm(request.GET if request.GET else None)
    every = standings(FundingStream.objects.prefetch_related("agreements"), today)
    weeks = past_weeks(today, total([one.free for one in every], "USD"))
    pace = pace_of(weeks)
    share, more = form.per_cent(), form.more_money()
    ahead = forecast(every, today, pace.usual.share(share, 100), more)
    bars = _bars(weeks, ahead)
    context = {
        "today": today,
        "form": form,
        "finding": _finding(ahead, pace),
        "pace": pace,
        "between": _between(every, today, pace, share, more),
        "ahead": ahead,
        "bars": bars,
        "width": len(bars) * 12,
        "most": max((bar.free for bar in bars), default=Money.zero("USD")),
        "ends": [one for one in every if one.stream.ends_on and not one.ended and one.free.minor > 0],
    }
    return render(request, "finance/runway.html", context, status=422 if form.errors else 200)


def _bars(weeks: list[Week], ahead: Forecast) -> list[Bar]:
    """Weeks that were, then those to come; the tallest is as high as the picture."""
    rows: list[tuple[date, Money, Money | None, bool]] = [(one.monday, one.free, one.given, False) for one in weeks]
    rows += [(monday, free, None, True) for monday, free in ahead.weeks[1 : _WEEKS_AHEAD + 1]]
    most = max([free.minor for _monday, free, _given, _is in rows] + [1])
    found = []
    for place, (monday, free, given, is_forecast) in enumerate(rows):
        height = _HEIGHT * max(free.minor, 0) // most
        found.append(Bar(monday, free, given, is_forecast, place * 12, _HEIGHT - height, height))
    return found


def _finding(ahead: Forecast, pace: Pace) -> str:
    if not pace.usual:
        return _("Nothing was given out in the last weeks, so no end can be told.")
    if ahead.ends_on is None:
        return _("At this pace the free money lasts longer than three years.")
    return _("At this pace the free money lasts until about %(day)s.") % {"day": day(ahead.ends_on)}


def _between(every: list[Standing], today: date, pace: Pace, share: int, more: Money | None) -> str:
    """The same at the busiest and the quietest four weeks, as a sentence; nothing where both are the same."""
    if not pace.usual or pace.busiest == pace.quietest:
        return ""
    soonest = forecast(every, today, pace.busiest.share(share, 100), more).ends_on
    latest = forecast(every, today, pace.quietest.share(share, 100), more).ends_on if pace.quietest else None
    if soonest is None:
        return ""
    said = {"soonest": day(soonest), "busiest": plain_money(pace.busiest), "quietest": plain_money(pace.quietest)}
    if latest is None:
        return _("As in the busiest weeks (%(busiest)s) it ends about %(soonest)s; as in the quietest, no end.") % said
    return _(
        "As in the busiest weeks (%(busiest)s) it ends about %(soonest)s; as in the quietest (%(quietest)s), about "
        "%(latest)s."
    ) % {**said, "latest": day(latest)}
