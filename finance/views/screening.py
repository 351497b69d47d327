"""Hits of the screening: what waits for two people, one hit with what is known, clearing it and confirming it.

Only headquarters sees these pages: whoever recorded the payee is not told that a name was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from finance.actions.screening import clear_hit_first, clear_hit_second, confirm_hit
from finance.forms.screening import ComparisonForm
from finance.models import ScreeningHit
from finance.screening.standing import list_refusal, newest_list
from finance.states import HitState
from finance.views.acting import Acts, ask_act, done
from finance.views.history import decisions_about, told
from finance.views.payees import details_rows
from finance.visibility import SEES_PAYEES_OF_ALL
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.figures import colon

ROWS = 25
_WAITS = (HitState.OPEN, HitState.CLEARED_ONCE)
_NAME_IS = {
    "strong": gettext_lazy("the name of the entry, or an alias of good quality"),
    "weak": gettext_lazy("an alias of low quality"),
    "original": gettext_lazy("the name in its own script"),
}
_BORN = {
    "agrees": gettext_lazy("the year of birth agrees"),
    "differs": gettext_lazy("the year of birth differs; only you decide what that means"),
    "not_known": gettext_lazy("no year of birth to compare"),
}


@audience(*SEES_PAYEES_OF_ALL)
@require_safe
def screening(request: HttpRequest) -> HttpResponse:
    """The list in force, and the hits: those that wait, or all (`?state=all`)."""
    rows = ScreeningHit.objects.select_related("payee_version__payee__mission", "entry").order_by("-id")
    everything = request.GET.get("state") == "all"
    shown = rows if everything else rows.filter(state__in=_WAITS)
    context = {
        "page": Paginator(shown, ROWS).get_page(request.GET.get("page")),
        "everything": everything,
        "newest": newest_list(),
        "stands_against": list_refusal(clock.now()),
    }
    return render(request, "finance/screening.html", context)


def _hit(key: str) -> ScreeningHit:
    rows = ScreeningHit.objects.select_related("payee_version__payee__mission", "entry")
    found: ScreeningHit = get_object_or_404(rows, key=key)
    return found


@audience(*SEES_PAYEES_OF_ALL)
@require_safe
def one_hit(request: HttpRequest, hit: str) -> HttpResponse:
    """One hit: the payee beside the entry, why it was found, and what was decided."""
    person: User = request.user  # type: ignore[assignment]
    found = _hit(hit)
    acts = Acts()
    address = reverse("clear_hit", args=[hit])
    for act in ("clear_hit_first", "clear_hit_second"):
        acts.offer(found, act, person, address, _("It is somebody else"), primary=True)
    acts.offer(found, "confirm_hit", person, reverse("confirm_hit", args=[hit]), _("It is the same"))
    context = {
        **_beside(found),
        "decisions": told(decisions_about([hit]), with_text=True),
        "open_acts": acts.open_acts,
        "closed_acts": acts.closed_acts,
    }
    return render(request, "finance/screening_hit.html", context)


def _beside(found: ScreeningHit) -> dict[str, Any]:
    """The payee's details and the entry's, side by side."""
    version = found.payee_version
    details = details_rows(version, whole_account=False)
    if version.born is not None:
        details.append({"label": _("Born"), "value": str(version.born)})
    reasons = found.reasons
    entry = [
        (_("Entry"), f"{found.entry.reference} · {found.entry.kind.lower()}"),
        (_("Names"), "; ".join(text for text, _quality in found.entry.names)),
        (_("Born"), ", ".join(_years(first, last) for first, last in found.entry.born) or "–"),
        (_("Listed on"), found.entry.listed_on or "–"),
        (_("Like which name"), f"{found.listed_name}{colon()} {_NAME_IS[str(reasons['name_is'])]}"),
        (
            _("How alike"),
            _("%(score)s of 100; the words %(words)s, the weakest word %(weakest)s, without blanks %(closed)s")
            % {
                "score": found.score,
                "words": reasons["words_alike"],
                "weakest": reasons["weakest_word"],
                "closed": reasons["without_blanks"],
            },
        ),
        (_("Birth"), str(_BORN[str(reasons["born"])])),
    ]
    rows = [{"label": label, "value": value} for label, value in entry]
    return {"hit": found, "payee": version.payee, "version": version, "details": details, "entry_rows": rows}


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


@audience(*SEES_PAYEES_OF_ALL)
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest, hit: str) -> HttpResponse:
    """It is somebody else: the first person says why, then a second one."""
    found = _hit(hit)
    first = found.state == HitState.OPEN
    act, action = ("clear_hit_first", clear_hit_first) if first else ("clear_hit_second", clear_hit_second)
    words = _("%(key)s is cleared by you. A second person compares too.") if first else _("%(key)s is cleared by two.")
    return _compare(request, found, act, action, words % {"key": hit}, "finance/screening_clear.html")


@audience(*SEES_PAYEES_OF_ALL)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, hit: str) -> HttpResponse:
    """It is the one on the list: these details are never paid."""
    words = _("%(key)s is confirmed. These details are never paid.") % {"key": hit}
    return _compare(request, _hit(hit), "confirm_hit", confirm_hit, words, "finance/screening_confirm.html")


def _compare(
    request: HttpRequest, found: ScreeningHit, act: str, action: Callable[..., Any], words: str, template: str
) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    ask_act(found, act, person)
    form = ComparisonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        decided = done(
            form,
            lambda: action(hit_id=found.pk, reason=reason, actor=person, at=clock.now()),
            otherwise="reason",
        )
        if decided is not None:
            messages.success(request, words)
            return redirect("screening_hit", hit=found.key)
    context = {**_beside(found), "form": form, "second": act == "clear_hit_second"}
    return render(request, template, context, status=422 if form.errors else 200)
