"""Refunds that are due, by how long they are overdue, and giving one up: asked by one person, approved by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions import write_offs as actions
from finance.advances import AGES, column_of
from finance.forms.write_offs import WriteOffForm
from finance.models import RefundDue, WriteOff
from finance.states import WriteOffState
from finance.views.acting import NewRecord, ask_act, ask_permit, done, may
from finance.views.plain_act import PlainAct, plain_act
from finance.visibility import SEES_FUND
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.money import Money, total
from gaf.privacy.sight import open_to

ROWS = 25
W = WriteOffState
ACTS = {"approve": "approve_write_off", "refuse": "refuse_write_off", "take-back": "take_back_write_off"}


@dataclass(frozen=True)
class RefundShown:
    """A refund with what is open of it, how many days it is overdue, its write-off, and what the person may do."""

    refund: RefundDue
    overdue: int
    write_off: WriteOff | None
    may_ask: bool


@audience(*SEES_FUND)
@require_safe
def refunds(request: HttpRequest) -> HttpResponse:
    """Refunds that have not come, the most overdue first, with their sums by age; those written off stay below them."""
    person: User = request.user  # type: ignore[assignment]
    newest = WriteOff.objects.select_related("asked_by", "decided_by").order_by("-key")
    due = RefundDue.objects.filter(open_to(person), Q(received_at=None) | Q(written_off_minor__gt=0))
    due = due.select_related("commitment__stream").prefetch_related(Prefetch("write_offs", newest))
    due = due.order_by(F("received_at").asc(nulls_first=True), "due_on", "key")
    page = Paginator(due, ROWS).get_page(request.GET.get("page"))
    asks = may(policy.MAY_ASK_WRITE_OFF, person)
    context = {
        "page": page,
        "rows": [_shown(row, asks) for row in page.object_list],
        "ages": _by_age(),
        "may_decide": may(policy.MAY_REFUSE_WRITE_OFF, person),
        "may_take_back": may(policy.MAY_TAKE_BACK_WRITE_OFF, person),
        "today": clock.today(),
    }
    return render(request, "finance/refunds.html", context)


def _shown(refund: RefundDue, asks: bool) -> RefundShown:
    write_off = next(iter(refund.write_offs.all()), None)
    standing = write_off is not None and write_off.state in (W.ASKED, W.POSTED)
    ripe = clock.today() >= actions.may_be_asked_from(refund)
    overdue = max(0, (clock.today() - refund.due_on).days) if refund.open else 0
    return RefundShown(refund, overdue, write_off, asks and ripe and not standing and bool(refund.open))


def _by_age() -> list[tuple[str, Money]]:
    """What is overdue, in US dollars, in the columns of advances; what is not due yet comes first."""
    sums: list[list[Money]] = [[] for _column in range(len(AGES) + 2)]
    for refund in RefundDue.objects.filter(received_at=None):
        days = (clock.today() - refund.due_on).days
        sums[0 if days <= 0 else column_of(days) + 1].append(refund.open_usd)
    heads = [_("not overdue"), *(_("overdue to %(days)s days") % {"days": days} for days in AGES)]
    heads.append(_("overdue over %(days)s days") % {"days": AGES[-1]})
    return [(head, total(column, "USD")) for head, column in zip(heads, sums, strict=True)]


def _facts(refund: RefundDue) -> list[tuple[str, Any]]:
    return [
        (_("Request"), refund.reference),
        (_("Line"), refund.commitment.line_key),
        (_("Why it is due"), refund.get_kind_display()),
        (_("Still to come"), refund.open),
        (_("In US dollars"), refund.open_usd),
    ]


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, refund: str) -> HttpResponse:
    """Ask to write one refund off."""
    person: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(RefundDue.objects.filter(open_to(person)).select_related("commitment"), key=refund)
    ask_permit(policy.MAY_ASK_WRITE_OFF, NewRecord(found.reference), "ask_write_off", person)
    form = WriteOffForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("reason_code", "reason")}
        asked = done(form, lambda: actions.ask_write_off(refund_key=found.key, **said, actor=person, at=clock.now()))
        if asked is not None:
            messages.success(request, _("The write-off waits for a second person."))
            return redirect("refunds")
    context = {
        "form": form,
        "title": _("Write off %(refund)s?") % {"refund": found.key},
        "button": _("Ask for it"),
        "effects": [
            _("A second person whose delegation covers the amount approves it. Nothing is booked before."),
            _("It becomes an expense of the fund; when the money comes after all, the write-off is taken back."),
        ],
        "back": reverse("refunds"),
        "facts": _facts(found),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def act_on(request: HttpRequest, refund: str, act: str) -> HttpResponse:
    """Approve what was asked, refuse it, or take a write-off back."""
    if act not in ACTS:
        raise Http404
    rows = WriteOff.objects.select_related("refund__commitment", "asked_by").filter(refund__key=refund)
    row = rows.order_by("-key").first()
    if row is None:
        raise Http404
    person: User = request.user  # type: ignore[assignment]
    ask_act(row, ACTS[act], person, **({"amount": row.usd} if act == "approve" else {}))
    facts = [
        *_facts(row.refund),
        (_("Written off"), row.money),
        (_("Why"), row.get_reason_code_display()),
        (_("Asked by"), row.asked_by),
    ]
    return plain_act(request, PlainAct(**_words(act), back=reverse("refunds"), do=_doing(act, row), facts=facts))


def _doing(act: str, row: WriteOff) -> Any:
    def do(actor: User, reason: str) -> WriteOff:
        at = clock.now()
        if act == "approve":
            return actions.approve_write_off(key=row.key, actor=actor, at=at, seen_version=row.version)
        if act == "refuse":
            return actions.refuse_write_off(key=row.key, reason=reason, actor=actor, at=at)
        return actions.take_back_write_off(key=row.key, reason=reason, actor=actor, at=at)

    return do


def _words(act: str) -> dict[str, Any]:
    if act == "approve":
        return {
            "title": _("Approve this write-off"),
            "button": _("Approve"),
            "done": _("The refund is written off."),
            "effects": [
                _("The ledger moves it from refunds due to refunds written off (5400)."),
                _("Nothing is due any more, and the request can be closed."),
            ],
        }
    if act == "refuse":
        return {
            "title": _("Refuse this write-off"),
            "button": _("Refuse"),
            "done": _("The write-off is refused."),
            "effects": [_("The refund stays due. Another write-off may be asked.")],
            "asks_reason": True,
        }
    return {
        "title": _("Take this write-off back"),
        "button": _("Take it back"),
        "done": _("The refund is due again."),
        "effects": [_("The ledger gets the opposite journal, and both stay."), _("A line of the bank can be matched.")],
        "asks_reason": True,
    }
