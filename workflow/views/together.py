"""One act on several requests of the list: look at them once more, say so, and read row by row what happened.

Only acts that decide nothing about money stand here. Each request is asked by itself through the same gate as on its
own page; one that refuses does not keep the others. Pressing twice shows the first answer again.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import made_before, once_for_many
from gaf import ids
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.refusals import Refusal
from workflow.models import AssistanceRequest
from workflow.queries import visible_to
from workflow.together import TOGETHER, Together
from workflow.views.act_pages import READERS, person_of
from workflow.views.requests_list import ROWS_A_PAGE, row_of

_KEPT = "done_together"


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest) -> HttpResponse:
    """What was ticked (`?act=…&references=…`), once more; then the act on each of them."""
    said = request.POST if request.method == "POST" else request.GET
    if "act" not in said:
        return redirect("requests")
    act = TOGETHER.get(said["act"])
    if act is None:
        raise Http404
    person = person_of(request)
    if request.method == "POST" and (made := made_before(request)):
        return redirect(made)
    chosen = list(dict.fromkeys(said.getlist("references")))[:ROWS_A_PAGE]
    rows = list(visible_to(person).filter(reference__in=chosen).order_by("reference"))
    form = act.form(request.POST if request.method == "POST" else None, initial={"idempotency_key": ids.random_key()})
    if form.is_bound and form.is_valid() and rows:
        key = form.cleaned_data["idempotency_key"]
        return redirect(once_for_many(request, key, lambda: _do(request, key, act, rows, person)))
    context = {
        "form": form,
        "label": act.label,
        "act": said["act"],
        "rows": [row_of(one) for one in rows],
        "too_many": len(set(said.getlist("references"))) > ROWS_A_PAGE,
        "most": ROWS_A_PAGE,
        "back_url": reverse("requests"),
    }
    return render(request, "workflow/together.html", context, status=422 if form.errors else 200)


def _do(request: HttpRequest, key: str, act: Together, rows: list[AssistanceRequest], person: User) -> str:
    """Do it on each, keep what happened for the page that tells it; returns where that page stands."""
    told = [_do_one(one, act, person) for one in rows]
    kept = dict(list(request.session.get(_KEPT, {}).items())[-4:])
    request.session[_KEPT] = {**kept, key: told}
    return f"{reverse('done_together')}?press={key}"


def _do_one(assistance: AssistanceRequest, act: Together, person: User) -> dict[str, str]:
    told = {"reference": assistance.reference, "words": str(act.done), "code": ""}
    try:
        act.action(assistance, person)
    except Refusal as refusal:
        return {**told, "words": f"{refusal.why} {refusal.next_step}".strip(), "code": refusal.code}
    return told


@audience(*READERS)
@require_safe
def done_together(request: HttpRequest) -> HttpResponse:
    """What a press of the button did, row by row; the same however often it is asked."""
    kept: dict[str, list[dict[str, Any]]] = request.session.get(_KEPT, {})
    told = kept.get(request.GET.get("press", ""), [])
    context = {
        "told": told,
        "went": sum(not row["code"] for row in told),
        "stayed": sum(bool(row["code"]) for row in told),
    }
    return render(request, "workflow/done_together.html", context)
