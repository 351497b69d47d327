"""Months of the books: which are open, who may still book into one that is closing, and what came too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions import periods as actions
from finance.actions.revaluation import positions, revalue
from finance.forms.months import ExceptionForm
from finance.models import AccountingPeriod, Journal, PeriodException
from finance.periods import last_day_of, month_after, month_of
from finance.queries import NoRate
from finance.states import PeriodState
from finance.views.acting import NewRecord, ask_act, ask_permit, done, may, moved_on
from finance.views.plain_act import PlainAct, plain_act
from finance.visibility import SEES_FUND
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import people_with_any
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.templatetags.formats import month as in_words
from gaf.templatetags.formats import short_day

SHOWN = 18
P = PeriodState
BOOKS = (Role.CERTIFYING_OFFICER, Role.FUND_MANAGER, Role.RECONCILER)


@dataclass(frozen=True)
class Month:
    """One row of the list."""

    period: AccountingPeriod
    journals: int
    late: int
    revalued: bool
    ended: bool


@audience(*SEES_FUND)
@require_safe
def months(request: HttpRequest) -> HttpResponse:
    """The last months, newest first, with what may be done with each."""
    person: User = request.user  # type: ignore[assignment]
    context = {
        "months": _months(),
        "exceptions": list(
            PeriodException.objects.select_related("period", "person", "asked_by", "approved_by").order_by(
                "-period__month", "-number"
            )[:SHOWN]
        ),
        "may_close": may(policy.MAY_SOFT_CLOSE, person),
        "may_ask": may(policy.MAY_ASK_EXCEPTION, person),
        "may_give": may(policy.MAY_APPROVE_EXCEPTION, person),
        "now": clock.now(),
    }
    return render(request, "finance/months.html", context)


def _months() -> list[Month]:
    shown = [month_of(clock.today())]
    while len(shown) < SHOWN:
        shown.append(month_of(date.fromordinal(shown[-1].toordinal() - 1)))
    rows = {period.month: period for period in AccountingPeriod.objects.filter(month__gte=shown[-1])}
    dated = Journal.objects.filter(dated_on__gte=shown[-1]).order_by()
    counts: dict[date, int] = {}
    for day, count in dated.values_list("dated_on").annotate(count=Count("id")):
        counts[month_of(day)] = counts.get(month_of(day), 0) + count
    late = dict(dated.exclude(late_for=None).values_list("late_for").annotate(count=Count("id")))
    done_before = set(Journal.objects.filter(kind="revalue", dated_on__gte=shown[-1]).values_list("key", flat=True))
    return [
        Month(
            period=rows.get(month) or AccountingPeriod(month=month),
            journals=counts.get(month, 0),
            late=late.get(month, 0),
            revalued=f"REVALUE-{month:%Y-%m}" in done_before,
            ended=last_day_of(month) < clock.today(),
        )
        for month in shown
    ]


def _period(month: date) -> AccountingPeriod:
    return AccountingPeriod.objects.filter(month=month).first() or AccountingPeriod(month=month)


Maker = Callable[[AccountingPeriod], PlainAct]


def _soft_close(period: AccountingPeriod) -> PlainAct:
    return PlainAct(
        title=_("Close %(month)s for all but a few") % {"month": in_words(period.month)},
        button=_("Close for all but a few"),
        done=_("The month is closing."),
        effects=[
            _("Only people with an exception book into it; what comes late is dated in the next open month."),
            _("A second person closes it for good, or it is opened again."),
        ],
        back=reverse("months"),
        do=lambda person, _reason: actions.soft_close(month=period.month, actor=person, at=clock.now()),
    )


def _reopen(period: AccountingPeriod) -> PlainAct:
    return PlainAct(
        title=_("Open %(month)s again") % {"month": in_words(period.month)},
        button=_("Open again"),
        done=_("The month is open again."),
        effects=[_("Everybody books into it again.")],
        back=reverse("months"),
        asks_reason=True,
        do=lambda person, reason: actions.reopen(month=period.month, reason=reason, actor=person, at=clock.now()),
    )


def _close(period: AccountingPeriod) -> PlainAct:
    return PlainAct(
        title=_("Close %(month)s for good") % {"month": in_words(period.month)},
        button=_("Close for good"),
        done=_("The month is closed for good."),
        effects=[
            _("Nothing is dated into it any more, with or without an exception."),
            _("What still comes is booked in the next open month and names this one. It cannot be opened again."),
        ],
        back=reverse("months"),
        do=lambda person, _reason: actions.close(month=period.month, actor=person, at=clock.now()),
    )


_ACTS: dict[str, tuple[str, Maker]] = {
    "soft-close": ("soft_close_period", _soft_close),
    "reopen": ("reopen_period", _reopen),
    "close": ("close_period", _close),
}


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def month_act(request: HttpRequest, month: date, act: str) -> HttpResponse:
    """Close a month for all but a few, open it again, or close it for good."""
    if act not in _ACTS:
        raise Http404
    period, (name, make) = _period(month), _ACTS[act]
    person: User = request.user  # type: ignore[assignment]
    ask_act(period, name, person)
    return plain_act(request, make(period))


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def month_revalue(request: HttpRequest, month: date) -> HttpResponse:
    """What is held in other currencies at the month's end, and the unrealised difference that would be booked."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_REVALUE, NewRecord(f"REVALUE-{month:%Y-%m}"), "revalue", person)
    return plain_act(
        request,
        PlainAct(
            title=_("Revalue %(month)s") % {"month": in_words(month)},
            button=_("Book the differences"),
            done=_("The month is revalued."),
            effects=[
                _("The differences are unrealised; they stand in an account of their own."),
                _("They are taken back on %(day)s.") % {"day": short_day(month_after(month))},
            ],
            back=reverse("months"),
            facts=_differences(month),
            do=lambda actor, _reason: revalue(month=month, actor=actor, at=clock.now()),
        ),
    )


