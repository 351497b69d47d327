"""Agreements and pledges of donors: what is signed, what is only promised, and who confirmed it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions import agreements as actions
from finance.actions.agreements import Terms
from finance.forms.months import AgreementForm, PledgeForm
from finance.models import Agreement, FundingStream, Pledge
from finance.views.acting import NewRecord, ask_act, ask_permit, done, may
from finance.views.plain_act import PlainAct, plain_act
from finance.visibility import SEES_FUND
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.money import Money
from gaf.templatetags.formats import short_day

ROWS = 25


@audience(*SEES_FUND)
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """Every agreement and every pledge; `stream` shows those of one stream."""
    person: User = request.user  # type: ignore[assignment]
    code = request.GET.get("stream", "")
    signed = Agreement.objects.select_related("stream", "recorded_by", "confirmed_by")
    pledged = Pledge.objects.select_related("stream", "agreement")
    if code:
        signed, pledged = signed.filter(stream__code=code), pledged.filter(stream__code=code)
    with_cash: Any = signed.annotate(cash=Sum("receipts__usd_minor")).order_by("stream__code", "-signed_on", "key")
    page = Paginator(with_cash, ROWS).get_page(request.GET.get("page"))
    pledges = Paginator(pledged, ROWS).get_page(request.GET.get("pledges"))
    context = {
        "page": page,
        "rows": [(one, Money(one.usd_minor, "USD"), Money(one.cash or 0, "USD")) for one in page.object_list],
        "pledges": pledges,
        "pledge_rows": [(one, Money(one.usd_minor, "USD")) for one in pledges.object_list],
        "may_record": may(policy.MAY_RECORD_AGREEMENT, person),
        "may_confirm": may(policy.MAY_CONFIRM_AGREEMENT, person),
        "today": clock.today(),
        "code": code,
    }
    return render(request, "finance/agreements.html", context)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def pledge_new(request: HttpRequest) -> HttpResponse:
    """Record what a donor promised."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_RECORD_AGREEMENT, NewRecord(), "record_pledge", person)
    form = PledgeForm(request.POST if request.method == "POST" else None, streams=FundingStream.objects.all())
    if request.method == "POST" and form.is_valid():
        made = done(
            form,
            lambda: actions.record_pledge(**form.said(), actor=person, at=clock.now()),
            {"RATE-01": "pledged_on"},
        )
        if made is not None:
            messages.success(request, _("The pledge is recorded."))
            return redirect("agreements")
    context = {
        "form": form,
        "title": _("Record a pledge"),
        "button": _("Record this pledge"),
        "effects": [_("It is shown beside the stream. Nothing of it can be spent.")],
        "back": reverse("agreements"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_new(request: HttpRequest) -> HttpResponse:
    """Record a signed agreement, to be confirmed by a second person."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_RECORD_AGREEMENT, NewRecord(), "record_agreement", person)
    form = AgreementForm(
        request.POST if request.method == "POST" else None,
        streams=FundingStream.objects.all(),
        pledges=Pledge.objects.filter(agreement=None),
    )
    if request.method == "POST" and form.is_valid():
        made = done(
            form,
            lambda: actions.record_agreement(terms=Terms(**form.said()), actor=person, at=clock.now()),
            {"RATE-01": "signed_on", "AGREE-02": "ends_on", "AGREE-04": "key"},
        )
        if made is not None:
            messages.success(request, _("The agreement waits for a second person."))
            return redirect("agreements")
    context = {
        "form": form,
        "title": _("Record an agreement"),
        "button": _("Record this agreement"),
        "effects": [
            _("A second person compares it with the signed paper."),
            _("After the day for new commitments, older ones are paid until the final payment."),
        ],
        "back": reverse("agreements"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_act(request: HttpRequest, agreement: str, act: str) -> HttpResponse:
    """Confirm an agreement, or discard the record."""
    found = get_object_or_404(Agreement.objects.select_related("stream", "recorded_by"), key=agreement)
    if act not in ("confirm", "discard"):
        raise Http404
    confirms = act == "confirm"
    person: User = request.user  # type: ignore[assignment]
    ask_act(found, f"{act}_agreement", person)

    def do(actor: User, reason: str) -> Any:
        if confirms:
            return actions.confirm_agreement(agreement_id=found.pk, actor=actor, at=clock.now())
        return actions.discard_agreement(agreement_id=found.pk, reason=reason, actor=actor, at=clock.now())

    return plain_act(
        request,
        PlainAct(
            title=_("Confirm this agreement") if confirms else _("Discard this agreement"),
            button=_("Confirm it") if confirms else _("Discard it"),
            done=_("The agreement is confirmed.") if confirms else _("The agreement is discarded."),
            effects=_effects(found) if confirms else [_("It never counted. The record is kept.")],
            back=reverse("agreements"),
            do=do,
            asks_reason=not confirms,
            facts=_facts(found),
        ),
    )


def _effects(found: Agreement) -> list[str]:
    first = _("You say that you compared the record with the signed paper.")
    if found.spend_before_receipt:
        return [first, _("The whole amount is free from now on, before its cash has come.")]
    return [first, _("Only cash that was received can be spent.")]


def _facts(found: Agreement) -> list[tuple[str, Any]]:
    nothing = _("not set")
    return [
        (_("Donor"), found.donor),
        (_("Stream"), found.stream),
        (_("Amount"), found.money),
        (_("Signed on"), short_day(found.signed_on)),
        (_("New commitments until"), short_day(found.ends_on) if found.ends_on else nothing),
        (_("Final payment on"), short_day(found.final_payment_on) if found.final_payment_on else nothing),
        (_("Recorded by"), found.recorded_by),
    ]
