"""Pages of amendments: the mission asks, and each step is decided on a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from finance.queries import stream_choices
from finance.restrictions import propose_streams
from gaf.audience import audience
from gaf.figures import colon
from gaf.money import Money
from workflow.actions import amendment_decisions as decisions
from workflow.actions.amending import ask_amendment
from workflow.actions.approval import facts_of
from workflow.forms.amending import (
    AmendmentForm,
    ApproveAmendmentForm,
    EndorseAmendmentForm,
    RefuseAmendmentForm,
    ReviewAmendmentForm,
    WithdrawAmendmentForm,
    asked_in,
    new_lines,
)
from workflow.forms.lines import fresh_line
from workflow.forms.rows import rearranged, unjudged
from workflow.models import Amendment, AmendmentLine, AssistanceRequest
from workflow.obstacles import obstacles
from workflow.queries import may_read_text, reads_text
from workflow.views.act_pages import (
    READERS,
    about,
    authority_of,
    do,
    page_of_act,
    person_of,
    record_url,
    request_within_sight,
    require_open,
)
from workflow.views.approval import effects
from workflow.views.beside import ActBeside, act_beside, act_of, do_beside, own_acts, require_act
from workflow.views.beside_parts import amendment_shown
from workflow.views.writing import WRITERS, looks_again, own_missions, pressed_twice

ACT = "ask_amendment"


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """More or less of each approved line, and rows for new ones."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, ACT):
        return redirect(record_url(assistance))
    require_open(assistance, ACT, person)
    own = own_missions(assistance, person)
    if request.method == "POST":
        again = rearranged(request.POST, fresh_line(assistance, own))
        if again is not None:
            return _show(request, assistance, again, judged=False)
        return _show(request, assistance, request.POST, judged=True)
    return _show(request, assistance, None, judged=False)


def _show(
    request: HttpRequest, assistance: AssistanceRequest, posted: QueryDict | None, *, judged: bool
) -> HttpResponse:
    person = person_of(request)
    own = own_missions(assistance, person)
    lines = [line for line in assistance.lines.filter(mission__in=own).select_related("mission") if line.is_granted]
    form = AmendmentForm(lines, posted, initial={"seen_version": assistance.version})
    rows = new_lines(assistance, own, posted)
    if judged and all([form.is_valid(), rows.is_valid()]):
        said = {
            "why": form.cleaned_data["why"],
            "changes": [*form.changes(), *asked_in(rows)],
            "seen_version": form.cleaned_data["seen_version"],
        }
        if do(form, ask_amendment, assistance, actor=person, **said):
            messages.success(request, _("%(key)s: sent to the head of unit.") % {"key": assistance.reference})
            return redirect(record_url(assistance))
    if posted is not None and not judged:
        unjudged(form, rows)
    context = {
        "form": form,
        "rows": rows,
        "several_missions": len(own) > 1,
        "about": about(assistance),
        "missing": obstacles(assistance, ACT),
    }
    status = 422 if judged else 200
    return page_of_act(request, "workflow/mission/ask_amendment.html", assistance, ACT, context, status=status)


def _amendment(request: HttpRequest, reference: str, number: int) -> tuple[AssistanceRequest, Amendment]:
    assistance = request_within_sight(request, reference)
    rows = Amendment.objects.select_related("assistance", "asked_by").prefetch_related("lines__line", "lines__mission")
    return assistance, get_object_or_404(rows, assistance=assistance, number=number)


def address_of(reference: str, number: int) -> str:
    """Where an amendment stands."""
    return f"/amendments/{reference}/{number}/"


