"""Being away: who stands in, until when, and which requests they may not decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf import clock
from gaf.accounts.models import HandOver, User
from gaf.audience import audience
from gaf.refusals import Refusal
from gaf.standing_in import hand_over, own_roles, possible_deputies, take_back
from gaf.templatetags.formats import day
from workflow.forms.out_of_office import OutOfOfficeForm
from workflow.standing_in import MONEY, Handed, handed_requests
from workflow.views.act_pages import READERS, person_of


@dataclass(frozen=True)
class Away:
    """What a person has handed over: the rows in order, and the requests that wait now."""

    rows: list[HandOver]
    requests: list[Handed]


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def out_of_office(request: HttpRequest) -> HttpResponse:
    """Hand over with three fields; come back with one press; see whom one stands in for."""
    person = person_of(request)
    if request.method == "POST" and "back" in request.POST:
        return _come_back(request, person)
    roles = own_roles(person)
    people = possible_deputies(person, request.POST.get("role") or roles[0]) if roles else []
    arguments: dict[str, Any] = {
        "roles": roles,
        "people": people,
        "of_money": bool(set(roles) & set(MONEY)),
        "today": clock.today(),
    }
    form = OutOfOfficeForm(request.POST, **arguments) if request.method == "POST" else OutOfOfficeForm(**arguments)
    if request.method == "POST" and form.is_valid() and _handed_over(form, people, person):
        messages.success(
            request, _("You are out of office until %(day)s.") % {"day": day(form.cleaned_data["ends_on"])}
        )
        return redirect(reverse("out_of_office"))
    context = {
        "form": form,
        "people": people,
        "away": _away(person),
        "stands_in": _coming(HandOver.objects.filter(deputy=person)),
        "today": clock.today(),
    }
    return render(request, "workflow/out_of_office.html", context, status=422 if request.method == "POST" else 200)


def _handed_over(form: OutOfOfficeForm, people: list[User], person: User) -> bool:
    try:
        hand_over(actor=person, at=clock.now(), **form.said(people))
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _come_back(request: HttpRequest, person: User) -> HttpResponse:
    try:
        take_back(actor=person, at=clock.now())
        messages.success(request, _("You are back; nobody stands in for you any more."))
    except Refusal as refusal:
        messages.error(request, f"{refusal.what} {refusal.why}")
    return redirect(reverse("out_of_office"))


def _coming(rows: object) -> list[HandOver]:
    found = rows.filter(taken_back_at=None, ends_on__gte=clock.today())  # type: ignore[attr-defined]
    return list(found.select_related("deputy", "person").order_by("starts_on", "role", "place"))


def _away(person: User) -> Away | None:
    rows = _coming(HandOver.objects.filter(person=person))
    if not rows:
        return None
    first = rows[0]
    together = [row for row in rows if (row.role, row.starts_on) == (first.role, first.starts_on)]
    waiting = handed_requests(person, first.role, [row.deputy for row in together], first.up_to_minor)
    return Away(rows, waiting)
