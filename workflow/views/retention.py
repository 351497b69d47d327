"""How long cases are kept: the schedule, what is past its time, and the holds that keep something longer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import NewRecord, ask_act, ask_permit, done, made_before, may, once
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.privacy.models import RecordClass
from gaf.templatetags.formats import day
from workflow import policy
from workflow.actions.retention_holds import lift_retention_hold, place_retention_hold
from workflow.forms.retention import RetentionHoldForm
from workflow.models import Erasure, RetentionHold
from workflow.retention.schedule import cases_open_to, past_their_time, schedule, shown
from workflow.views.act_pages import person_of

READERS_OF_RETENTION = (Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD, Role.FUND_MANAGER, Role.AUDITOR)
KEEPERS = (Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD, Role.FUND_MANAGER)
_ROWS_A_PAGE = 25


@audience(*READERS_OF_RETENTION)
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """The schedule, the cases past their time, and the holds that stand."""
    person, today = person_of(request), clock.today()
    rules = schedule(today)
    page = Paginator(past_their_time(person, today), _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    holds = RetentionHold.objects.filter(case__in=cases_open_to(person)).select_related(
        "assistance", "placed_by", "lifted_by"
    )
    erasures = Erasure.objects.filter(case__in=cases_open_to(person)).select_related("assistance", "confirmed_by")
    context = {
        "rules": [rules[name] for name in RecordClass.values if name in rules],
        "page": page,
        "over": shown(page.object_list, today),
        "holds": holds.order_by("-state", "-id")[:_ROWS_A_PAGE],
        "erasures": erasures.order_by("-id")[:_ROWS_A_PAGE],
        "may_propose": may(policy.MAY_PROPOSE_ERASURE, person),
        "may_hold": may(policy.MAY_PLACE_RETENTION_HOLD, person),
        "person": person,
    }
    return render(request, "workflow/retention.html", context)


@audience(*KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def hold_new(request: HttpRequest) -> HttpResponse:
    """Keep a case beyond its time."""
    person = person_of(request)
    ask_permit(policy.MAY_PLACE_RETENTION_HOLD, NewRecord(), "place_retention_hold", person)
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    data = request.POST if request.method == "POST" else None
    form = RetentionHoldForm(person, data, initial={"reference": request.GET.get("reference", "")[:20]})
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _hold_once(request, form, person), {"HOLD-03": "until"}, otherwise="reference")
        if address is not None:
            messages.success(
                request, _("The case is held. Nothing of it is erased until somebody else lifts the hold.")
            )
            return redirect(address)
    return render(request, "workflow/retention_hold_new.html", {"form": form}, status=422 if form.errors else 200)


def _hold_once(request: HttpRequest, form: RetentionHoldForm, person: User) -> str:
    said = form.cleaned_data

    def hold_it() -> str:
        place_retention_hold(
            request_id=said["reference"].pk,
            ground=said["ground"],
            until=said["until"],
            reason=said["reason"],
            actor=person,
            at=clock.now(),
        )
        return reverse("retention")

    return once(request, said["idempotency_key"], hold_it)


@audience(*KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def hold_lift(request: HttpRequest, hold: str) -> HttpResponse:
    """Lift a hold that somebody else placed."""
    person = person_of(request)
    rows = RetentionHold.objects.filter(case__in=cases_open_to(person)).select_related("assistance")
    row = get_object_or_404(rows, key=hold)
    ask_act(row, "lift_retention_hold", person)
    page = PlainAct(
        title=_("Lift %(key)s") % {"key": row.key},
        button=_("Lift the retention hold"),
        done=_("The hold is lifted."),
        effects=[_("When its time is over, the case may be erased.")],
        back=reverse("retention"),
        asks_reason=True,
        do=lambda who, reason: lift_retention_hold(hold_id=row.pk, reason=reason, actor=who, at=clock.now()),
        facts=[
            (_("Request"), row.assistance.reference),
            (_("Why it is kept"), row.get_ground_display()),
            (_("Until"), day(row.until)),
        ],
    )
    return plain_act(request, page)
