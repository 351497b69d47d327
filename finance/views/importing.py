"""Bringing the bank's files: what was found is shown first, in words, and imported when somebody has seen it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.statement_files import (
    Found,
    content_of,
    found_in,
    keep_file,
    report_in,
    save_mapping,
    shape_of,
)
from finance.actions.statement_plan import Plan
from finance.actions.statements import TakenIn, accept_statement, import_sheets
from finance.actions.status_reports import plan_report, take_in_report
from finance.forms.fields import ConfirmForm, ReasonForm
from finance.forms.importing import ImportForm, MappingForm
from finance.models import CsvMapping, Statement, StatementFile, StatusReport
from finance.states import StatementState
from finance.views.acting import NewRecord, ask_act, ask_permit, ask_role, done
from finance.visibility import READS_STATEMENT_FILES, SEES_STATEMENTS
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.gate import act_on
from gaf.money import Money
from gaf.templatetags.formats import plain_money

FINDINGS: dict[str, Any] = {
    "unbalanced": gettext_lazy("Opening and lines make %(reached)s, the bank says %(closing)s."),
    "gap": gettext_lazy("It opens with %(found)s, and the account stood at %(expected)s: a statement is missing."),
    "number_gap": gettext_lazy("It is number %(found)s, and number %(expected)s comes next: a statement is missing."),
    "unlisted": gettext_lazy("%(lines)s lines that came by a report are not on it."),
    "same_id": gettext_lazy("Another statement has the same number and other content."),
    "impossible_day": gettext_lazy("It names a day that does not exist, like 30 February; that day was left out."),
    "details_differ": gettext_lazy("The payments inside a batch do not add up to the batch."),
    "control_total": gettext_lazy("The bank's own control total does not add up."),
}
QUARANTINE: dict[str, Any] = {
    "unknown_message": gettext_lazy("It is about a payment file that is not ours."),
    "never_sent": gettext_lazy("It is about a payment file that never left."),
    "unknown_order": gettext_lazy("This order is not in the file."),
    "another_instruction": gettext_lazy("The order's instruction is another one."),
    "already_settled": gettext_lazy("The disbursement was confirmed, returned or stopped before."),
}


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Bring a file; the first wrong thing in it is named and nothing of it is kept. What was found comes next."""
    person = _importer(request)
    posted = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if posted else ImportForm()
    if posted and form.is_valid():
        mapping = form.cleaned_data["mapping"]
        name = getattr(request.FILES.get("statement"), "name", "") or ""
        content = form.cleaned_data["statement"]
        keep = _keeping(content, name, mapping, person)
        kept: StatementFile | None = done(form, keep, otherwise="statement")
        if kept is not None:
            return redirect(_preview_address(kept, mapping))
    waiting = Statement.objects.filter(state=StatementState.NEEDS_REVIEW).select_related("bank_account")
    context = {"form": form, "waiting": waiting, "mappings": CsvMapping.objects.select_related("bank_account")}
    return render(request, "finance/import_statement.html", context, status=422 if form.errors else 200)


def _importer(request: HttpRequest) -> User:
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_IMPORT_STATEMENT, NewRecord(), "import_statement", person)
    return person


def _keeping(content: bytes, name: str, mapping: CsvMapping | None, person: User) -> Callable[[], StatementFile]:
    return lambda: keep_file(content=content, name=name, actor=person, at=clock.now(), shape=shape_of(mapping))


def _preview_address(file: StatementFile, mapping: CsvMapping | None) -> str:
    address = reverse("import_found", args=[file.key])
    return f"{address}?mapping={mapping.pk}" if mapping is not None and file.format == "CSV" else address


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_found(request: HttpRequest, key: str) -> HttpResponse:
    """What was found in a file that was brought, and the button that imports it."""
    person: User = request.user  # type: ignore[assignment]
    ask_role(policy.MAY_IMPORT_STATEMENT, "import_statement", person)
    file = get_object_or_404(StatementFile, sha256__startswith=key) if len(key) == 16 else None
    if file is None:
        raise Http404
    mapping = _mapping(request)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = done(form, lambda: _imported(request, file, mapping, person))
        if answer is not None:
            return redirect(answer)
    _importer(request)
    found = found_in(file, shape_of(mapping), clock.today())
    context = {
        "form": form,
        "file": file,
        "found": found,
        "sheets": [_sheet_in_words(plan) for plan in found.plans],
        "report": _report_in_words(found, file),
    }
    return render(request, "finance/import_found.html", context, status=422 if form.errors else 200)


