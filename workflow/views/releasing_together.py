"""Releasing disbursements of several requests together: choose, look at them once more, prove who you are, let go.

Each goes or stays by itself, and the answer says row by row which did. Pressing twice shows the first answer again.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

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
_NUMBER = re.compile(r"P-[0-9]{4}-[0-9]{5,8}")
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


def _form(request: HttpRequest, rows: list[ToRelease], posted: Any) -> TogetherForm:
    moved_on = [number for number in (posted.getlist("numbers") if posted else []) if _NUMBER.fullmatch(number)]
    return TogetherForm(
        posted,
        request=request,
        numbers=list(dict.fromkeys([*(row.number for row in rows), *moved_on])),
        alike=[row.number for row in rows if row.alike and row.can_go],
        initial={"idempotency_key": ids.random_key()},
    )


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
    rows = _chosen_rows(person, request.POST.getlist("numbers"))
    form = _form(request, rows, request.POST)
    if not form.is_valid():
        if not rows:
            return _choose(request, person, set())
        return _review(request, rows, form, 422)
    key = form.cleaned_data["idempotency_key"]

    def let_go() -> str:
        here = {row.number: row for row in rows}
        told = [
            _release_one(here[number], person, form) if number in here else _moved_on(number)
            for number in sorted(set(form.cleaned_data["numbers"]))
        ]
        kept = dict(list(request.session.get(_KEPT, {}).items())[-4:])
        request.session[_KEPT] = {**kept, key: told}
        return reverse("released_together") + f"?press={key}"

    return redirect(once_for_many(request, key, let_go))


def _moved_on(number: str) -> dict[str, str]:
    """One that was stopped, released by somebody else, or whose request rests, since it was looked at."""
    return {"number": number, "money": "", "why": _("It is not waiting for release any more."), "code": "STATE-02"}


def _release_one(row: ToRelease, person: User, form: TogetherForm) -> dict[str, str]:
    """Let one go, or say why it stays; one that stays does not keep the others."""
    said = {"number": row.number, "money": plain_money(row.disbursement.money), "why": "", "code": ""}
    try:
        assistance = AssistanceRequest.objects.get(reference=row.disbursement.reference)
        release(
            request_id=assistance.pk,
            numbers=[row.number],
            actor=person,
            at=clock.now(),
            explained=form.explained(),
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
