"""Erasing a case: the dry run, the proposal, what two people agree to, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, NewRecord, ask_act, ask_permit, done, made_before, once
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience
from workflow import policy
from workflow.actions.erasing import confirm_erasure, discard_erasure, propose_erasure, reasons_against
from workflow.forms.retention import ErasureForm
from workflow.models import AssistanceRequest, Case, Erasure, ErasureGround
from workflow.retention.contents import GOES, STAYS, what_goes, what_stays
from workflow.retention.schedule import cases_open_to, requests_open_to
from workflow.states import ErasureState
from workflow.views.act_pages import person_of
from workflow.views.retention import KEEPERS, READERS_OF_RETENTION


@dataclass(frozen=True)
class Figure:
    """How much of one kind."""

    label: Any
    count: int


def _figures(labels: Mapping[str, Any], counts: Mapping[str, int]) -> list[Figure]:
    return [Figure(labels[kind], count) for kind, count in counts.items()]


def _dry_run(case: Case, at: datetime) -> dict[str, Any]:
    """What would go, what would stay, and what stands against it."""
    return {
        "goes": _figures(GOES, what_goes(case)),
        "stays": _figures(STAYS, what_stays(case)),
        "against": list(reasons_against(case, ErasureGround.RETENTION_END, at)),
    }


def _erasure(request: HttpRequest, key: str) -> Erasure:
    rows = Erasure.objects.filter(case__in=cases_open_to(person_of(request)))
    return get_object_or_404(rows.select_related("assistance", "case", "proposed_by", "confirmed_by"), key=key)


@audience(Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Name a request, see what would go and what would stay, and propose it."""
    person = person_of(request)
    ask_permit(policy.MAY_PROPOSE_ERASURE, NewRecord(), "propose_erasure", person)
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    typed = request.POST if request.method == "POST" else request.GET
    named = _named(person, typed.get("reference", ""))
    data = request.POST if request.method == "POST" else None
    form = ErasureForm(person, data, initial={"reference": named.reference if named else ""})
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _propose_once(request, form, person))
        if address is not None:
            messages.success(request, _("The erasure is proposed. Nothing goes before somebody else confirms it."))
            return redirect(address)
    context = {"form": form, "named": named, "asked": request.GET.get("reference", "")}
    if named is not None:
        context |= _dry_run(named.case, clock.now())
    return render(request, "workflow/erasure_new.html", context, status=422 if form.errors else 200)


def _named(person: User, reference: str) -> AssistanceRequest | None:
    rows = requests_open_to(person).select_related("case")
    return rows.filter(reference=reference.strip().upper()[:20]).first()


def _propose_once(request: HttpRequest, form: ErasureForm, person: User) -> str:
    said = form.cleaned_data

    def propose_it() -> str:
        made = propose_erasure(
            request_id=said["reference"].pk,
            ground=said["ground"],
            reason=said["reason"],
            actor=person,
            at=clock.now(),
        )
        return reverse("erasure", args=[made.key])

    return once(request, said["idempotency_key"], propose_it)


@audience(*READERS_OF_RETENTION)
@require_safe
def erasure(request: HttpRequest, erasure: str) -> HttpResponse:
    """One erasure: what it is to destroy, and what may be done with it."""
    row, person, acts = _erasure(request, erasure), person_of(request), Acts()
    confirm_at, discard_at = (reverse("erasure_act", args=[row.key, act]) for act in ("confirm", "discard"))
    acts.offer(row, "confirm_erasure", person, confirm_at, _("Confirm the erasure"), primary=True)
    acts.offer(row, "discard_erasure", person, discard_at, _("Discard the erasure"))
    context = {
        "erasure": row,
        "acts": acts,
        "goes": _figures(GOES, row.destroyed or row.foreseen),
        "stays": _figures(STAYS, what_stays(row.case)),
    }
    return render(request, "workflow/erasure.html", context)


@audience(*READERS_OF_RETENTION)
@require_safe
def certificate(request: HttpRequest, erasure: str) -> HttpResponse:
    """What was destroyed, when and by whom, to be printed; before it is done there is only the erasure."""
    row = _erasure(request, erasure)
    if row.state != ErasureState.DONE:
        return redirect("erasure", erasure=row.key)
    context = {
        "erasure": row,
        "requests": row.case.requests.select_related("mission").order_by("reference"),
        "goes": _figures(GOES, row.destroyed or {}),
        "stays": _figures(STAYS, what_stays(row.case)),
    }
    return render(request, "workflow/erasure_certificate.html", context)


@audience(*KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def erasure_act(request: HttpRequest, erasure: str, act: str) -> HttpResponse:
    """Confirm or discard it."""
    row = _erasure(request, erasure)
    page = {"confirm": _confirm, "discard": _discard}.get(act)
    if page is None:
        return redirect("erasure", erasure=row.key)
    ask_act(row, f"{act}_erasure", person_of(request))
    return plain_act(request, page(row))


def _confirm(row: Erasure) -> PlainAct:
    return PlainAct(
        title=_("Confirm %(key)s") % {"key": row.key},
        button=_("Erase the case"),
        done=_("The erasure is confirmed. It is carried out within minutes."),
        effects=[
            _("The key of the case is destroyed. Its texts and files cannot be read any more, in no backup either."),
            _("What was found about its persons is taken out of the tables."),
            _("Figures and decisions stay under the keys of persons; the books stay true."),
            _("This is not undone."),
        ],
        back=reverse("erasure", args=[row.key]),
        do=lambda person, _reason: confirm_erasure(erasure_id=row.pk, actor=person, at=clock.now()),
        facts=_facts(row),
    )


def _discard(row: Erasure) -> PlainAct:
    return PlainAct(
        title=_("Discard %(key)s") % {"key": row.key},
        button=_("Discard the erasure"),
        done=_("The erasure is discarded."),
        effects=[_("Nothing of the case is erased. The reason is kept.")],
        back=reverse("erasure", args=[row.key]),
        asks_reason=True,
        do=lambda person, reason: discard_erasure(erasure_id=row.pk, reason=reason, actor=person, at=clock.now()),
        facts=_facts(row),
    )


def _facts(row: Erasure) -> list[tuple[str, Any]]:
    return [
        (_("Request"), row.assistance.reference),
        (_("Why it is erased"), row.get_ground_display()),
        (_("Proposed by"), str(row.proposed_by)),
    ]
