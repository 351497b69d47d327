"""Plan and budget: a list of what is to be written, the plan, the lines of one's own missions, and the sending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from finance.queries import usd_rate
from gaf import clock
from gaf.accounts.models import Mission
from gaf.audience import audience
from gaf.languages import reads_on_in_another
from gaf.money import Money, total
from gaf.refusals import Refusal
from workflow.actions.planning import edit_lines, edit_plan, send_budget
from workflow.codelists import Section
from workflow.forms.lines import Lines, fresh_line
from workflow.forms.pasted_lines import PastedLinesForm, into_rows
from workflow.forms.plan import DeclarationForm, FrameForm, PlanForm
from workflow.forms.rows import rearranged, unjudged
from workflow.models import AssistanceRequest, BudgetLine
from workflow.obstacles import obstacles
from workflow.sections import BUDGET_SECTIONS, open_sections
from workflow.states import RequestState
from workflow.views.act_pages import (
    do,
    done,
    person_of,
    record_url,
    request_within_sight,
    require_open,
    try_within_sight,
)
from workflow.views.missing import missing_links
from workflow.views.summaries import section_rows
from workflow.views.writing import WRITERS, framed, looks_again, own_missions, pressed_twice, require_writing, url_after


@dataclass(frozen=True)
class Task:
    """One part of plan and budget: whose it is, where it is written, and how far it is."""

    title: str
    url: str
    who: str
    count: str
    is_done: bool
    is_begun: bool


def _lines_task(assistance: AssistanceRequest, mission: Mission, lines: list[BudgetLine], mine: bool) -> Task:
    count = ngettext("%(count)s line", "%(count)s lines", len(lines)) % {"count": len(lines)}
    whole = bool(lines) and all(line.persons.all() for line in lines)
    url = f"{record_url(assistance)}plan/budget/" if mine else ""
    return Task(_("Budget lines"), url, mission.name, count, whole, bool(lines))


@audience(*WRITERS)
@require_safe
def plan(request: HttpRequest, reference: str) -> HttpResponse:
    """The list of parts, in any order, by one mission or several."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    require_writing(assistance, BUDGET_SECTIONS - {Section.DOCUMENTS}, person)
    here, own = record_url(assistance), {mission.pk for mission in own_missions(assistance, person)}
    lines = list(assistance.lines.prefetch_related("persons"))
    written = bool(assistance.plan)
    whole = written and assistance.delivery_months is not None
    tasks = [Task(_("Assistance plan"), f"{here}plan/assistance/", assistance.mission.name, "", whole, written)]
    for row in assistance.missions.select_related("mission"):
        theirs = [line for line in lines if line.mission_id == row.mission_id]
        tasks.append(_lines_task(assistance, row.mission, theirs, row.mission_id in own))
    documents = assistance.documents.count()
    words = ngettext("%(count)s document", "%(count)s documents", documents) % {"count": documents}
    tasks.append(Task(_("Quotes and documents"), f"{here}plan/documents/", "", words, documents > 0, documents > 0))
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "tasks": tasks,
        "asked": total([line.usd for line in lines], "USD"),
        "missing": missing_links(assistance, obstacles(assistance, "send_budget"), "plan"),
        "may_send": assistance.state == RequestState.PLAN_AND_BUDGET and assistance.mission_id in own,
        "back_url": here,
    }
    return render(request, "workflow/mission/plan.html", context)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_text(request: HttpRequest, reference: str) -> HttpResponse:
    """The plan in words, and the months."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    require_writing(assistance, {Section.PLAN.value}, person)
    stored = {"plan": assistance.plan_text, "delivery_months": assistance.delivery_months}
    reads_on = reads_on_in_another(request)
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        initial=framed(assistance, request.GET.get("then", ""), **stored),
    )
    if reads_on:
        unjudged(form)
    elif form.is_bound and form.is_valid():
        said = form.said()
        unchanged = all(said[name] == value for name, value in stored.items())
        if unchanged or do(form, edit_plan, assistance, actor=person, **said):
            return _after(request, assistance, form.cleaned_data["then"])
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "form": form,
        "back_url": url_after(assistance, str(form["then"].value() or ""), "plan/"),
        "typed_form": "typed",
    }
    status = 422 if form.is_bound and not reads_on else 200
    return render(request, "workflow/mission/plan_text.html", context, status=status)


def _after(request: HttpRequest, assistance: AssistanceRequest, then: str) -> HttpResponse:
    if "later" in request.POST:
        return done(request, assistance, _("kept; go on whenever you like."))
    if not then and assistance.state == RequestState.CLARIFICATION:
        then = "answer"
    return redirect(url_after(assistance, then, "plan/"))


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def budget(request: HttpRequest, reference: str) -> HttpResponse:
    """The lines of one's own missions as inputs; other missions' lines to read."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    require_writing(assistance, {Section.LINES.value}, person)
    own = own_missions(assistance, person)
    if request.method != "POST":
        frame = FrameForm(initial=framed(assistance, request.GET.get("then", "")))
        return _show_budget(request, assistance, own, frame, Lines(assistance, own))
    again = request.POST if reads_on_in_another(request) else rearranged(request.POST, fresh_line(assistance, own))
    if again is not None:
        return _budget_again(request, assistance, own, again)
    paste = PastedLinesForm(request.POST)
    if "paste" in request.POST or request.POST.get("pasted", "").strip():  # no button saves what is in no row yet
        return _budget_pasted(request, assistance, own, paste)
    frame, lines = FrameForm(request.POST), Lines(assistance, own, request.POST)
    if all([frame.is_valid(), lines.rows.is_valid()]):
        changed, removed = lines.changes()
        said = {"lines": changed, "remove": removed, **frame.said()}
        if not (changed or removed) or do(frame, edit_lines, assistance, actor=person, **said):
            return _after_budget(request, assistance, frame.cleaned_data["then"])
    return _show_budget(request, assistance, own, frame, lines, status=422)


