"""The rails: what is paused and why, what lies on them, what came that is none of ours; and the acts about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.rails import LISTED, declare_unsent, look_again, open_pause, pause_rail, resume_rail
from finance.forms.fields import ReasonForm
from finance.models import Attempt, Disbursement, GatewayEvent, RailBalance, RailPause, ReceivedMessage, TopUp
from finance.states import Rail, RailPauseState
from finance.views.acting import ask_act, ask_permit, done
from finance.visibility import HEADQUARTERS_FINANCE, SEES_DISBURSEMENTS, SEES_RAILS, belongs_to, visible_disbursements
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.figures import colon
from gaf.money import Money
from gaf.policy import Question

ROWS = 25
# Why a rail is paused, and what ends it. Codes of the provider that are not named here are shown as they are.
PAUSE_WORDS = {
    "key_refused": gettext_lazy(
        "The provider did not accept our key. Put the new key in the settings; what waits then leaves by itself."
    ),
    "forbidden": gettext_lazy(
        "The provider does not let our key do this. The system administrator gives it the right."
    ),
    "balance_too_low": gettext_lazy(
        "The balance does not cover everything that waits, so none of it was sent. Top the balance up; it then leaves "
        "by itself."
    ),
    "balance_negative": gettext_lazy(
        "The provider took more than was there: the balance is below zero. Cover it, then resume the rail."
    ),
    "by_hand": gettext_lazy("A person paused it."),
}
LISTED_UNKNOWN = f"{LISTED}_unknown"
# Why the worker leaves a disbursement alone, and what to do.
HELD_WORDS = {
    "too_old_to_resend": gettext_lazy(
        "We asked the provider and it holds nothing of it, but the try is too old to be sent again under its key. Look "
        "again; if it is still not there, say that it never left, and prepare a re-payment."
    ),
    "idempotency_error": gettext_lazy(
        "The provider knows this try with another amount or payee. Nothing more is sent. Find out what was changed."
    ),
    "held_at_account": gettext_lazy(
        "Transferred, not paid out: the money is at the payee's account at the provider. It is not paid. When the "
        "account is in order, look again: the payout is tried anew, or the money brought back."
    ),
    "needs_confirmation": gettext_lazy(
        "Stripe asks that its fees and the recipient's name be looked at before it pays. Look at them there, then look "
        "again: that confirms it."
    ),
    LISTED: gettext_lazy(
        "A name of the payee is like one on the sanctions list since it was released. Nothing leaves. Two people who "
        "neither recorded the payee nor release the money compare and clear it, and then it leaves by itself; if it is "
        "the same, stop it."
    ),
    LISTED_UNKNOWN: gettext_lazy(
        "A name of the payee is like one on the sanctions list, and nobody knows whether it left. Nothing more is "
        "sent. Once two people have cleared it, it goes on by itself. If it is confirmed, what lies half-way is "
        "brought back; if the provider holds nothing of it an hour after the last call, say that it never left."
    ),
    "found_twice": gettext_lazy("The provider holds this try twice. Ask the provider before anything else."),
    "partly_back": gettext_lazy("A part of the money was brought back at the provider. Find out who did that."),
    "answer_differs": gettext_lazy("The provider answered with another amount or account than it was asked for."),
    "other_bytes": gettext_lazy("A file of this name with other bytes lies in the bank's folder."),
}


def held_words(attempt: Attempt, reader: User) -> str:
    """Why the worker leaves a disbursement alone, in words; a name on a list is told to headquarters only."""
    code = attempt.held_code
    if code == LISTED and attempt.disbursement.state == "UNKNOWN":
        code = LISTED_UNKNOWN
    if code in (LISTED, LISTED_UNKNOWN) and not belongs_to(reader, HEADQUARTERS_FINANCE):
        return _("Headquarters looks into it.")
    return str(HELD_WORDS.get(code, _("The provider's answer needs a person (%(code)s).") % {"code": code}))


@audience(*SEES_RAILS)
@require_safe
def rails(request: HttpRequest) -> HttpResponse:
    """Each rail with its pause, its balance as last seen, its top-ups; what waits for a person; what was set apart."""
    person: User = request.user  # type: ignore[assignment]
    apart = GatewayEvent.objects.exclude(quarantine="").order_by("-id")[:ROWS]
    held = Attempt.objects.exclude(held_code="").exclude(state="FAILED").select_related("disbursement")[:ROWS]
    context = {
        "rails": [_rail(kind, str(label), person) for kind, label in Rail.choices],
        "held": [(one.disbursement, held_words(one, person)) for one in held],
        "stranded": Disbursement.objects.filter(
            attempts__code__startswith="stranded:", state__in=["UNKNOWN", "SENT", "CONFIRMED"]
        ),
        "apart": apart,
        "refused": _refused_lately(),
        "top_ups": TopUp.objects.all()[:ROWS],
        "past": RailPause.objects.filter(state=RailPauseState.RESUMED)[:ROWS],
        "sees_disbursements": belongs_to(person, SEES_DISBURSEMENTS),
        "may_pause": bool(policy.MAY_PAUSE_RAIL.role_used(Question(RailPause(), "pause_rail", person))),
    }
    return render(request, "finance/rails.html", context)


def _rail(kind: str, label: str, person: User) -> dict[str, Any]:
    pause = open_pause(kind)
    waiting = Disbursement.objects.filter(bank_account__rail=kind, state="RELEASED").count()
    return {
        "kind": kind,
        "label": label,
        "pause": pause,
        "why": str(PAUSE_WORDS.get(pause.code, pause.code)) if pause else "",
        "sums": _sums(pause),
        "numbers": pause.facts.get("numbers", []) if pause else [],
        "balances": list(RailBalance.objects.filter(rail=kind)),
        "waiting": waiting,
        "may_resume": pause is not None and not policy.MAY_RESUME_RAIL.why_not(Question(pause, "resume_rail", person)),
    }


def _sums(pause: RailPause | None) -> dict[str, Money]:
    """What was there and what was needed, where the pause is about that."""
    facts = pause.facts if pause else {}
    currency = facts.get("currency", "")
    return {name: Money(facts[name], currency) for name in ("available", "needed") if currency and name in facts}


def _refused_lately() -> list[tuple[str, int]]:
    """Messages that were not believed in the last week, by what was found about their signature."""
    week = clock.now() - timedelta(days=7)
    rows = ReceivedMessage.objects.filter(received_at__gte=week).exclude(verdict="genuine").order_by()
    counted = rows.values_list("verdict").annotate(n=Count("pk"))
    words = {
        "too_old": _("signed more than five minutes before they came: compare this machine's clock"),
        "from_the_future": _("signed after they came: compare this machine's clock"),
    }
    return [(str(words.get(verdict, _("not signed by the provider"))), n) for verdict, n in counted]


class PauseForm(ReasonForm):
    """Which rail, and why."""

    rail = forms.ChoiceField(label=gettext_lazy("Rail"), choices=Rail.choices, widget=forms.RadioSelect)
    field_order = ["rail", "reason"]


@dataclass(frozen=True)
class RailAct:
    """An act of one page: what will happen, its button, its action, and what is said afterwards."""

    name: str
    button: str | Promise
    happens: tuple[str | Promise, ...]
    action: Callable[..., Any]
    afterwards: str | Promise


RESUME = RailAct(
    "resume_rail",
    gettext_lazy("Resume the rail"),
    (
        gettext_lazy("What waits leaves within a minute, in the order in which it was released."),
        gettext_lazy("Nothing is sent twice: each goes on under the key it had."),
    ),
    resume_rail,
    gettext_lazy("The rail goes on."),
)
LOOK = RailAct(
    "look_again",
    gettext_lazy("Look again"),
    (
        gettext_lazy("The worker reads the provider's books within a minute, before it does anything."),
        gettext_lazy("What they hold is finished; what they do not hold is not sent again once it is too old."),
    ),
    look_again,
    gettext_lazy("The provider is asked again within a minute."),
)
UNSENT = RailAct(
    "declare_unsent",
    gettext_lazy("Say that it never left"),
    (
        gettext_lazy("You say that the provider's books, read within the hour, hold nothing of it."),
        gettext_lazy("It is never sent again under its key. Should it turn up all the same, people are told."),
        gettext_lazy("It counts as failed; its commitment is open again and a re-payment can be prepared."),
    ),
    declare_unsent,
    gettext_lazy("It counts as failed. Nothing left."),
)


def _form(request: HttpRequest) -> ReasonForm:
    return ReasonForm(request.POST if request.method == "POST" else None)


def _page(request: HttpRequest, act: RailAct, title: str, back: str, form: ReasonForm, note: str = "") -> HttpResponse:
    context = {"form": form, "act": act, "title": title, "back": back, "note": note}
    return render(request, "finance/rail_act.html", context, status=422 if form.errors else 200)


@audience(*SEES_RAILS)
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest) -> HttpResponse:
    """A person lets nothing new leave by a rail."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_PAUSE_RAIL, RailPause(), "pause_rail", person)
    form = PauseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        pause_rail(
            rail=form.cleaned_data["rail"],
            code="by_hand",
            actor=person,
            at=clock.now(),
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("Nothing new leaves by this rail."))
        return redirect("rails")
    happens = (
        _("Nothing new leaves by it until somebody resumes it. What is released keeps its place."),
        _("What is under way already is still asked about."),
    )
    act = RailAct("pause_rail", _("Pause the rail"), happens, pause_rail, "")
    return _page(request, act, _("Pause a rail"), reverse("rails"), form)


