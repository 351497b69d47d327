"""Crisis windows: which there are, recording one, opening it, and moving its last day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import NewRecord, ask_act, ask_permit, done, made_before, once
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.templatetags.formats import short_day
from workflow import policy
from workflow.actions import crisis_windows as actions
from workflow.crisis_windows import where
from workflow.forms.crisis_windows import CrisisWindowForm, WindowEndForm
from workflow.models import CrisisWindow
from workflow.states import WINDOW_COUNTS, CrisisWindowState
from workflow.views.act_pages import person_of

_ROWS_A_PAGE = 25
_RECORDS = (Role.ELIGIBILITY_REVIEWER, Role.FUND_MANAGER)
_CONFIRMS = (Role.BUDGET_APPROVER, Role.FUND_MANAGER)
_ACTS = {
    "open": "open_crisis_window",
    "discard": "discard_crisis_window",
    "confirm-end": "confirm_window_end",
    "refuse-end": "refuse_window_end",
}
_AT_THE_FORM = {"CRISIS-03": "last_day", "CRISIS-04": "first_day"}


@audience(*policy.READERS_OF_NORMS)
@require_safe
def crisis_windows(request: HttpRequest) -> HttpResponse:
    """Every window, the newest first day first; those that count today are marked."""
    person, today = person_of(request), clock.today()
    rows = CrisisWindow.objects.select_related("recorded_by", "confirmed_by", "asked_by")
    page = Paginator(rows.prefetch_related("places__mission"), _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    context = {
        "page": page,
        "rows": [_row(window, person, today) for window in page.object_list],
        "may_record": bool(roles_of(person) & {*_RECORDS}),
    }
    return render(request, "workflow/crisis_windows.html", context)


def _row(window: CrisisWindow, person: User, today: date) -> dict[str, Any]:
    counts = window.state in WINDOW_COUNTS
    return {
        "window": window,
        "where": where(window),
        "counts_today": counts and window.covers(today),
        "has_ended": counts and window.last_day < today,
        "acts": [{"url": url, "label": label} for url, label in _acts(window, person, today)],
    }


def _acts(window: CrisisWindow, person: User, today: date) -> Iterator[tuple[str, str]]:
    """What this person may do with a window now; whoever recorded it, or asked for another day, does not confirm it."""
    records, confirms = (bool(roles_of(person) & {*roles}) for roles in (_RECORDS, _CONFIRMS))
    if window.state == CrisisWindowState.RECORDED and confirms and window.recorded_by_id != person.pk:
        yield _page_of(window, "open"), _("Compare and open")
        yield _page_of(window, "discard"), _("Discard")
    if window.state == CrisisWindowState.OPEN and records and window.last_day >= today:
        yield reverse("crisis_window_end", args=[window.key]), _("Another last day")
    if window.state == CrisisWindowState.END_ASKED and confirms and window.asked_by_id != person.pk:
        yield _page_of(window, "confirm-end"), _("Compare and confirm")
        yield _page_of(window, "refuse-end"), _("Leave it as it is")


def _page_of(window: CrisisWindow, act: str) -> str:
    return reverse("crisis_window_act", args=[window.key, act])


@audience(*_RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def crisis_window_new(request: HttpRequest) -> HttpResponse:
    """Record a window; nothing is open before a second person opens it."""
    person = person_of(request)
    ask_permit(policy.MAY_RECORD_CRISIS_WINDOW, NewRecord(), "record_crisis_window", person)
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    form = CrisisWindowForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _record_once(request, form, person), _AT_THE_FORM)
        if address is not None:
            messages.success(request, _("The crisis window waits for a second person."))
            return redirect(address)
    context = {
        "form": form,
        "title": _("Record a crisis window"),
        "button": _("Record this window"),
        "effects": [
            _("A budget approver or another fund manager compares it and opens it."),
            _("From its first day to its last, missions may choose “Cannot meet basic needs in a crisis”."),
        ],
        "back": reverse("crisis_windows"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


def _record_once(request: HttpRequest, form: CrisisWindowForm, person: User) -> str:
    def record_it() -> str:
        actions.record_crisis_window(window=form.text(), actor=person, at=clock.now())
        return reverse("crisis_windows")

    return once(request, form.cleaned_data["idempotency_key"], record_it)


@audience(*_RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def crisis_window_end(request: HttpRequest, window: str) -> HttpResponse:
    """Ask for another last day, earlier or later."""
    found, person = _found(window), person_of(request)
    ask_act(found, "ask_window_end", person)
    form = WindowEndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = {"last_day": form.cleaned_data["last_day"], "reason": form.cleaned_data["reason"]}
        asked = done(
            form,
            lambda: actions.ask_window_end(window_id=found.pk, actor=person, at=clock.now(), **said),
            {"CRISIS-03": "last_day", "CRISIS-04": "last_day"},
        )
        if asked is not None:
            messages.success(request, _("The new last day waits for a second person."))
            return redirect("crisis_windows")
    context = {
        "form": form,
        "title": _("Another last day for %(key)s") % {"key": found.key},
        "button": _("Ask for this last day"),
        "effects": [
            _("Until a second person confirms it, the old last day counts."),
            _("A request that was begun or sent in the window keeps its category."),
        ],
        "back": reverse("crisis_windows"),
        "facts": _facts(found),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*_CONFIRMS)
@require_http_methods(["GET", "HEAD", "POST"])
def crisis_window_act(request: HttpRequest, window: str, act: str) -> HttpResponse:
    """Open a window or discard it; confirm a new last day or leave it as it is."""
    found = _found(window)
    if act not in _ACTS:
        raise Http404
    ask_act(found, _ACTS[act], person_of(request))
    asks_reason = act in ("discard", "refuse-end")

    def do(actor: User, reason: str) -> Any:
        said = {"reason": reason} if asks_reason else {}
        action = getattr(actions, _ACTS[act])
        return action(window_id=found.pk, actor=actor, at=clock.now(), **said)

    words = _words(act, found.key)
    page = PlainAct(
        title=words[0],
        button=words[1],
        done=words[2],
        effects=[words[3]],
        back=reverse("crisis_windows"),
        asks_reason=asks_reason,
        do=do,
        facts=_facts(found),
    )
    return plain_act(request, page)


def _found(key: str) -> CrisisWindow:
    rows = CrisisWindow.objects.select_related("recorded_by", "confirmed_by", "asked_by")
    return get_object_or_404(rows.prefetch_related("places__mission"), key=key)


def _words(act: str, key: str) -> tuple[str, str, str, str]:
    """Title, button, what is said afterwards, and what will happen."""
    if act == "open":
        return (
            _("Open %(key)s") % {"key": key},
            _("Open the crisis window"),
            _("The crisis window is open."),
            _("The missions concerned are told. On its days they may choose the category."),
        )
    if act == "discard":
        return (
            _("Discard %(key)s") % {"key": key},
            _("Discard the crisis window"),
            _("The crisis window is discarded."),
            _("It never counted. The record is kept."),
        )
    if act == "confirm-end":
        return (
            _("Confirm the new last day of %(key)s") % {"key": key},
            _("Confirm the new last day"),
            _("The new last day counts."),
            _("The missions concerned are told. A request begun in the window keeps its category."),
        )
    return (
        _("Leave the last day of %(key)s") % {"key": key},
        _("Leave the last day as it is"),
        _("The last day stays as it is."),
        _("The window goes on until the last day it has."),
    )


def _facts(window: CrisisWindow) -> list[tuple[str, Any]]:
    facts = [
        (_("Crisis"), window.crisis),
        (_("What counts while it lasts"), window.counts),
        (_("On what it rests"), window.source),
        (_("Where"), where(window)),
        (_("First day"), short_day(window.first_day)),
        (_("Last day"), short_day(window.last_day)),
        (_("Recorded by"), window.recorded_by),
    ]
    if window.asked_last_day:
        facts += [(_("New last day"), short_day(window.asked_last_day)), (_("Asked for by"), window.asked_by)]
    return facts
