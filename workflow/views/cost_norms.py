"""What help usually costs: the norms of every mission, recording one, confirming or discarding it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import NewRecord, ask_act, ask_permit, done, made_before, once
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.queries import assignments_of, roles_of
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.templatetags.formats import short_day
from workflow import policy
from workflow.actions import cost_norms as actions
from workflow.codelists import AssistanceType
from workflow.forms.cost_norms import CostNormForm
from workflow.models import CostNorm
from workflow.views.act_pages import person_of

_ROWS_A_PAGE = 25
_CONFIRMS = (Role.FUND_MANAGER, Role.CERTIFYING_OFFICER)


@audience(*policy.READERS_OF_NORMS)
@require_safe
def cost_norms(request: HttpRequest) -> HttpResponse:
    """Every norm, newest first within its kind; `mission` and `type` show those of one mission or kind of help."""
    person = person_of(request)
    mission, kind = request.GET.get("mission", ""), request.GET.get("type", "")
    page = Paginator(_chosen(mission, kind), _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    roles = roles_of(person)
    context = {
        "page": page,
        "missions": Mission.objects.order_by("name"),
        "kinds": AssistanceType.choices,
        "mission": mission,
        "kind": kind,
        "may_record": Role.MISSION_FINANCE in roles,
        "may_confirm": bool(roles & {*_CONFIRMS}),
        "today": clock.today(),
    }
    return render(request, "workflow/cost_norms.html", context)


def _chosen(mission: str, kind: str) -> QuerySet[CostNorm]:
    rows = CostNorm.objects.select_related("mission", "to_mission", "recorded_by", "confirmed_by")
    rows = rows.filter(mission__code=mission) if mission else rows
    rows = rows.filter(assistance_type=kind) if kind else rows
    return rows.order_by("mission__name", "assistance_type", "unit", "-effective_from", "-pk")


@audience(*policy.READERS_OF_NORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def cost_norm_new(request: HttpRequest) -> HttpResponse:
    """Record what a unit of help usually costs in one's own mission."""
    person = person_of(request)
    own = _own_missions(person)
    ask_permit(
        policy.MAY_RECORD_COST_NORM,
        NewRecord(missions={mission.pk for mission in own}),
        "record_cost_norm",
        person,
    )
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    form = CostNormForm(own, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _record_once(request, form, person), {"NORM-02": "usual", "NORM-03": "to_mission"})
        if address is not None:
            messages.success(request, _("The cost norm waits for a second person."))
            return redirect(address)
    context = {
        "form": form,
        "title": _("Record a cost norm"),
        "button": _("Record this norm"),
        "effects": [
            _("The fund manager or the certifying officer compares it and confirms it."),
            _("From its first day, budget lines that cost more are asked why."),
        ],
        "back": reverse("cost_norms"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


def _own_missions(person: User) -> list[Mission]:
    found = {
        one.mission_id: one.mission
        for one in assignments_of(person)
        if one.role == Role.MISSION_FINANCE and one.mission is not None
    }
    return sorted(found.values(), key=lambda mission: mission.name)


def _record_once(request: HttpRequest, form: CostNormForm, person: User) -> str:
    def record_it() -> str:
        actions.record_cost_norm(norm=form.text(), actor=person, at=clock.now())
        return reverse("cost_norms")

    return once(request, form.cleaned_data["idempotency_key"], record_it)


@audience(*_CONFIRMS)
@require_http_methods(["GET", "HEAD", "POST"])
def cost_norm_act(request: HttpRequest, norm: str, act: str) -> HttpResponse:
    """Confirm a norm, or discard it."""
    found = get_object_or_404(CostNorm.objects.select_related("mission", "to_mission", "recorded_by"), key=norm)
    if act not in ("confirm", "discard"):
        raise Http404
    confirms = act == "confirm"
    ask_act(found, f"{act}_cost_norm", person_of(request))

    def do(actor: User, reason: str) -> Any:
        if confirms:
            return actions.confirm_cost_norm(norm_id=found.pk, actor=actor, at=clock.now())
        return actions.discard_cost_norm(norm_id=found.pk, reason=reason, actor=actor, at=clock.now())

    page = PlainAct(
        title=_("Confirm %(key)s") % {"key": found.key} if confirms else _("Discard %(key)s") % {"key": found.key},
        button=_("Confirm the cost norm") if confirms else _("Discard the cost norm"),
        done=_("The cost norm is confirmed.") if confirms else _("The cost norm is discarded."),
        effects=[_("From its first day, budget lines that cost more are asked why.")]
        if confirms
        else [_("It never counted. The record is kept.")],
        back=reverse("cost_norms"),
        asks_reason=not confirms,
        do=do,
        facts=_facts(found),
    )
    return plain_act(request, page)


def _facts(norm: CostNorm) -> list[tuple[str, Any]]:
    return [
        (_("Mission"), norm.mission.name),
        (_("Kind of help"), norm.get_assistance_type_display()),
        (_("Usual cost of one unit"), f"{norm.usual} / {norm.get_unit_display()}"),
        (_("Only on the way to"), norm.to_mission.name if norm.to_mission else _("Anywhere")),
        (_("Counts from"), short_day(norm.effective_from)),
        (_("Where the figure comes from"), norm.source),
        (_("Recorded by"), norm.recorded_by),
    ]
