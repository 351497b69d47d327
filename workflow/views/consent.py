"""Consent of a request that was sent: recording it later or anew, and recording that it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.audience import audience
from workflow.actions.consent import record_consent, withdraw_consent
from workflow.forms.acts import ActForm
from workflow.forms.consent import RecordConsentForm, WithdrawConsentForm
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.views.act_pages import about, do, done, page_of_act, person_of, request_within_sight, require_open
from workflow.views.writing import WRITERS, pressed_twice


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """How the persons agree now, or why they still could not."""
    will_happen = [
        _("What was recorded before stays in the history."),
        _("While nobody could agree, only life-saving help is approved, confirmed and paid."),
        _("Other missions see the request only while the persons agree to sharing."),
    ]
    return _page(request, reference, "record_consent", record_consent, RecordConsentForm, will_happen)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """What the persons do not agree to any more."""
    will_happen = [
        _("What was taken back stops now: help that does not save life, sharing with other missions, referral."),
        _("Payments that have left are not called back; life-saving help goes on."),
        _("Whoever confirms funds and the fund manager are told."),
    ]
    return _page(request, reference, "withdraw_consent", withdraw_consent, WithdrawConsentForm, will_happen)


def _page(
    request: HttpRequest,
    reference: str,
    act: str,
    action: Callable[..., AssistanceRequest],
    form_of: Callable[..., ActForm],
    will_happen: list[str],
) -> HttpResponse:
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, act):
        return done(request, assistance, _("the consent is recorded."))
    require_open(assistance, act, person)
    form = form_of(assistance, request.POST) if request.method == "POST" else form_of(assistance)
    if form.is_bound and form.is_valid() and do(form, action, assistance, actor=person, **form.said()):
        return done(request, assistance, _("the consent is recorded."))
    missing = obstacles(assistance, act)
    context: dict[str, Any] = {
        "form": form,
        "about": about(assistance),
        "missing": missing,
        "will_happen": will_happen,
        "ends_it": act == "withdraw_consent",
        "may_be_done": form.is_bound or not missing,
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, act, context)
