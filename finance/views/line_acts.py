"""The acts on one line of the bank: match, find and choose, fee, set aside, undo; and all exact lines at once."""

from __future__ import annotations

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
from finance.views.acting import NewRecord, ask_permit, ask_role, done
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
    lock_line,
    lock_lines,
    onward,
    place_of,
    request_of,
    require_open,
)
from finance.views.reconciliation import exact_lines, rows_of
from finance.visibility import SEES_STATEMENTS
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.gate import act_on


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Match one line: with the record its exact reference names, with chosen records, or as a fee."""
    person: User = request.user  # type: ignore[assignment]
    form = MatchForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        typed = form.cleaned_data
        matched = done(form, lambda: _matched(code, identity, typed, person))
        if matched is not None:
            line = matched[0]
            messages.success(request, _("The line of %(line)s is matched.") % {"line": line_in_words(line)})
            return after(request, line, matched, form)
    line = line_at(code, identity)
    found = candidate(line)
    ask_line(line, "match_line", person, request_of(found))
    form = form or MatchForm(initial=place_of(request, line))
    context = {**about_line(line), "form": form, "found": found, "back_url": back_of(request, line)}
    return render(request, "finance/match_line.html", context, status=422 if form.errors else 200)


def _matched(code: str, identity: str, typed: dict[str, Any], person: User) -> list[StatementLine]:
    """Lock the lines and do what a valid form asks for; the line of the address comes first."""
    if typed["record"]:
        return act_on(
            lambda: lock_lines(code, [identity, *typed["also"]]), lambda lines: _with_records(lines, typed, person)
        )
    return act_on(lambda: lock_line(code, identity), lambda line: [_alone(line, typed, person)])


def _with_records(lines: list[StatementLine], typed: dict[str, Any], person: User) -> list[StatementLine]:
    require_open(lines[0], "match_line")
    match_chosen(
        line_ids=[line.pk for line in lines],
        records=typed["record"],
        books_to=typed["books_to"],
        actor=person,
        at=clock.now(),
        seen_versions={lines[0].pk: typed["seen_version"]},
        locked=lines,
    )
    return lines


def _alone(line: StatementLine, typed: dict[str, Any], person: User) -> StatementLine:
    """What a line is without a record that somebody chose: a fee, what a rule says, or what its reference names."""
    require_open(line, "match_line")
    act = match_as_fee if typed["fee"] else match_by_rule if typed["rule"] else match_line
    return act(line_id=line.pk, actor=person, at=clock.now(), seen_version=typed["seen_version"])


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Search our records that are open, choose one or several, and match the line with them."""
    person: User = request.user  # type: ignore[assignment]
    form = MatchForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        typed = form.cleaned_data
        if not typed["record"]:
            form.add_error(None, _("Choose a record first."))
        elif (matched := done(form, lambda: _matched(code, identity, typed, person))) is not None:
            said = ngettext("%(n)s line is matched.", "%(n)s lines are matched.", len(matched))
            messages.success(request, said % {"n": len(matched)})
            return after(request, matched[0], matched, form)
    line = line_at(code, identity)
    ask_line(line, "match_line", person)
    search = FindForm(request.GET if "q" in request.GET else None)
    asked = search.cleaned_data["q"] if search.is_valid() else ""
    chosen = form.cleaned_data.get("record", []) if form is not None else []
    form = form or MatchForm(initial=place_of(request, line))
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
    form = SetAsideForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        typed = form.cleaned_data
        line = done(form, lambda: _set_aside(code, identity, typed, person))
        if line is not None:
            messages.success(request, _("The line of %(line)s is set aside.") % {"line": line_in_words(line)})
            return redirect(onward(line, form))
    line = line_at(code, identity)
    ask_line(line, "set_aside_line", person)
    form = form or SetAsideForm(initial=place_of(request, line))
    context = {**about_line(line), "form": form, "back_url": back_of(request, line)}
    return render(request, "finance/set_aside_line.html", context, status=422 if form.errors else 200)


def _set_aside(code: str, identity: str, typed: dict[str, Any], person: User) -> StatementLine:
    def put(line: StatementLine) -> StatementLine:
        require_open(line, "set_aside_line")
        return set_aside_line(
            line_id=line.pk,
            reason_code=typed["reason_code"],
            reason=typed["reason"],
            actor=person,
            at=clock.now(),
            seen_version=typed["seen_version"],
        )

    return act_on(lambda: lock_line(code, identity), put)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, code: str, identity: str) -> HttpResponse:
    """Undo what was said of a line; the ledger gets the opposite journal, and both stay."""
    person: User = request.user  # type: ignore[assignment]
    form = UndoForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        typed = form.cleaned_data
        line = done(form, lambda: _undone(code, identity, typed, person))
        if line is not None:
            messages.success(request, _("The line of %(line)s is open again.") % {"line": line_in_words(line)})
            return redirect(back_to(line, form))
    line = line_at(code, identity)
    rows = line.matches.select_related("disbursement")
    ask_line(line, "undo_match", person, next((one.disbursement.reference for one in rows if one.disbursement), ""))
    form = form or UndoForm(initial=place_of(request, line))
    context = {**about_line(line), "form": form, "back_url": back_of(request, line)}
    return render(request, "finance/undo_match.html", context, status=422 if form.errors else 200)


def _undone(code: str, identity: str, typed: dict[str, Any], person: User) -> StatementLine:
    def take_back(line: StatementLine) -> StatementLine:
        require_open(line, "undo_match")
        return undo_match(
            line_id=line.pk, actor=person, at=clock.now(), reason=typed["reason"], seen_version=typed["seen_version"]
        )

    return act_on(lambda: lock_line(code, identity), take_back)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def match_exact(request: HttpRequest, code: str) -> HttpResponse:
    """All exact lines of an account: read the list, press once."""
    person: User = request.user  # type: ignore[assignment]
    ask_role(policy.MAY_MATCH, "match_line", person)
    form = ManyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = _chosen(code, form.cleaned_data["line"])
        matched, left = match_all_exact(lines=chosen, actor=person, at=clock.now())
        said = ngettext("%(n)s line is matched.", "%(n)s lines are matched.", len(matched)) % {"n": len(matched)}
        messages.success(request, said)
        for refusal in left.values():
            messages.warning(request, f"{refusal.what} {refusal.why}")
        return redirect("reconcile_account", code=code)
    bank_account = get_object_or_404(BankAccount, code=code)
    ask_permit(policy.MAY_MATCH, NewRecord(), "match_line", person)
    lines = list(exact_lines(bank_account)[:MOST_AT_ONCE])
    rows = [row for row in rows_of(lines, bank_account) if row["ours"] and row["ours"].can_match]
    context = {
        "form": form,
        "account": bank_account,
        "rows": rows,
        "back_url": reverse("reconcile_account", args=[code]),
    }
    return render(request, "finance/match_exact.html", context, status=422 if form.errors else 200)


def _chosen(code: str, told: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """The lines of a preview by their number in the database, with the versions seen; an unknown one leads nowhere."""
    if not told:
        get_object_or_404(BankAccount, code=code)
    rows = StatementLine.objects.filter(statement__bank_account__code=code).annotate(key=Left("identity", 16))
    known = dict(rows.filter(key__in=[identity for identity, _version in told]).values_list("key", "pk"))
    if any(identity not in known for identity, _version in told):
        raise Http404
    return [(known[identity], version) for identity, version in told]