def _mapping(request: HttpRequest) -> CsvMapping | None:
    written = request.GET.get("mapping", "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise Http404
    return get_object_or_404(CsvMapping.objects.select_related("bank_account"), pk=int(written))


def _imported(request: HttpRequest, file: StatementFile, mapping: CsvMapping | None, person: User) -> str:
    """Import, say what happened, and give the address to go on at; the act itself asks the permit."""
    content, report = report_in(file, shape_of(mapping))
    if report is not None:
        messages.success(request, _said_of_report(take_in_report(read=report, file=file, actor=person, at=clock.now())))
        return reverse("reconciliation")
    taken = import_sheets(content=content, actor=person, at=clock.now(), shape=shape_of(mapping), file=file)
    for one in taken:
        tell = messages.warning if one.statement.state == StatementState.NEEDS_REVIEW else messages.success
        tell(request, _said(one))
    return reverse("reconcile_account", args=[taken[-1].statement.bank_account.code])


def _said(taken: TakenIn) -> str:
    told = {
        "id": taken.statement.statement_id,
        "account": taken.statement.bank_account.code,
        "n": taken.new,
        "known": taken.known,
        "suggested": taken.suggested,
    }
    if taken.was_here:
        return _("Statement %(id)s of %(account)s was imported before: 0 new lines.") % told
    if taken.statement.state == StatementState.NEEDS_REVIEW:
        words = ngettext(
            "Statement %(id)s of %(account)s is kept and waits for a second look: %(n)s new line held.",
            "Statement %(id)s of %(account)s is kept and waits for a second look: %(n)s new lines held.",
            taken.new,
        )
        return words % told
    if taken.known:
        return _("Statement %(id)s of %(account)s is imported: %(n)s new lines, %(known)s were here before.") % told
    words = ngettext(
        "Statement %(id)s of %(account)s is imported: %(n)s line, %(suggested)s suggested.",
        "Statement %(id)s of %(account)s is imported: %(n)s lines, %(suggested)s suggested.",
        taken.new,
    )
    return words % told


def _said_of_report(report: StatusReport) -> str:
    if report.reason_code:
        return _("The status report is quarantined. %(why)s") % {"why": QUARANTINE[report.reason_code]}
    failed = report.items.filter(outcome="FAILED").count()
    words = ngettext(
        "The status report is taken in: %(n)s disbursement failed.",
        "The status report is taken in: %(n)s disbursements failed.",
        failed,
    )
    return words % {"n": failed}


def _sheet_in_words(plan: Plan) -> dict[str, Any]:
    sheet = plan.sheet
    return {
        "plan": plan,
        "account": plan.account,
        "sheet": sheet,
        "came_in": plan.sum_of(1),
        "went_out": -plan.sum_of(-1),
        "new": len(plan.new),
        "known": len(sheet.lines) if plan.is_nothing else len(plan.known),
        "pending": len(plan.pending),
        "first_lines": sheet.lines[:5],
        "findings": finding_words(plan.findings, plan.account.currency),
    }


def finding_words(findings: list[dict[str, Any]], currency: str) -> list[str]:
    """What was found, in sentences: amounts as money, numbers as numbers."""
    return [FINDINGS[one["code"]] % _facts(one, currency) for one in findings]


def _facts(finding: dict[str, Any], currency: str) -> dict[str, Any]:
    amounts = {"unbalanced", "gap"}
    return {
        name: plain_money(Money(value, currency)) if finding["code"] in amounts and name != "code" else value
        for name, value in finding.items()
    }


def _report_in_words(found: Found, file: StatementFile) -> dict[str, Any] | None:
    if found.report is None:
        return None
    plan = plan_report(found.report)
    return {
        "plan": plan,
        "quarantined": QUARANTINE.get(plan.reason_code, ""),
        "items": [{"item": item, "why": QUARANTINE.get(item.reason_code, "")} for item in plan.items],
        "taken_in": StatusReport.objects.filter(file=file).first(),
    }


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The second look at a statement in which something was found."""
    person: User = request.user  # type: ignore[assignment]
    rows = Statement.objects.select_related("bank_account", "imported_by")
    rows = rows.filter(bank_account__code=code, sequence=sequence)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if done(form, lambda: _accepted(rows, reason, person), otherwise="reason") is not None:
            messages.success(request, _("The statement is accepted; its lines can be matched now."))
            return redirect("reconcile_account", code=code)
    statement = get_object_or_404(rows)
    ask_act(statement, "accept_statement", person)
    context = {
        "form": form,
        "statement": statement,
        "account": statement.bank_account,
        "findings": finding_words(statement.findings, statement.currency),
        "lines": statement.lines.count(),
    }
    return render(request, "finance/accept_statement.html", context, status=422 if form.errors else 200)


def _accepted(rows: QuerySet[Statement], reason: str, person: User) -> Statement:
    """Lock the statement with its account, and accept it."""
    return act_on(
        lambda: get_object_or_404(rows.select_for_update(of=("self",))),
        lambda statement: accept_statement(statement_id=statement.pk, reason=reason, actor=person, at=clock.now()),
    )


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping_new(request: HttpRequest) -> HttpResponse:
    """How a bank writes its lists: headings, decimal sign, order of the day."""
    person = _importer(request)
    form = MappingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        account, facts = form.cleaned_data["bank_account"], form.facts()
        saved = done(form, lambda: save_mapping(bank_account=account, facts=facts, actor=person, at=clock.now()))
        if saved is not None:
            messages.success(request, _("The mapping %(name)s is saved.") % {"name": str(saved)})
            return redirect("import_statement")
    return render(request, "finance/mapping_new.html", {"form": form}, status=422 if form.errors else 200)


@audience(*READS_STATEMENT_FILES)
@require_safe
def statement_file_bytes(request: HttpRequest, key: str) -> HttpResponse:
    """The file as it came, for whoever looks into it."""
    if len(key) != 16:
        raise Http404
    file = get_object_or_404(StatementFile, sha256__startswith=key)
    answer = HttpResponse(content_of(file), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{file.key}.statement"'
    return answer
