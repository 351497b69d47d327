"""Published lists of rates: imported by one person, compared and approved whole by another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.rate_lists import approve_rates, discard_rates, import_rates, missing_from, rows_of
from finance.forms.months import RateListForm
from finance.models import ExchangeRate, RateList
from finance.states import RateListState, RateState
from finance.views.acting import NewRecord, ask_act, ask_permit, done, may
from finance.views.plain_act import PlainAct, plain_act
from finance.visibility import SEES_RATES
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience

ROWS = 25


@audience(*SEES_RATES)
@require_safe
def rate_lists(request: HttpRequest) -> HttpResponse:
    """Every list, newest first."""
    person: User = request.user  # type: ignore[assignment]
    rows = RateList.objects.select_related("imported_by", "approved_by").defer("content")
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "may_import": may(policy.MAY_IMPORT_RATES, person),
    }
    return render(request, "finance/rate_lists.html", context)


@audience(*SEES_RATES)
@require_http_methods(["GET", "HEAD", "POST"])
def rate_list_new(request: HttpRequest) -> HttpResponse:
    """Import a list; the first wrong thing in it is named and nothing of it is kept."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_IMPORT_RATES, NewRecord(), "import_rates", person)
    posted = request.method == "POST"
    form = RateListForm(request.POST, request.FILES) if posted else RateListForm()
    if posted and form.is_valid():
        made = done(
            form,
            lambda: import_rates(**form.said(), actor=person, at=clock.now()),
            {"RATE-08": "counts_from"},
            otherwise="file",
        )
        if made is not None:
            messages.success(request, _("The list waits for a second person."))
            return redirect("rate_list", rates=made.key)
    context = {
        "form": form,
        "title": _("Import a list of rates"),
        "button": _("Import this list"),
        "effects": [
            _("The whole list is read or none of it. The first thing that is wrong is named."),
            _("A second person compares it with where it was published. Until then the rates before it count."),
            _("A currency that the list does not name keeps its rate. What was booked stays as it is."),
        ],
        "back": reverse("rate_lists"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*SEES_RATES)
@require_safe
def rate_list(request: HttpRequest, rates: str) -> HttpResponse:
    """One list: what it brings, beside what counts now."""
    found = get_object_or_404(RateList.objects.select_related("imported_by", "approved_by"), key=rates)
    person: User = request.user  # type: ignore[assignment]
    context = {
        "list": found,
        "rows": _compared(found),
        "missing": missing_from(found),
        "waits": found.state == RateListState.IMPORTED,
        "may_approve": may(policy.MAY_APPROVE_RATES, person),
        "may_discard": may(policy.MAY_DISCARD_RATES, person),
    }
    return render(request, "finance/rate_list.html", context)


def _compared(found: RateList) -> list[dict[str, Any]]:
    """Each rate of the list, with the newest one before its day."""
    listed = rows_of(found)
    before: dict[str, ExchangeRate] = {}
    days = {rate.currency: rate.day for rate in listed}
    known = ExchangeRate.objects.filter(currency__in=days, state=RateState.APPROVED).order_by("effective_from")
    for rate in known.exclude(rate_list=found):
        if rate.effective_from < days[rate.currency]:
            before[rate.currency] = rate
    return [
        {"rate": rate, "before": before.get(rate.currency), "change": _change(rate.units, before.get(rate.currency))}
        for rate in listed
    ]


def _change(units: Any, before: ExchangeRate | None) -> Any:
    """By how many hundredths it differs."""
    if before is None:
        return None
    return ((units - before.units_per_usd) / before.units_per_usd * 100).quantize(type(units)("0.1"))


@audience(*SEES_RATES)
@require_http_methods(["GET", "HEAD", "POST"])
def rate_list_act(request: HttpRequest, rates: str, act: str) -> HttpResponse:
    """Approve a list whole, or discard it."""
    found = get_object_or_404(RateList.objects.select_related("imported_by"), key=rates)
    if act not in ("approve", "discard"):
        raise Http404
    approves = act == "approve"
    person: User = request.user  # type: ignore[assignment]
    ask_act(found, f"{act}_rates", person)

    def do(actor: User, reason: str) -> Any:
        if approves:
            return approve_rates(list_id=found.pk, actor=actor, at=clock.now())
        return discard_rates(list_id=found.pk, reason=reason, actor=actor, at=clock.now())

    count = len(found.rows)
    brings = ngettext("%(n)s rate counts from its day on.", "%(n)s rates count from their day on.", count) % {
        "n": count
    }
    return plain_act(
        request,
        PlainAct(
            title=_("Approve this list of rates") if approves else _("Discard this list of rates"),
            button=_("Approve the whole list") if approves else _("Discard the list"),
            done=_("The list is approved.") if approves else _("The list is discarded."),
            effects=[brings, _("You say that you compared it with where it was published.")]
            if approves
            else [_("None of its rates counts. The file is kept.")],
            back=reverse("rate_list", args=[rates]),
            do=do,
            asks_reason=not approves,
            facts=[
                (_("Which list"), found.get_kind_display()),
                (_("Where it was published"), found.source),
                (_("Imported by"), found.imported_by),
                (_("SHA-256 of the file"), found.file_sha256),
            ],
        ),
    )
