"""Releasing disbursements of several requests together: choose, look at them once more, prove who you are, let go.

Each goes or stays by itself, and the answer says row by row which did. Pressing twice shows the first answer again.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from finance.actions.releasing import Looked, look_afresh
from finance.amounts_in_words import with_words
from finance.models import Disbursement
from finance.states import DisbursementState
from finance.views.acting import made_before, once_for_many
from gaf import clock, ids
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.refusals import Refusal
from gaf.templatetags.formats import plain_money
from workflow.actions.payment import release
from workflow.forms.releasing import MOST_AT_ONCE, TogetherForm
from workflow.models import AssistanceRequest
from workflow.queries import visible_to
from workflow.states import RequestState
from workflow.views.act_pages import person_of
from workflow.views.release_rows import ToRelease, rows_of, totals

MOST_SHOWN = 50
_KEPT = "released_together"
_OPEN = (RequestState.FUNDED, RequestState.DISBURSING)


def _prepared(person: User) -> Any:
    """What waits for release on requests this person sees, oldest first."""
    requests = visible_to(person).filter(state__in=_OPEN).values("reference")
    rows = Disbursement.objects.filter(state=DisbursementState.PREPARED, reference__in=requests)
    return rows.select_related("payee_version__payee", "bank_account").order_by("number")


@audience(Role.PAYER)
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest) -> HttpResponse:
    """First what waits, ticked as far as it can go; then what was chosen (`?numbers=…`), once more, to be released."""
    person = person_of(request)
    if request.method == "POST":
        made = made_before(request)
        return redirect(made) if made else _release(request, person)
    chosen = request.GET.getlist("numbers")
    if not chosen or len(set(chosen)) > MOST_AT_ONCE:
        return _choose(request, person, set(chosen))
    rows = _chosen_rows(person, chosen)
    if not rows:
        return _choose(request, person, set())
    return _review(request, rows, _form(request, rows, None), 200)


def _choose(request: HttpRequest, person: User, chosen: set[str]) -> HttpResponse:
    prepared = list(_prepared(person)[:MOST_SHOWN])
    rows = rows_of(prepared, person, chosen or None)
    first = {row.number for row in [row for row in rows if row.can_go][:MOST_AT_ONCE]}
    context = {
        "rows": [(row, row.ticked and (bool(chosen) or row.number in first)) for row in rows],
        "can_go": any(row.can_go for row in rows),
        "waiting": _prepared(person).count(),
        "most": MOST_AT_ONCE,
        "too_many": len(chosen) > MOST_AT_ONCE,
        "counted": len(chosen),
    }
    status = 422 if context["too_many"] else 200
    return render(request, "workflow/headquarters/release_choose.html", context, status=status)


def _chosen_rows(person: User, chosen: list[str]) -> list[ToRelease]:
    """The chosen ones as they stand now, grouped by currency and payee."""
    rows = rows_of(list(_prepared(person).filter(number__in=chosen)), person, None)
    return sorted(rows, key=lambda row: (row.disbursement.currency, row.payee, row.number))


def _form(request: HttpRequest, rows: list[ToRelease], posted: TogetherForm | None) -> TogetherForm:
    """The form of these rows: empty, or as it was sent; what moved on since may be among what was sent."""
    form = posted or TogetherForm(request=request, initial={"idempotency_key": ids.random_key()})
    moved_on = form.named if posted else []
    numbers = list(dict.fromkeys([*(row.number for row in rows), *moved_on]))
    form.look_at(numbers, [row.number for row in rows if row.alike and row.can_go])
    return form


def _review(request: HttpRequest, rows: list[ToRelease], form: TogetherForm, status: int) -> HttpResponse:
    going = [row for row in rows if row.can_go]
    sums = ", ".join(plain_money(money) for money in totals(going))
    button = ngettext(
        "Release %(count)s disbursement, %(sums)s", "Release %(count)s disbursements, %(sums)s", len(going)
    )
    context = {
        "form": form,
        "rows": rows,
        "going": going,
        "totals": with_words(totals(going)),
        "new_payees": sum(row.first_payment for row in going),
        "button": button % {"count": len(going), "sums": sums},
    }
    return render(request, "workflow/headquarters/release_together.html", context, status=status)


def _release(request: HttpRequest, person: User) -> HttpResponse:
    """Let go what was chosen; where nothing could be tried, show it once more with what is missing."""
    form = TogetherForm(request.POST, request=request)
    if form.is_valid() and (told := _let_go_once(request, person, form)):
        return redirect(told)
    rows = _chosen_rows(person, request.POST.getlist("numbers"))
    if not rows:
        return _choose(request, person, set())
    form = _form(request, rows, form)
    if form.is_valid():  # a reason is missing only for what cannot go anyway, which then says so
        return redirect(_let_go_once(request, person, form, whatever_is_missing=True))
    return _review(request, rows, form, 422)


def _let_go_once(request: HttpRequest, person: User, form: TogetherForm, *, whatever_is_missing: bool = False) -> str:
    key = form.cleaned_data["idempotency_key"]
    return once_for_many(request, key, lambda: _let_go(request, person, form, whatever_is_missing))


def _let_go(request: HttpRequest, person: User, form: TogetherForm, whatever_is_missing: bool) -> str:
    """Release each of what was chosen by itself; returns where it is told, or nothing while a reason is missing."""
    seen = set(_prepared(person).filter(number__in=form.cleaned_data["numbers"]).values_list("number", flat=True))
    requests = _requests_of(seen)
    looked = look_afresh(seen, clock.now())
    if not whatever_is_missing and looked.unexplained(form.explained()):
        return ""
    told = []
    for number in sorted(set(form.cleaned_data["numbers"])):
        row = looked.rows.get(number)
        told.append(_release_one(requests[row.reference], row, looked, person, form) if row else _moved_on(number))
    key = form.cleaned_data["idempotency_key"]
    kept = dict(list(request.session.get(_KEPT, {}).items())[-4:])
    request.session[_KEPT] = {**kept, key: told}
    return reverse("released_together") + f"?press={key}"


def _requests_of(numbers: set[str]) -> dict[str, AssistanceRequest]:
    """The requests that these disbursements pay for, locked in one question and always in the same order."""
    references = Disbursement.objects.filter(number__in=numbers).values("reference")
    rows = AssistanceRequest.objects.select_for_update().filter(reference__in=references).order_by("pk")
    return {row.reference: row for row in rows}


def _moved_on(number: str) -> dict[str, str]:
    """One that was stopped, released by somebody else, or whose request rests, since it was looked at."""
    return {"number": number, "money": "", "why": _("It is not waiting for release any more."), "code": "STATE-02"}


def _release_one(
    assistance: AssistanceRequest, row: Disbursement, looked: Looked, person: User, form: TogetherForm
) -> dict[str, str]:
    """Let one go, or say why it stays; one that stays does not keep the others."""
    said = {"number": row.number, "money": plain_money(row.money), "why": "", "code": ""}
    try:
        release(
            request_id=assistance.pk,
            numbers=[row.number],
            actor=person,
            at=clock.now(),
            explained=form.explained(),
            looked=looked,
            locked=assistance,
        )
    except Refusal as refusal:
        return {**said, "why": f"{refusal.why} {refusal.next_step}".strip(), "code": refusal.code}
    return said


@audience(Role.PAYER)
@require_safe
def released(request: HttpRequest) -> HttpResponse:
    """What a press of the button did, row by row; the same however often it is asked."""
    kept: dict[str, list[dict[str, str]]] = request.session.get(_KEPT, {})
    told = kept.get(request.GET.get("press", ""), [])
    went = [row for row in told if not row["code"]]
    words = ngettext("%(count)s disbursement released", "%(count)s disbursements released", len(went))
    context = {
        "told": told,
        "heading": words % {"count": len(went)},
        "stayed": len(told) - len(went),
    }
    return render(request, "workflow/headquarters/released.html", context)
