"""Reconciling: each account beside the bank's word, each line beside ours, and the acts that explain a line."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.matching import match_line, set_aside_line
from finance.actions.proposals import Candidate, candidate
from finance.forms.statements import REASONS, MatchForm, PlaceForm, SetAsideForm
from finance.models import BankAccount, StatementLine
from finance.states import Rail
from finance.views.accounts import OPEN, accounts_today
from finance.views.acting import ask_act, done, may
from finance.views.sides import ours_of
from finance.visibility import SEES_STATEMENTS
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.money import Money
from gaf.sealing import unseal_all
from gaf.templatetags.formats import plain_money, short_day

ROWS = 25


@audience(*SEES_STATEMENTS)
@require_safe
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Each account of the fund: our balance, the bank's, whether they agree, and what is open."""
    person: User = request.user  # type: ignore[assignment]
    context = {"accounts": accounts_today(), "may_import": may(policy.MAY_IMPORT_STATEMENT, person)}
    return render(request, "finance/reconciliation.html", context)


@audience(*SEES_STATEMENTS)
@require_safe
def account(request: HttpRequest, code: str) -> HttpResponse:
    """The lines of one account, the bank's on one side and ours on the other."""
    person: User = request.user  # type: ignore[assignment]
    found = accounts_today(code)
    if not found:
        raise Http404
    show = "all" if request.GET.get("show") == "all" else "open"
    paginator = Paginator(_shown(code, show), ROWS)
    paginator.count = found[0].lines if show == "all" else found[0].open_lines
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "today": found[0],
        "account": found[0].account,
        "show": show,
        "page": page,
        "rows": _rows(list(page.object_list), found[0].account),
        "may_match": may(policy.MAY_MATCH, person),
        "may_import": may(policy.MAY_IMPORT_STATEMENT, person),
        "by_stripe": found[0].account.rail == Rail.STRIPE,
    }
    return render(request, "finance/account.html", context)


def _shown(code: str, show: str) -> QuerySet[StatementLine]:
    """The lines of an account in the bank's own order."""
    rows = StatementLine.objects.filter(statement__bank_account__code=code)
    if show == "open":
        rows = rows.filter(state__in=OPEN)
    matches = ("matches__disbursement", "matches__refund")
    rows = rows.select_related("statement__bank_account").prefetch_related(*matches)
    return rows.order_by("statement__sequence", "number")


def _rows(lines: list[StatementLine], bank_account: BankAccount) -> list[dict[str, Any]]:
    ours = ours_of(lines, bank_account)
    texts = unseal_all([line.counterparty for line in lines] + [line.text for line in lines])
    names, words = texts[: len(lines)], texts[len(lines) :]
    return [
        {
            "line": line,
            "identity": line.identity[:16],
            "counterparty": name,
            "text": text,
            "ours": ours.get(line.pk),
            "is_open": line.state in OPEN,
            "original": _original(line),
            "set_aside_because": REASONS.get(line.reason_code, ""),
        }
        for line, name, text in zip(lines, names, words, strict=True)
    ]


def _original(line: StatementLine) -> Money | None:
    """What was ordered, where the bank booked it in another currency."""
    if line.original_minor is None or line.original_currency == line.currency:
        return None
    return Money(line.original_minor, line.original_currency)


def _line(code: str, identity: str) -> StatementLine:
    if len(identity) != 16:
        raise Http404
    rows = StatementLine.objects.select_related("statement__bank_account")
    return get_object_or_404(rows, statement__bank_account__code=code, identity__startswith=identity)


def _reference(found: Candidate | None) -> str:
    """The request a line belongs to, as the action asks the permit about it."""
    if found is None:
        return ""
    record = found.disbursement or found.refund
    return record.reference if record is not None else ""


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Match one line with the one record of ours that its exact reference names."""
    person: User = request.user  # type: ignore[assignment]
    line = _line(code, identity)
    found = candidate(line)
    ask_act(line, "match_line", person, related=_reference(found))
    form = MatchForm(request.POST if request.method == "POST" else None, initial=_place(request, line))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen_version"]
        matched = done(form, lambda: match_line(line_id=line.pk, actor=person, at=clock.now(), seen_version=seen))
        if matched is not None:
            messages.success(request, _("The line of %(line)s is matched.") % {"line": _in_words(line)})
            return redirect(_back(line, form))
    context = {**_one_line(line), "form": form, "found": found, "back_url": _back_of(request, line)}
    return render(request, "finance/match_line.html", context, status=422 if form.errors else 200)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_aside(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Put a line nobody knows yet into suspense, with a reason."""
    person: User = request.user  # type: ignore[assignment]
    line = _line(code, identity)
    ask_act(line, "set_aside_line", person)
    form = SetAsideForm(request.POST if request.method == "POST" else None, initial=_place(request, line))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        put = done(
            form,
            lambda: set_aside_line(
                line_id=line.pk,
                reason_code=typed["reason_code"],
                reason=typed["reason"],
                actor=person,
                at=clock.now(),
                seen_version=typed["seen_version"],
            ),
        )
        if put is not None:
            messages.success(request, _("The line of %(line)s is set aside.") % {"line": _in_words(line)})
            return redirect(_back(line, form))
    context = {**_one_line(line), "form": form, "back_url": _back_of(request, line)}
    return render(request, "finance/set_aside_line.html", context, status=422 if form.errors else 200)


def _in_words(line: StatementLine) -> str:
    return f"{short_day(line.booked_on)}, {plain_money(line.money)}"


def _one_line(line: StatementLine) -> dict[str, Any]:
    return {"row": _rows([line], line.statement.bank_account)[0], "line": line, "account": line.statement.bank_account}


def _place(request: HttpRequest, line: StatementLine) -> dict[str, Any]:
    """The version the person sees, and where in the list she stood."""
    show, page = request.GET.get("show", ""), request.GET.get("page", "")
    return {
        "seen_version": line.version,
        "show": show if show in ("open", "all") else "open",
        "page": int(page) if page.isascii() and page.isdigit() and len(page) <= 5 else 1,
    }


def _address(line: StatementLine, show: str, page: int) -> str:
    where = reverse("reconcile_account", args=[line.statement.bank_account.code])
    return f"{where}?{urlencode({'show': show or 'open', 'page': page or 1})}"


def _back_of(request: HttpRequest, line: StatementLine) -> str:
    place = _place(request, line)
    return f"{_address(line, place['show'], place['page'])}#line-{line.identity[:16]}"


def _back(line: StatementLine, form: PlaceForm) -> str:
    """The list where the person stood, at the next line that is still open."""
    place = form.cleaned_data
    after = Q(statement__sequence__gt=line.statement.sequence) | Q(
        statement__sequence=line.statement.sequence, number__gt=line.number
    )
    following = _shown(line.statement.bank_account.code, "open").filter(after).first()
    anchor = f"#line-{following.identity[:16]}" if following else ""
    return _address(line, place.get("show") or "open", place.get("page") or 1) + anchor
