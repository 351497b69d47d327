"""The duty officer's pages: what is urgent now, made for a telephone; and the rota, with its holes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.queries import unearmarked_stream, usd_rate
from gaf import clock
from gaf.accounts.models import DutyShift, User
from gaf.accounts.queries import people_with, roles_of, shift_now
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.duty import Rota, ask_permit, end_duty, plan_duty, rota
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.thresholds import usd_threshold
from gaf.working_days import GENEVA, headquarters_calendar
from workflow import worklists
from workflow.codelists import URGENT_TYPES
from workflow.forms.duty import DutyForm
from workflow.models import AssistanceRequest
from workflow.views.act_pages import act_url, person_of
from workflow.views.requests_list import Row, page_of, row_of

_HAND_OVER_HOUR = 8
_A_SHIFT = timedelta(days=7)


@dataclass(frozen=True)
class UrgentCard:
    """What the duty officer sees of one urgent request; `proposed` can be allowed with one press."""

    row: Row
    wanted: list[str]
    persons: int
    asked_elsewhere: int
    sent_at: datetime | None
    due_at: datetime | None
    telephone: str
    version: int
    proposed: Money
    types: list[str]
    allow_url: str
    wait_url: str
    ask_url: str


@audience(Role.DUTY_OFFICER)
@require_safe
def duty(request: HttpRequest) -> HttpResponse:
    """Urgent requests without a decision about spending, and whether it is one's turn."""
    person = person_of(request)
    wanted = worklists.urgent(person).prefetch_related("help_asked", "persons", "alternatives")
    page = page_of(wanted, request.GET.get("page", "1"))
    limit, dollars = usd_threshold("preapproval_limit_usd"), Dollars()
    shift = shift_now()
    context = {
        "page": page,
        "cards": [_card(one, limit, dollars) for one in page],
        "limit": limit,
        "free": _unearmarked_free(),
        "opens_at": headquarters_calendar().next_opening(clock.now()),
        "shift": shift,
        "own": shift is not None and shift.person_id == person.pk,
    }
    return render(request, "workflow/headquarters/duty.html", context)


class Dollars:
    """Rough costs in US dollars at today's rates, each rate read once."""

    def __init__(self) -> None:
        self._rates: dict[str, Any] = {}

    def of(self, costs: list[Money]) -> Money | None:
        """The sum; None where a rate is missing."""
        try:
            return total([cost.in_usd(self._rate(cost.currency)) for cost in costs], "USD")
        except Refusal:
            return None

    def _rate(self, currency: str) -> Any:
        if currency not in self._rates:
            self._rates[currency] = usd_rate(currency, clock.today()).units_per_usd
        return self._rates[currency]


def _card(assistance: AssistanceRequest, limit: Money, dollars: Dollars) -> UrgentCard:
    """The proposal is the rough cost of what cannot wait, within the limit; nothing where that is not known."""
    urgent = [row for row in assistance.help_asked.all() if row.assistance_type in URGENT_TYPES]
    costs = dollars.of([row.rough_cost for row in urgent])
    return UrgentCard(
        row=row_of(assistance),
        wanted=[row.get_assistance_type_display() for row in assistance.help_asked.all()],
        persons=sum(1 for person in assistance.persons.all() if not person.has_left),
        asked_elsewhere=len(assistance.alternatives.all()),
        sent_at=assistance.submitted_at,
        due_at=assistance.due_at,
        telephone=assistance.mission.telephone,
        version=assistance.version,
        proposed=min(costs, limit) if costs else Money.zero("USD"),
        types=[row.assistance_type for row in urgent],
        allow_url=act_url(assistance.reference, "allow_urgent_spending"),
        wait_url=act_url(assistance.reference, "let_wait"),
        ask_url=reverse("message", args=[assistance.reference]),
    )


def _unearmarked_free() -> Money | None:
    try:
        return unearmarked_stream().free  # type: ignore[attr-defined]
    except Refusal:
        return None


@dataclass(frozen=True)
class Turn:
    """One row of the rota: somebody's time, or a hole."""

    starts_at: datetime
    ends_at: datetime
    shift: DutyShift | None = None


def _turns(planned: Rota) -> list[Turn]:
    found = [Turn(shift.starts_at, shift.ends_at, shift) for shift in planned.shifts]
    found += [Turn(hole.starts_at, hole.ends_at) for hole in planned.holes]
    return sorted(found, key=lambda turn: turn.starts_at)


@audience(Role.DUTY_OFFICER, Role.FUND_MANAGER, Role.AUDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def duty_rota(request: HttpRequest) -> HttpResponse:
    """Who is on duty from when to when; the fund manager puts people on and takes them off."""
    person = person_of(request)
    if request.method == "POST":
        ask_permit(person)
        if "end" in request.POST:
            return _end(request, person)
    planned, people = rota(), list(people_with(Role.DUTY_OFFICER))
    form = DutyForm(request.POST if request.method == "POST" else None, people=people, initial=_next(planned, people))
    if form.is_bound and form.is_valid() and _planned(form, person):
        messages.success(request, _("The rota is changed."))
        return redirect(reverse("duty_rota"))
    context = {
        "turns": _turns(planned),
        "holes": planned.holes,
        "form": form if Role.FUND_MANAGER in roles_of(person) else None,
        "now": clock.now(),
    }
    return render(request, "workflow/duty_rota.html", context, status=422 if form.is_bound else 200)


def _planned(form: DutyForm, person: User) -> bool:
    try:
        plan_duty(actor=person, at=clock.now(), **form.said())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _end(request: HttpRequest, person: User) -> HttpResponse:
    number = request.POST.get("end", "")
    try:
        end_duty(shift_id=int(number) if number.isdecimal() and len(number) < 12 else 0, actor=person, at=clock.now())
        messages.success(request, _("The rota is changed."))
    except Refusal as refusal:
        messages.error(request, f"{refusal.what} {refusal.why} {refusal.next_step}")
    return redirect(reverse("duty_rota"))


def _next(planned: Rota, people: list[User]) -> dict[str, Any]:
    """What the form begins with: the first hole, for a week at most, with the number used last."""
    hole = planned.holes[0] if planned.holes else None
    start = _next_hour(hole.starts_at if hole else planned.until)
    end = (start + _A_SHIFT).replace(hour=_HAND_OVER_HOUR)
    if hole is not None and hole.ends_at < planned.until:
        end = min(end, hole.ends_at.astimezone(GENEVA))
    return {
        "person": people[0].pk if len(people) == 1 else "",
        "telephone": planned.shifts[-1].telephone if planned.shifts else "",
        "first_day": start.date(),
        "first_hour": str(start.hour),
        "last_day": end.date(),
        "last_hour": str(end.hour),
    }


def _next_hour(moment: datetime) -> datetime:
    """The full hour of Geneva at or after a moment."""
    there = moment.astimezone(GENEVA)
    full = there.replace(minute=0, second=0, microsecond=0)
    return full if full == there else full + timedelta(hours=1)
