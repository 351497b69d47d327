"""The duty officer lets a mission spend up to a limit before the request is decided. Made for a telephone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from finance.queries import unearmarked_stream, usd_rate
from gaf import clock
from gaf.audience import audience
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.templatetags.formats import plain_money
from gaf.thresholds import threshold, usd_threshold
from workflow.actions.allowance import allow_urgent_spending
from workflow.codelists import URGENT_TYPES
from workflow.forms.urgent_spending import AllowanceForm
from workflow.models import AssistanceRequest
from workflow.queries import may_read_text
from workflow.views.act_pages import READERS, SaidNo, done, page_of_act, person_of, require_open, try_within_sight
from workflow.views.approval import effects
from workflow.views.record import whole_request
from workflow.views.record_parts import alternatives_shown, passages

ACT = "allow_urgent_spending"


@audience(*READERS)
def allow(request: HttpRequest, reference: str) -> HttpResponse:
    """The limit is proposed from the rough costs; the fund's free money stands beside it."""
    person, no = person_of(request), SaidNo()
    if request.method == "POST":
        acted = try_within_sight(no, request, reference, lambda here: _allow(request, here))
        if acted is not None:
            limit = plain_money(Money(acted.allowance.limit_minor, "USD"))
            return done(request, acted, _("up to %(amount)s may be spent now.") % {"amount": limit})
    assistance = whole_request(person, reference)
    require_open(assistance, ACT, person)
    most = usd_threshold("preapproval_limit_usd")
    proposed = _proposed(assistance, most)
    wanted = [row.assistance_type for row in assistance.help_asked.all() if row.assistance_type in URGENT_TYPES]
    form = AllowanceForm(
        request.POST if request.method == "POST" else None,
        most=most,
        initial={"seen_version": assistance.version, "limit": str(proposed.decimal), "assistance_types": wanted},
    )
    no.say_on(form)
    reads = may_read_text(person)
    context: dict[str, Any] = {
        "form": form,
        "reads": reads,
        "most": most,
        "proposed": proposed,
        "hours": threshold("preapproval_regularise_hours"),
        "effects": _effects(proposed),
        "passages": passages(assistance, reads),
        "alternatives": alternatives_shown(assistance, reads),
    }
    return page_of_act(request, "workflow/headquarters/allow_urgent_spending.html", assistance, ACT, context)


def _allow(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Do it, if the form is whole."""
    form = AllowanceForm(request.POST, most=usd_threshold("preapproval_limit_usd"))
    if not form.is_valid():
        return None
    return allow_urgent_spending(request_id=here.pk, actor=person_of(request), at=clock.now(), **form.said())


def _proposed(assistance: AssistanceRequest, most: Money) -> Money:
    """The rough costs of help that cannot wait, in US dollars at today's rate, within the limit."""
    costs = [row.rough_cost for row in assistance.help_asked.all() if row.assistance_type in URGENT_TYPES]
    try:
        dollars = [cost.in_usd(usd_rate(cost.currency, clock.today()).units_per_usd) for cost in costs]
    except Refusal:
        return most
    return min(total(dollars, "USD"), most) or most


def _effects(proposed: Money) -> list[Any]:
    try:
        code = unearmarked_stream().code
    except Refusal:
        return []
    return effects({code: proposed}, {})
