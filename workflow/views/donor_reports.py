"""Donor reports: which there are, beginning one, writing it, reading it, and the acts of its two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.models import Agreement
from finance.states import AgreementState
from finance.views.acting import Acts, NewRecord, ask_act, ask_permit, done, in_words, made_before, may, once
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.refusals import MovedOn
from gaf.templatetags.formats import short_day
from workflow.actions import donor_reports as actions
from workflow.donor_reports.permits import MAY_WRITE_DONOR_REPORT, READERS_OF_DONOR_REPORTS
from workflow.donor_reports.shown import answers_shown, figures_shown, kinds_shown, persons_shown, why_returned
from workflow.forms.donor_reports import DonorReportForm, DonorReportNewForm, written
from workflow.models import DonorReport
from workflow.views.act_pages import person_of

_ROWS_A_PAGE = 25
_AT_THE_FORM = {"DONOR-02": "first_day", "DONOR-03": "first_day", "DONOR-04": "agreement"}
_ACTS = ("propose", "issue", "return", "discard")
_ASK_REASON = ("return", "discard")


@audience(*READERS_OF_DONOR_REPORTS)
@require_safe
def donor_reports(request: HttpRequest) -> HttpResponse:
    """Every report, the newest days first; `agreement` shows those of one agreement."""
    key = request.GET.get("agreement", "")
    rows = DonorReport.objects.select_related("agreement__stream", "begun_by", "issued_by")
    if key:
        rows = rows.filter(agreement__key=key)
    context = {
        "page": Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get("page", "1")),
        "may_write": may(MAY_WRITE_DONOR_REPORT, person_of(request)),
        "agreement": key,
    }
    return render(request, "workflow/donor_reports.html", context)


@audience(Role.FUND_MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def donor_report_new(request: HttpRequest) -> HttpResponse:
    """Choose agreement and days; then it is written."""
    person = person_of(request)
    ask_permit(MAY_WRITE_DONOR_REPORT, NewRecord(), "begin_donor_report", person)
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    agreements = Agreement.objects.filter(state=AgreementState.IN_FORCE).select_related("stream").order_by("key")
    data = request.POST if request.method == "POST" else None
    form = DonorReportNewForm(data, agreements=agreements, initial={"agreement": request.GET.get("agreement", "")})
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _begin_once(request, form, person), _AT_THE_FORM)
        if address is not None:
            return redirect(address)
    context = {
        "form": form,
        "title": _("Begin a donor report"),
        "button": _("Begin this report"),
        "effects": [
            _("You write it over some days if you like; what you save is kept."),
            _("Its figures come from the ledger when you send it to a second reader, who issues it or returns it."),
        ],
        "back": reverse("donor_reports"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


def _begin_once(request: HttpRequest, form: DonorReportNewForm, person: User) -> str:
    def begin_it() -> str:
        made = actions.begin_donor_report(**form.said(), actor=person, at=clock.now())
        return reverse("donor_report_edit", args=[made.key])

    return once(request, form.cleaned_data["idempotency_key"], begin_it)


@audience(Role.FUND_MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def donor_report_edit(request: HttpRequest, donor_report: str) -> HttpResponse:
    """Write it; what is typed stays on the page whatever is wrong with it."""
    found, person = _found(donor_report), person_of(request)
    ask_permit(MAY_WRITE_DONOR_REPORT, found, "write_donor_report", person)
    form = DonorReportForm(request.POST if request.method == "POST" else None, initial=written(found))
    if request.method != "POST":
        ask_act(found, "write_donor_report", person)
    elif form.is_valid() and _kept(form, found, person):
        messages.success(request, _("What you wrote is kept."))
        return redirect("donor_report", donor_report=found.key)
    context = {"form": form, "report": found}
    return render(request, "workflow/donor_report_edit.html", context, status=422 if form.errors else 200)


def _kept(form: DonorReportForm, found: DonorReport, person: User) -> bool:
    """Whether it was saved; where somebody else wrote or sent it meanwhile, the typed text stays on the page."""
    seen, text = form.cleaned_data["seen_version"], form.text()

    def write() -> Any:
        return actions.write_donor_report(
            report_id=found.pk, text=text, actor=person, at=clock.now(), seen_version=seen
        )

    try:
        return done(form, write, {"DONOR-08": "topic_1"}) is not None
    except MovedOn as refusal:
        form.add_error(None, in_words(refusal))
        return False


@audience(*READERS_OF_DONOR_REPORTS)
@require_safe
def donor_report(request: HttpRequest, donor_report: str) -> HttpResponse:
    """The report as the donor gets it, and what may be done with it."""
    found, person = _found(donor_report), person_of(request)
    context = {"report": found, "acts": _acts(found, person), "answers": answers_shown(found)}
    context["returned"] = why_returned(found)
    if found.figures is not None:
        context |= {
            "rows": figures_shown(found.figures["rows"]),
            "own_rows": figures_shown(found.figures["own_currency"], found.agreement.currency),
            "kinds": kinds_shown(found.figures["kinds"]),
            "persons": persons_shown(found.figures["tables"]),
            "as_frozen": found.keeps_its_figures(),
        }
    return render(request, "workflow/donor_report.html", context)


def _acts(found: DonorReport, person: User) -> Acts:
    acts = Acts()
    edit = reverse("donor_report_edit", args=[found.key])
    acts.offer(found, "write_donor_report", person, edit, _("Write"), primary=not all(found.texts()[:8]))
    for act in _ACTS:
        address = reverse("donor_report_act", args=[found.key, act])
        primary = act == "issue" or (act == "propose" and all(found.texts()[:8]))
        acts.offer(found, f"{act}_donor_report", person, address, _words(act, found.key)[1], primary=primary)
    return acts


@audience(Role.FUND_MANAGER, Role.CERTIFYING_OFFICER, Role.DATA_STEWARD)
@require_http_methods(["GET", "HEAD", "POST"])
def donor_report_act(request: HttpRequest, donor_report: str, act: str) -> HttpResponse:
    """Send it to a second reader, issue it, return it or discard it."""
    found = _found(donor_report)
    if act not in _ACTS:
        raise Http404
    ask_act(found, f"{act}_donor_report", person_of(request))

    def do(actor: User, reason: str) -> Any:
        said = {"reason": reason} if act in _ASK_REASON else {}
        action = getattr(actions, f"{act}_donor_report")
        return action(report_id=found.pk, actor=actor, at=clock.now(), **said)

    title, button, done_words, effect = _words(act, found.key)
    page = PlainAct(
        title=title,
        button=button,
        done=done_words,
        effects=[effect],
        back=reverse("donor_report", args=[found.key]),
        asks_reason=act in _ASK_REASON,
        do=do,
        facts=_facts(found),
    )
    return plain_act(request, page)


def _found(key: str) -> DonorReport:
    rows = DonorReport.objects.select_related("agreement__stream", "begun_by", "proposed_by", "issued_by")
    return get_object_or_404(rows, key=key)


def _words(act: str, key: str) -> tuple[str, str, str, str]:
    """Title, button, what is said afterwards, and what will happen."""
    if act == "propose":
        return (
            _("Send %(key)s to a second reader") % {"key": key},
            _("Send to a second reader"),
            _("The report waits for a second reader."),
            _("Its figures are taken from the ledger and stay as they are. Nobody is counted for it."),
        )
    if act == "issue":
        return (
            _("Issue %(key)s") % {"key": key},
            _("Issue the donor report"),
            _("The report is issued."),
            _("You say that you read it whole. Nothing of it changes any more, and no other report tells of its days."),
        )
    if act == "return":
        return (
            _("Return %(key)s") % {"key": key},
            _("Return the donor report"),
            _("The report is a draft again."),
            _("The writer reads why. The figures are computed anew when it is sent again."),
        )
    return (
        _("Discard %(key)s") % {"key": key},
        _("Discard the donor report"),
        _("The report is discarded."),
        _("No donor gets it. The record is kept."),
    )


def _facts(found: DonorReport) -> list[tuple[str, Any]]:
    return [
        (_("Agreement"), found.agreement.key),
        (_("Donor"), found.agreement.donor),
        (_("Days"), f"{short_day(found.first_day)} – {short_day(found.last_day)}"),
        (_("Begun by"), found.begun_by),
    ]
