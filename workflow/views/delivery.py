"""While help is given: persons may leave, urgent costs are told, and one day help ends."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf import clock
from gaf.accounts.roles import MISSION_ROLES
from gaf.audience import audience
from gaf.money import Money
from workflow.actions import allowance
from workflow.actions import delivery as acts
from workflow.codelists import AssistanceType
from workflow.forms.delivery import EndDeliveryForm, LeavingForm, UrgentCostsForm
from workflow.forms.rows import unjudged
from workflow.models import AssistanceRequest
from workflow.states import LineState
from workflow.views.act_pages import (
    SaidNo,
    about,
    do,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
    try_within_sight,
)
from workflow.views.writing import WRITERS, looks_again, pressed_twice


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_persons(request: HttpRequest, reference: str) -> HttpResponse:
    """Who leaves and why; then what is cancelled with them, worked out by heads and open to change."""
    no = SaidNo()
    if request.method == "POST" and "work_out" not in request.POST:
        left = try_within_sight(no, request, reference, lambda here: _left(request, here))
        if left is not None:
            return done(request, left, _("recorded who leaves."))
    assistance = request_within_sight(request, reference)
    require_open(assistance, "withdraw_persons", person_of(request))
    if request.method != "POST":
        return _show_leaving(request, assistance, LeavingForm(assistance, initial={"seen_version": assistance.version}))
    form = LeavingForm(assistance, request.POST)
    if "work_out" in request.POST or (form.is_valid() and not form.is_worked_out()):
        return _worked_out(request, assistance)
    no.say_on(form)
    return _show_leaving(request, assistance, form)


def _left(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Record who leaves a locked request, or find that this very press did it; nothing while the form is not whole."""
    if pressed_twice(request, here, "withdraw_persons"):
        return here
    form = LeavingForm(here, request.POST)
    if not form.is_valid() or not form.is_worked_out():
        return None
    return acts.withdraw_persons(request_id=here.pk, actor=person_of(request), at=clock.now(), **form.said())


def _worked_out(request: HttpRequest, assistance: AssistanceRequest) -> HttpResponse:
    """The page again with the quantities for the persons ticked; nothing is judged and nothing is done."""
    posted = request.POST.copy()
    for name, quantity in LeavingForm(assistance, posted).shares().items():
        posted[name] = quantity
    posted["worked_out"] = " ".join(sorted(posted.getlist("person_keys")))
    form = LeavingForm(assistance, posted)
    unjudged(form)
    return _show_leaving(request, assistance, form, worked_out=True)


def _show_leaving(
    request: HttpRequest, assistance: AssistanceRequest, form: LeavingForm, *, worked_out: bool = False
) -> HttpResponse:
    context = {"form": form, "about": about(assistance), "worked_out": worked_out or bool(form["worked_out"].value())}
    answer = page_of_act(request, "workflow/mission/withdraw_persons.html", assistance, "withdraw_persons", context)
    if worked_out:
        answer.status_code = 200
    return answer


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def end_delivery(request: HttpRequest, reference: str) -> HttpResponse:
    """Help has ended: what happens then, and the button."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, "end_delivery"):
        return done(request, assistance, _("help has ended; reports are due."))
    posted = request.POST if request.method == "POST" else None
    form = EndDeliveryForm(posted, initial={"seen_version": assistance.version})
    if form.is_bound and form.is_valid() and do(form, acts.end_delivery, assistance, actor=person, **form.said()):
        return done(request, assistance, _("help has ended; reports are due."))
    require_open(assistance, "end_delivery", person)
    deferred = assistance.lines.filter(state=LineState.DEFERRED)
    context = {"form": form, "about": about(assistance), "lapsing": list(deferred)}
    return page_of_act(request, "workflow/mission/end_delivery.html", assistance, "end_delivery", context)


@audience(*MISSION_ROLES)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def report_urgent_costs(request: HttpRequest, reference: str) -> HttpResponse:
    """What was spent under the allowance; this much is honoured whatever is decided."""
    typed = UrgentCostsForm(request.POST) if request.method == "POST" else None
    if typed is not None:
        sent = try_within_sight(typed, request, reference, lambda here: _costs_reported(request, here, typed))
        if sent is not None:
            return done(request, sent, _("the urgent costs are recorded."))
    assistance = request_within_sight(request, reference)
    require_open(assistance, "report_urgent_costs", person_of(request))
    allowed = assistance.allowance
    told = Money(allowed.reported_minor, "USD") if allowed.reported_minor is not None else None
    initial = {"seen_version": assistance.version, "amount": str(told.decimal) if told else ""}
    form = typed or UrgentCostsForm(initial=initial)
    kinds = [str(AssistanceType(code).label) for code in allowed.assistance_types]
    rows = [
        {"label": _("Allowed"), "value": Money(allowed.limit_minor, "USD")},
        {"label": _("For"), "value": "\n".join(kinds)},
    ]
    rows += [{"label": _("Reported so far"), "value": told}] if told is not None else []
    context = {"form": form, "about": [*about(assistance), *rows]}
    return page_of_act(request, "workflow/mission/urgent_costs.html", assistance, "report_urgent_costs", context)


def _costs_reported(request: HttpRequest, here: AssistanceRequest, form: UrgentCostsForm) -> AssistanceRequest | None:
    """Record the costs on the locked request, or find that this very press did so already."""
    if pressed_twice(request, here, "report_urgent_costs"):
        return here
    if not form.is_valid():
        return None
    said = form.said()
    return allowance.report_urgent_costs(request_id=here.pk, actor=person_of(request), at=clock.now(), **said)