@audience(*READERS)
@require_safe
def amendment(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """One amendment: why, each change, what it comes to, and what may be done with it."""
    assistance, found = _amendment(request, reference, place)
    person = person_of(request)
    context = {
        "about": about(assistance),
        "shown": amendment_shown(found, reads_text(person, reference)),
        "new_total": decisions.new_total(found) if found.is_open else None,
        "acts": own_acts(found, ACTS, person, address_of(reference, place)),
        "zone": assistance.mission.time_zone,
    }
    return page_of_act(request, "workflow/amendment.html", assistance, ACT, context)


def _endorse(found: Amendment) -> list[Any]:
    return [_("You stand for the change; a reviewer of the GAF team has it then.")]


def _review(found: Amendment) -> list[Any]:
    return [_("The approvers have it then. It adds %(delta)s.") % {"delta": found.delta}]


def _approve(found: Amendment) -> list[Any]:
    return [
        _("The request comes to %(total)s; your delegation must cover that.") % {"total": decisions.new_total(found)},
        _("What is added is committed at once; what is cut is free again."),
        _("The certifying officer confirms the funds of what is added."),
    ]


def _refuse(found: Amendment) -> list[Any]:
    return [_("The budget stays as it was approved; the mission reads your reason.")]


def _withdraw(found: Amendment) -> list[Any]:
    return [_("The budget stays as it was approved; you can ask again.")]


ACTS: dict[str, ActBeside] = {
    "endorse_amendment": ActBeside(
        decisions.endorse_amendment, EndorseAmendmentForm, _endorse, gettext_lazy("endorsed.")
    ),
    "review_amendment": ActBeside(
        decisions.review_amendment, ReviewAmendmentForm, _review, gettext_lazy("found in order.")
    ),
    "approve_amendment": ActBeside(
        decisions.approve_amendment, ApproveAmendmentForm, _approve, gettext_lazy("approved and committed.")
    ),
    "refuse_amendment": ActBeside(
        decisions.refuse_amendment, RefuseAmendmentForm, _refuse, gettext_lazy("not approved."), ends_it=True
    ),
    "withdraw_amendment": ActBeside(
        decisions.withdraw_amendment, WithdrawAmendmentForm, _withdraw, gettext_lazy("taken back."), ends_it=True
    ),
}


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def amendment_act(request: HttpRequest, reference: str, place: int, act: str) -> HttpResponse:
    """One step of an amendment; approval has streams to choose."""
    name = act_of(ACTS, act)
    assistance, found = _amendment(request, reference, place)
    address = address_of(reference, place)
    if name == "approve_amendment":
        return _approval(request, assistance, found, address)
    return act_beside(request, assistance, found, name, ACTS[name], key="amendment_id", address=address)


def _approval(request: HttpRequest, assistance: AssistanceRequest, found: Amendment, address: str) -> HttpResponse:
    person = person_of(request)
    require_act(found, "approve_amendment", person)
    added = [line for line in found.lines.all() if line.adds]
    facts = {line.key: facts_of(assistance, line) for line in added}  # type: ignore[arg-type]
    streams = stream_choices()
    proposals = propose_streams({line.key: line.usd for line in added}, facts, streams)
    form = ApproveAmendmentForm(
        added,
        request.POST if request.method == "POST" else None,
        proposals=proposals,
        streams=streams,
        initial={"seen_version": found.version},
    )
    if form.is_bound and form.is_valid():
        said = {"amendment_id": found.pk, "actor": person, **form.said()}
        if do_beside(form, decisions.approve_amendment, **said):
            messages.success(request, f"{found.key}{colon()} {ACTS['approve_amendment'].done}")
            return redirect(address)
    context = {
        "form": form,
        "about": about(assistance),
        "missing": [],
        "will_happen": _approve(found),
        "may_be_done": True,
        "authority": authority_of(person),
        "shown": amendment_shown(found, may_read_text(person)),
        "effects": effects(_by_stream(added, proposals), {}),
        "reference": found.key,
        "back_url": address,
    }
    return page_of_act(
        request, "workflow/headquarters/approve_amendment.html", assistance, "approve_amendment", context
    )


def _by_stream(added: list[AmendmentLine], proposals: dict[str, Any]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for line in added:
        code = proposals[line.key].stream_code
        if code:
            found[code] = found.get(code, Money.zero("USD")) + line.usd
    return found