def _differences(month: date) -> list[tuple[str, Any]]:
    try:
        found = positions(last_day_of(month))
    except NoRate as refusal:
        return [(_("Nothing can be worked out"), refusal.why)]
    return [(str(one.held), one.difference) for one in found] or [(_("Held in other currencies"), _("nothing"))]


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def exception_new(request: HttpRequest, month: date) -> HttpResponse:
    """Ask that one person may still book into a closing month."""
    person: User = request.user  # type: ignore[assignment]
    period = _period(month)
    ask_permit(policy.MAY_ASK_EXCEPTION, period, "ask_exception", person)
    if period.state != P.SOFT_CLOSED:
        raise moved_on(period, "ask_exception")
    people = {one.pk: one for one in people_with_any(BOOKS)}
    form = ExceptionForm(request.POST if request.method == "POST" else None, people=people.values())
    if request.method == "POST" and form.is_valid():
        asked = done(
            form,
            lambda: actions.ask_exception(month=month, **form.said(), actor=person, at=clock.now()),
            {"PERIOD-08": "until", "PERIOD-09": "reason"},
        )
        if asked is not None:
            messages.success(request, _("The exception waits for a second person."))
            return redirect("months")
    context = {
        "form": form,
        "title": _("Ask to book into %(month)s") % {"month": in_words(month)},
        "button": _("Ask for this exception"),
        "effects": [_("A second person gives it or refuses it."), _("It is for one person, and ends by itself.")],
        "back": reverse("months"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def exception_act(request: HttpRequest, month: date, place: int, act: str) -> HttpResponse:
    """Give an exception, or refuse it."""
    rows = PeriodException.objects.select_related("period", "person", "asked_by")
    exception = get_object_or_404(rows, period__month=month, number=place)
    if act not in ("approve", "refuse"):
        raise Http404
    gives = act == "approve"
    person: User = request.user  # type: ignore[assignment]
    ask_act(exception, f"{act}_exception", person)

    def do(actor: User, reason: str) -> Any:
        if gives:
            return actions.approve_exception(exception_id=exception.pk, actor=actor, at=clock.now())
        return actions.refuse_exception(exception_id=exception.pk, reason=reason, actor=actor, at=clock.now())

    return plain_act(
        request,
        PlainAct(
            title=_("Give this exception") if gives else _("Refuse this exception"),
            button=_("Give it") if gives else _("Refuse it"),
            done=_("The exception is given.") if gives else _("The exception is refused."),
            effects=[_("One person books into the month until it ends.") if gives else _("Nobody books into it.")],
            back=reverse("months"),
            do=do,
            asks_reason=not gives,
            facts=[
                (_("Month"), in_words(month)),
                (_("Who is to book"), exception.person),
                (_("Until"), short_day(exception.until.date())),
                (_("Asked by"), exception.asked_by),
            ],
        ),
    )