@audience(*SEES_RAILS)
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, pause: str) -> HttpResponse:
    """A person lets a rail go on."""
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(RailPause, key=pause)
    ask_act(row, "resume_rail", person)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if done(form, lambda: resume_rail(pause_id=row.pk, actor=person, at=clock.now(), reason=reason)) is not None:
            messages.success(request, str(RESUME.afterwards))
            return redirect("rails")
    title = _("Resume %(rail)s") % {"rail": row.get_rail_display()}
    return _page(request, RESUME, title, reverse("rails"), form, str(PAUSE_WORDS.get(row.code, row.code)))


@audience(*SEES_DISBURSEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def look_again_page(request: HttpRequest, number: str) -> HttpResponse:
    """Somebody looked into what stopped a disbursement."""
    return _about_disbursement(request, number, LOOK)


@audience(*SEES_DISBURSEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def declare_unsent_page(request: HttpRequest, number: str) -> HttpResponse:
    """Somebody says that nothing left."""
    return _about_disbursement(request, number, UNSENT)


def _about_disbursement(request: HttpRequest, number: str, act: RailAct) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(visible_disbursements(person), number=number)
    ask_act(row, act.name, person)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        wanted = {"number": number, "reason": form.cleaned_data["reason"], "actor": person, "at": clock.now()}
        if done(form, lambda: act.action(**wanted)) is not None:
            messages.success(request, str(act.afterwards))
            return redirect("disbursement", number=number)
    held = row.attempts.exclude(held_code="").first()
    note = held_words(held, person) if held else ""
    back = reverse("disbursement", args=[number])
    return _page(request, act, f"{act.button}{colon()} {number}", back, form, note)