def _after_budget(request: HttpRequest, assistance: AssistanceRequest, then: str) -> HttpResponse:
    if "totals" in request.POST:
        kept = f"?then={then}" if then in ("answer", "plan", "check") else ""
        return redirect(f"{record_url(assistance)}plan/budget/{kept}")
    return _after(request, assistance, then)


def _budget_again(
    request: HttpRequest, assistance: AssistanceRequest, own: list[Mission], posted: QueryDict
) -> HttpResponse:
    frame, lines = FrameForm(posted), Lines(assistance, own, posted)
    unjudged(frame, lines.rows)
    paste = PastedLinesForm(initial={"pasted": posted.get("pasted", "")})
    return _show_budget(request, assistance, own, frame, lines, paste=paste)


def _budget_pasted(
    request: HttpRequest, assistance: AssistanceRequest, own: list[Mission], paste: PastedLinesForm
) -> HttpResponse:
    """The rows with what was pasted in them, each with its own errors; nothing is saved by that."""
    if not paste.is_valid():
        frame, lines = FrameForm(request.POST), Lines(assistance, own, request.POST)
        unjudged(frame, lines.rows)
        return _show_budget(request, assistance, own, frame, lines, status=422, paste=paste)
    pasted = paste.cleaned_data["pasted"]
    posted = into_rows(request.POST, pasted, fresh_line(assistance, own))
    frame, lines = FrameForm(posted), Lines(assistance, own, posted)
    status = 200 if all([frame.is_valid(), lines.rows.is_valid()]) else 422
    return _show_budget(request, assistance, own, frame, lines, status=status, pasted=len(pasted))


def _rates(own: list[Mission]) -> list[dict[str, Any]]:
    """Today's rate of each currency the person may write in; where none is approved, the words that say so."""
    found: list[dict[str, Any]] = []
    for currency in dict.fromkeys(mission.currency for mission in own if mission.currency != "USD"):
        try:
            found.append({"currency": currency, "rate": usd_rate(currency, clock.today()).units_per_usd})
        except Refusal as refusal:
            found.append({"currency": currency, "why": f"{refusal.why} {refusal.next_step}"})
    return found


def _show_budget(
    request: HttpRequest,
    assistance: AssistanceRequest,
    own: list[Mission],
    frame: FrameForm,
    lines: Lines,
    status: int = 200,
    *,
    paste: PastedLinesForm | None = None,
    pasted: int = 0,
) -> HttpResponse:
    stored = list(assistance.lines.select_related("mission").prefetch_related("persons"))
    mine = [line for line in stored if line.pk in lines.stored]
    others = [line for line in stored if line.pk not in lines.stored]
    sums: dict[str, Money] = {}
    for line in mine:
        sums[line.currency] = sums.get(line.currency, Money.zero(line.currency)) + line.local
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "frame": frame,
        "lines": lines,
        "paste": paste or PastedLinesForm(),
        "pasted": pasted,
        "has_errors": status == 422,
        "several_missions": len(own) > 1,
        "rates": _rates(own),
        "sums": list(sums.values()),
        "own_usd": total([line.usd for line in mine], "USD"),
        "others": others,
        "all_usd": total([line.usd for line in stored], "USD"),
        "back_url": url_after(assistance, str(frame["then"].value() or ""), "plan/"),
        "typed_form": "typed",
    }
    return render(request, "workflow/mission/budget.html", context, status=status)


@audience(*WRITERS)
@require_safe
def plan_documents(request: HttpRequest, reference: str) -> HttpResponse:
    """Documents of the plan are documents of the request; the page comes back here."""
    assistance = request_within_sight(request, reference)
    return redirect(f"{record_url(assistance)}documents/?then=plan")


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def plan_check(request: HttpRequest, reference: str) -> HttpResponse:
    """Plan and lines at a glance, what is missing, and the button that sends them to the approver."""
    typed = DeclarationForm(request.POST) if request.method == "POST" else None
    if typed is not None:
        sent = try_within_sight(typed, request, reference, lambda here: _sent(request, here, typed))
        if sent is not None:
            return done(request, sent, _("plan and budget are with the approver."))
    assistance = request_within_sight(request, reference)
    require_open(assistance, "send_budget", person_of(request))
    form = typed or DeclarationForm(initial={"seen_version": assistance.version})
    open_now = open_sections(assistance)
    parts = (Section.PLAN, Section.LINES, Section.DOCUMENTS)
    rows = [
        row for part in parts for row in section_rows(assistance, part.value, "plan" if part.value in open_now else "")
    ]
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "form": form,
        "rows": rows,
        "asked": total([line.usd for line in assistance.lines.all()], "USD"),
        "missing": missing_links(assistance, obstacles(assistance, "send_budget"), "plan"),
        "back_url": f"{record_url(assistance)}plan/",
    }
    return render(request, "workflow/mission/plan_check.html", context, status=422 if form.is_bound else 200)


def _sent(request: HttpRequest, here: AssistanceRequest, form: DeclarationForm) -> AssistanceRequest | None:
    """Send the locked budget on, or find that this very press did so already."""
    if pressed_twice(request, here, "send_budget"):
        return here
    if not form.is_valid():
        return None
    return send_budget(request_id=here.pk, actor=person_of(request), at=clock.now(), **form.said())


@audience(*WRITERS)
@require_safe
def to_plan_check(request: HttpRequest, reference: str) -> HttpResponse:
    """The act of sending the budget stands on the check page of the plan."""
    return redirect(f"{record_url(request_within_sight(request, reference))}plan/check/")
