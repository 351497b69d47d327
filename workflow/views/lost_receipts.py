"""Pages of statements in place of lost receipts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gaf.accounts.roles import MISSION_ROLES
from gaf.audience import audience
from gaf.thresholds import usd_threshold
from workflow.actions import lost_receipts as actions
from workflow.forms.lost_receipts import DecideForm, LostReceiptForm, RefuseStatementForm, WitnessForm
from workflow.models import AssistanceRequest, LostReceipt
from workflow.queries import reads_text
from workflow.views.act_pages import (
    READERS,
    about,
    do,
    done,
    page_of_act,
    person_of,
    record_url,
    request_within_sight,
    require_open,
)
from workflow.views.beside import ActBeside, act_beside, act_of, own_acts
from workflow.views.record_parts import sealed
from workflow.views.writing import own_missions, pressed_twice

ACT = "declare_lost_receipt"


@audience(*MISSION_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, reference: str) -> HttpResponse:
    """One line, one amount, and how the receipt was lost."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, ACT):
        return redirect(record_url(assistance))
    require_open(assistance, ACT, person)
    own = assistance.lines.filter(mission__in=own_missions(assistance, person), approved_quantity__isnull=False)
    form = LostReceiptForm(
        list(own),
        request.POST if request.method == "POST" else None,
        initial={"seen_version": assistance.version},
    )
    declare_it = actions.declare_lost_receipt
    if form.is_bound and form.is_valid() and do(form, declare_it, assistance, actor=person, **form.said()):
        return done(request, assistance, _("declared; a second person of your mission witnesses it."))
    context = {
        "form": form,
        "about": about(assistance),
        "missing": [],
        "may_be_done": True,
        "will_happen": [
            _("A second person of your mission witnesses it, then the fund manager decides."),
            _("At most %(one)s for one statement, and %(all)s for this request.")
            % {"one": usd_threshold("lost_receipt_cap_usd"), "all": actions.cap_of_all(assistance)},
            _("What is not accepted is sent back to the fund."),
        ],
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, ACT, context)


def _found(request: HttpRequest, reference: str, place: int) -> tuple[AssistanceRequest, LostReceipt]:
    assistance = request_within_sight(request, reference)
    rows = LostReceipt.objects.select_related("assistance", "line__mission", "declared_by", "witnessed_by")
    return assistance, get_object_or_404(rows, assistance=assistance, number=place)


def address_of(reference: str, place: int) -> str:
    """Where a statement stands."""
    return f"/lost-receipts/{reference}/{place}/"


@audience(*READERS)
@require_safe
def lost_receipt(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """One statement: which line, how much, who says so, and what may be done with it."""
    assistance, lost = _found(request, reference, place)
    person = person_of(request)
    context = {
        "lost": lost,
        "statement": lost.statement_text if reads_text(person, reference) else sealed(),
        "over": actions.over_caps(lost) if lost.state == "WITNESSED" else [],
        "acts": own_acts(lost, ACTS, person, address_of(reference, place)),
        "about": about(assistance),
        "zone": assistance.mission.time_zone,
    }
    return page_of_act(request, "workflow/lost_receipt.html", assistance, ACT, context)


def _witness(lost: LostReceipt) -> list[Any]:
    return [_("You say that %(money)s was spent so.") % {"money": lost.money}, _("The fund manager decides then.")]


def _accept(lost: LostReceipt) -> list[Any]:
    return [_("The statement stands for the receipt of %(money)s.") % {"money": lost.money}, *actions.over_caps(lost)]


def _refuse(lost: LostReceipt) -> list[Any]:
    return [_("%(money)s cannot be accepted as spent; it is due back.") % {"money": lost.money}]


ACTS: dict[str, ActBeside] = {
    "witness_lost_receipt": ActBeside(actions.witness_lost_receipt, WitnessForm, _witness, gettext_lazy("witnessed.")),
    "accept_lost_receipt": ActBeside(actions.accept_lost_receipt, DecideForm, _accept, gettext_lazy("accepted.")),
    "refuse_lost_receipt": ActBeside(
        actions.refuse_lost_receipt, RefuseStatementForm, _refuse, gettext_lazy("not accepted."), ends_it=True
    ),
}


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def lost_receipt_act(request: HttpRequest, reference: str, place: int, act: str) -> HttpResponse:
    """Witness, accept or refuse it."""
    name = act_of(ACTS, act)
    assistance, lost = _found(request, reference, place)
    return act_beside(
        request, assistance, lost, name, ACTS[name], key="lost_receipt_id", address=address_of(reference, place)
    )
