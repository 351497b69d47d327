"""Tranches of the lines of a request: which there are, planning them, opening the next, accounting for one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.tranches import account_for_tranche, open_tranche, plan_tranches, why_closed
from finance.forms.tranches import AccountForm, OpenForm, PlanForm
from finance.models import Commitment, Tranche
from finance.queries import commitments_of
from finance.views.acting import Acts, ask_act, ask_permit, done, may
from finance.visibility import HEADQUARTERS_FINANCE
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.policy import act_label

ACTS = ("open_tranche", "account_for_tranche")


def address_of(reference: str) -> str:
    """Where the tranches of a request stand."""
    return f"/tranches/{reference}/"


@dataclass(frozen=True)
class TrancheShown:
    """A tranche, what it waits for still, and what may be done with it."""

    tranche: Tranche
    waits: str
    acts: Acts


@dataclass(frozen=True)
class LineShown:
    """A committed line with its tranches; without any, it can be planned."""

    commitment: Commitment
    tranches: list[TrancheShown]
    plan_url: str


@audience(*HEADQUARTERS_FINANCE)
@require_safe
def tranches(request: HttpRequest, reference: str) -> HttpResponse:
    """Line by line."""
    person: User = request.user  # type: ignore[assignment]
    commitments = commitments_of(reference)
    if not commitments:
        raise Http404
    context = {"reference": reference, "lines": [_line(one, person) for one in commitments]}
    return render(request, "finance/tranches.html", context)


def _line(commitment: Commitment, person: User) -> LineShown:
    found = list(commitment.tranches.select_related("commitment"))
    may_plan = not found and commitment.open and may(policy.MAY_PLAN_TRANCHES, person)
    return LineShown(
        commitment,
        [_tranche(one, person) for one in found],
        f"{address_of(commitment.reference)}{commitment.line_key}/" if may_plan else "",
    )


def _tranche(tranche: Tranche, person: User) -> TrancheShown:
    acts, here = Acts(), f"{address_of(tranche.commitment.reference)}{tranche.commitment.line_key}/{tranche.number}/"
    for act in ACTS:
        acts.offer(tranche, act, person, f"{here}{act.replace('_', '-')}/", act_label(act))
    waits = why_closed(tranche, clock.today()) if tranche.state == "WAITING" else ""
    return TrancheShown(tranche, waits, acts)


@audience(*HEADQUARTERS_FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, reference: str, line: str) -> HttpResponse:
    """Divide a committed line into tranches."""
    person: User = request.user  # type: ignore[assignment]
    rows = [one for one in commitments_of(reference) if one.line_key == line]
    if not rows:
        raise Http404
    commitment = rows[-1]
    ask_permit(policy.MAY_PLAN_TRANCHES, Tranche(commitment=commitment), "plan_tranches", person)
    form = PlanForm(request.POST if request.method == "POST" else None, commitment=commitment)
    if form.is_bound and form.is_valid():
        plans = form.plans()
        act = partial(plan_tranches, reference=reference, line_key=line, plans=plans, actor=person, at=clock.now())
        if done(form, act) is not None:
            messages.success(request, _("Line %(line)s is paid in tranches.") % {"line": line})
            return redirect(address_of(reference))
    happens = [
        _("The tranches together are %(money)s.") % {"money": commitment.local_open + commitment.local_disbursed},
        _("The first is open at once; no more is paid before the next is opened."),
    ]
    return _page(request, reference, act_label("plan_tranches"), form, happens)


def _label(act: str, tranche: Tranche) -> str:
    return _("%(act)s: %(key)s") % {"act": act_label(act), "key": tranche.key}


def _page(request: HttpRequest, reference: str, label: str, form: BaseForm, happens: list[str]) -> HttpResponse:
    context = {
        "reference": reference,
        "label": label,
        "form": form,
        "will_happen": [words for words in happens if words],
        "back_url": address_of(reference),
    }
    return render(request, "finance/tranche_form.html", context, status=422 if form.is_bound else 200)


@audience(*HEADQUARTERS_FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def tranche_act(request: HttpRequest, reference: str, line: str, place: int, act: str) -> HttpResponse:
    """Open a tranche, or account for it."""
    person: User = request.user  # type: ignore[assignment]
    name = act.replace("-", "_")
    if name not in ACTS:
        raise Http404
    rows = Tranche.objects.select_related("commitment")
    tranche = get_object_or_404(rows, key=f"{reference}/{line}/T{place}")
    ask_act(tranche, name, person)
    return _open(request, tranche, person) if name == "open_tranche" else _account(request, tranche, person)


def _open(request: HttpRequest, tranche: Tranche, person: User) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = OpenForm(posted, tranche=tranche, initial={"seen_version": tranche.version})
    reference = tranche.commitment.reference
    if form.is_bound and form.is_valid():
        said = {"key": tranche.key, **form.cleaned_data}
        if done(form, lambda: open_tranche(**said, actor=person, at=clock.now())) is not None:
            messages.success(request, _("%(key)s is open.") % {"key": tranche.key})
            return redirect(address_of(reference))
    happens = [
        _("%(money)s more may be paid.") % {"money": tranche.money},
        _("It waits for: %(condition)s.") % {"condition": tranche.get_condition_display()},
        why_closed(tranche, clock.today()),
    ]
    return _page(request, reference, _label("open_tranche", tranche), form, happens)


def _account(request: HttpRequest, tranche: Tranche, person: User) -> HttpResponse:
    start = {"seen_version": tranche.version, "accepted": str(tranche.money.decimal), "disallowed": "0"}
    posted = request.POST if request.method == "POST" else None
    form = AccountForm(posted, currency=tranche.currency, initial=start)
    reference = tranche.commitment.reference
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        told = {
            "key": tranche.key,
            "accepted": said["money_accepted"],
            "disallowed": said["money_disallowed"],
            "reason_code": said["reason_code"] if said["money_disallowed"] else "",
            "seen_version": said["seen_version"],
        }
        if done(form, lambda: account_for_tranche(**told, actor=person, at=clock.now())) is not None:
            messages.success(request, _("%(key)s is accounted for.") % {"key": tranche.key})
            return redirect(address_of(reference))
    happens = [
        _("%(money)s was paid as this tranche.") % {"money": tranche.money},
        _("What is accepted is booked as spent; the rest is due back at once."),
        _("A next tranche that waits for this opens with it, unless something is not accepted."),
    ]
    return _page(request, reference, _label("account_for_tranche", tranche), form, happens)
