"""Recording what the fund runs on: rates of exchange, with their second person, and the cash of donors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.chart import record_receipt
from finance.actions.rates import approve_rate, enter_rate
from finance.forms.fields import ConfirmForm
from finance.forms.fund import RateForm, ReceiptForm
from finance.models import Agreement, BankAccount, ExchangeRate, FundingStream
from finance.states import AgreementState, RateState
from finance.views.acting import NewRecord, ask_act, ask_permit, ask_role, done, made_before, may, once
from finance.visibility import SEES_FUND, SEES_RATES
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience

ROWS = 25


@audience(*SEES_RATES)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Every rate, newest first; the ones that wait for a second person come before."""
    person: User = request.user  # type: ignore[assignment]
    rows = ExchangeRate.objects.select_related("entered_by", "approved_by").order_by("-effective_from", "currency")
    context = {
        "page": Paginator(rows.filter(state=RateState.APPROVED), ROWS).get_page(request.GET.get("page")),
        "entered": list(rows.filter(state=RateState.ENTERED)[: ROWS * 4]),
        "may_enter": may(policy.MAY_ENTER_RATE, person),
        "may_approve": may(policy.MAY_APPROVE_RATE, person),
    }
    return render(request, "finance/rates.html", context)


@audience(*SEES_RATES)
@require_http_methods(["GET", "HEAD", "POST"])
def rate_new(request: HttpRequest) -> HttpResponse:
    """Enter a rate; it counts once a second person has compared it with its source."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_ENTER_RATE, NewRecord(), "enter_rate", person)
    form = RateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wanted = {**form.cleaned_data, "actor": person, "at": clock.now()}
        rate = done(form, lambda: enter_rate(**wanted), {"RATE-03": "effective_from"})
        if rate is not None:
            messages.success(request, _("The rate of %(currency)s waits for approval.") % {"currency": rate.currency})
            return redirect("rates")
    return render(request, "finance/rate_new.html", {"form": form}, status=422 if form.errors else 200)


@audience(*SEES_RATES)
@require_http_methods(["GET", "HEAD", "POST"])
def rate_approve(request: HttpRequest, currency: str, day: date) -> HttpResponse:
    """The second person compared the rate with its source."""
    person: User = request.user  # type: ignore[assignment]
    rate = get_object_or_404(ExchangeRate.objects.select_related("entered_by"), currency=currency, effective_from=day)
    ask_act(rate, "approve_rate", person)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        approved = done(form, lambda: approve_rate(rate_id=rate.pk, actor=person, at=clock.now()))
        if approved is not None:
            messages.success(request, _("The rate of %(currency)s counts now.") % {"currency": currency})
            return redirect("rates")
    earlier = ExchangeRate.objects.filter(currency=currency, state=RateState.APPROVED, effective_from__lt=day)
    before = earlier.order_by("-effective_from").first()
    context = {"form": form, "rate": rate, "before": before, "change": _change(rate, before)}
    return render(request, "finance/rate_approve.html", context, status=422 if form.errors else 200)


def _change(rate: ExchangeRate, before: ExchangeRate | None) -> Decimal | None:
    """By how many hundredths the rate differs from the last one."""
    if before is None:
        return None
    share = (rate.units_per_usd - before.units_per_usd) / before.units_per_usd * 100
    return share.quantize(Decimal("0.1"))


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def receipt_new(request: HttpRequest) -> HttpResponse:
    """Record cash of a donor: free money of its stream from now on."""
    person: User = request.user  # type: ignore[assignment]
    ask_role(policy.MAY_RECORD_RECEIPT, "record_receipt", person)
    made = made_before(request)
    if made:
        return redirect(made)
    form = ReceiptForm(
        request.POST if request.method == "POST" else None,
        streams=list(FundingStream.objects.all()),
        accounts=list(BankAccount.objects.all()),
        agreements=list(Agreement.objects.filter(state=AgreementState.IN_FORCE).select_related("stream")),
    )
    if request.method == "POST" and form.is_valid():
        address = done(
            form, lambda: _record_once(request, form, person), {"RATE-01": "received_on", "AGREE-05": "agreement"}
        )
        if address is not None:
            messages.success(request, _("Receipt %(key)s is recorded.") % {"key": form.cleaned_data["key"]})
            return redirect(address)
    ask_permit(policy.MAY_RECORD_RECEIPT, NewRecord(), "record_receipt", person)
    return render(request, "finance/receipt_new.html", {"form": form}, status=422 if form.errors else 200)


def _record_once(request: HttpRequest, form: ReceiptForm, person: User) -> str:
    typed = form.cleaned_data

    def record_it() -> str:
        receipt = record_receipt(
            key=typed["key"],
            stream=form.streams[typed["stream"]],
            bank_account=form.accounts[typed["account"]],
            money=typed["money"],
            received_on=typed["received_on"],
            agreement=form.agreements.get(typed["agreement"]),
            actor=person,
            at=clock.now(),
        )
        return reverse("fund_stream", args=[receipt.stream.code])

    return once(request, typed["idempotency_key"], record_it)
