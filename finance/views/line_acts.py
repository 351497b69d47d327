"""The acts on one line of the bank: match, find and choose, fee, set aside, undo; and all exact lines at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models.functions import Left
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from finance import policy
from finance.actions.choosing import match_as_fee, match_by_rule, match_chosen
from finance.actions.exact_lines import match_all_exact
from finance.actions.matching import match_line, set_aside_line
from finance.actions.proposals import candidate
from finance.actions.undoing import undo_match
from finance.forms.statements import MOST_AT_ONCE, FindForm, ManyForm, MatchForm, SetAsideForm, UndoForm
from finance.models import BankAccount, StatementLine
from finance.views.acting import NewRecord, ask_permit, done
from finance.views.finding import found_records
from finance.views.line_order import Place
from finance.views.line_part import after
from finance.views.line_places import (
    about_line,
    ask_line,
    back_of,
    back_to,
    line_at,
    line_in_words,
    onward,
    place_of,
    request_of,
)
from finance.views.reconciliation import exact_lines, rows_of
from finance.visibility import SEES_STATEMENTS
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Match one line: with the record its exact reference names, with chosen records, or as a fee."""
    person: User = request.user  # type: ignore[assignment]
    line = line_at(code, identity)
    found = candidate(line)
    ask_line(line, "match_line", person, request_of(found))
    form = MatchForm(request.POST if request.method == "POST" else None, initial=place_of(request, line))
    if request.method == "POST" and form.is_valid():
        matched = done(form, _way(line, form, person))
        if matched is not None:
            messages.success(request, _("The line of %(line)s is matched.") % {"line": line_in_words(line)})
            return after(request, line, matched if isinstance(matched, list) else [matched], form)
    context = {**about_line(line), "form": form, "found": found, "back_url": back_of(request, line)}
    return render(request, "finance/match_line.html", context, status=422 if form.errors else 200)


def _way(line: StatementLine, form: MatchForm, person: User) -> Callable[[], Any]:
    """What a valid form asks for."""
    typed, at = form.cleaned_data, clock.now()
    seen = typed["seen_version"]
    if typed["fee"]:
        return lambda: match_as_fee(line_id=line.pk, actor=person, at=at, seen_version=seen)
    if typed["rule"]:
        return lambda: match_by_rule(line_id=line.pk, actor=person, at=at, seen_version=seen)
    if not typed["record"]:
        return lambda: match_line(line_id=line.pk, actor=person, at=at, seen_version=seen)
    others = [line_at(line.statement.bank_account.code, identity).pk for identity in typed["also"]]
    return lambda: match_chosen(
        line_ids=[line.pk, *others],
        records=typed["record"],
        books_to=typed["books_to"],
        actor=person,
        at=at,
        seen_versions={line.pk: seen},
    )


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Search our records that are open, choose one or several, and match the line with them."""
    person: User = request.user  # type: ignore[assignment]
    line = line_at(code, identity)
    ask_line(line, "match_line", person)
    search = FindForm(request.GET if "q" in request.GET else None)
    asked = search.cleaned_data["q"] if search.is_valid() else ""
    form = MatchForm(request.POST if request.method == "POST" else None, initial=place_of(request, line))
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["record"]:
            form.add_error(None, _("Choose a record first."))
        elif (matched := done(form, _way(line, form, person))) is not None:
            said = ngettext("%(n)s line is matched.", "%(n)s lines are matched.", len(matched))
            messages.success(request, said % {"n": len(matched)})
            return after(request, line, matched, form)
    chosen = form.cleaned_data.get("record", []) if form.is_bound else []
    context = {
        **about_line(line),
        "form": form,
        "search": search,
        "records": found_records(line, asked),
        "chosen": chosen,
        "place": Place.of(request.POST if form.is_bound else request.GET),
        "books_to": form["books_to"].value() or "",
        "back_url": back_of(request, line),
    }
    return render(request, "finance/find_record.html", context, status=422 if form.errors else 200)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_aside(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Put a line nobody knows yet into suspense, with a reason."""
    person: User = request.user  # type: ignore[assignment]
    line = line_at(code, identity)
    ask_line(line, "set_aside_line", person)
    form = SetAsideForm(request.POST if request.method == "POST" else None, initial=place_of(request, line))
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
            messages.success(request, _("The line of %(line)s is set aside.") % {"line": line_in_words(line)})
            return redirect(onward(line, form))
    context = {**about_line(line), "form": form, "back_url": back_of(request, line)}
    return render(request, "finance/set_aside_line.html", context, status=422 if form.errors else 200)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Undo what was said of a line; the ledger gets the opposite journal, and both stay."""
    person: User = request.user  # type: ignore[assignment]
    line = line_at(code, identity)
    related = next((match.disbursement.reference for match in line.matches.all() if match.disbursement), "")
    ask_line(line, "undo_match", person, related)
    form = UndoForm(request.POST if request.method == "POST" else None, initial=place_of(request, line))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        undone = done(
            form,
            lambda: undo_match(
                line_id=line.pk,
                actor=person,
                at=clock.now(),
                reason=typed["reason"],
                seen_version=typed["seen_version"],
            ),
        )
        if undone is not None:
            messages.success(request, _("The line of %(line)s is open again.") % {"line": line_in_words(line)})
            return redirect(back_to(line, form))
    context = {**about_line(line), "form": form, "back_url": back_of(request, line)}
    return render(request, "finance/undo_match.html", context, status=422 if form.errors else 200)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def match_exact(request: HttpRequest, code: str) -> HttpResponse:
    """All exact lines of an account: read the list, press once."""
    person: User = request.user  # type: ignore[assignment]
    bank_account = get_object_or_404(BankAccount, code=code)
    ask_permit(policy.MAY_MATCH, NewRecord(), "match_line", person)
    form = ManyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = _chosen(bank_account, form.cleaned_data["line"])
        matched, left = match_all_exact(lines=chosen, actor=person, at=clock.now())
        said = ngettext("%(n)s line is matched.", "%(n)s lines are matched.", len(matched)) % {"n": len(matched)}
        messages.success(request, said)
        for refusal in left.values():
            messages.warning(request, f"{refusal.what} {refusal.why}")
        return redirect("reconcile_account", code=code)
    lines = list(exact_lines(bank_account)[:MOST_AT_ONCE])
    rows = [row for row in rows_of(lines, bank_account) if row["ours"] and row["ours"].can_match]
    context = {
        "form": form,
        "account": bank_account,
        "rows": rows,
        "back_url": reverse("reconcile_account", args=[code]),
    }
    return render(request, "finance/match_exact.html", context, status=422 if form.errors else 200)


def _chosen(bank_account: BankAccount, told: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """The lines of a preview by their number in the database, with the versions seen; an unknown one leads nowhere."""
    rows = StatementLine.objects.filter(statement__bank_account=bank_account).annotate(key=Left("identity", 16))
    known = dict(rows.filter(key__in=[identity for identity, _version in told]).values_list("key", "pk"))
    if any(identity not in known for identity, _version in told):
        raise Http404
    return [(known[identity], version) for identity, version in told]
