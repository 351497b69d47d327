"""The four steps of a request: person, situation, help, check; and the page that says it was sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gaf import clock
from gaf.accounts.queries import people_with, shift_now
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.audience import audience
from gaf.languages import reads_on_in_another
from workflow.actions import intake
from workflow.actions.drafting import edit_help, edit_persons, edit_situation
from workflow.codelists import Section
from workflow.forms.help import HelpStep
from workflow.forms.persons import PersonStep
from workflow.forms.plan import DeclarationForm, FrameForm
from workflow.forms.rows import rearranged, unjudged
from workflow.forms.situation import SituationStep
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.sections import FIRST_SECTIONS, open_sections
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
from workflow.views.writing import WRITERS, framed, looks_again, pressed_twice, require_writing, url_after

Forms = PersonStep | SituationStep | HelpStep


@dataclass(frozen=True)
class Step:
    """One step: its forms, its template, the action that keeps it, the pages before and after."""

    number: int
    title: str | Promise
    template: str
    forms: type[PersonStep] | type[SituationStep] | type[HelpStep]
    action: Callable[..., AssistanceRequest]
    before: str
    after: str


_STEPS = {
    "person": Step(1, gettext_lazy("Who needs help?"), "person.html", PersonStep, edit_persons, "", "edit/situation/"),
    "situation": Step(
        2,
        gettext_lazy("Situation and what was tried"),
        "situation.html",
        SituationStep,
        edit_situation,
        "edit/person/",
        "edit/help/",
    ),
    "help": Step(
        3,
        gettext_lazy("Help needed, and how soon"),
        "help.html",
        HelpStep,
        edit_help,
        "edit/situation/",
        "edit/check/",
    ),
}


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Show a step, or keep what was typed and go on. Nothing is demanded here: the check says what is missing."""
    this, person = _STEPS[name], person_of(request)
    assistance = request_within_sight(request, reference)
    open_now = require_writing(assistance, this.forms.sections, person)
    if request.method != "POST":
        frame = FrameForm(initial=framed(assistance, request.GET.get("then", "")))
        return _show(request, this, assistance, frame, this.forms(assistance, open_now))
    again = request.POST if reads_on_in_another(request) else rearranged(request.POST)
    if again is not None:
        return _show_again(request, this, assistance, again, open_now)
    frame, forms = FrameForm(request.POST), this.forms(assistance, open_now, request.POST)
    if _all_valid(frame, forms) and _kept(request, this, assistance, frame, forms):
        return _go_on(request, this, assistance, frame.cleaned_data["then"])
    return _show(request, this, assistance, frame, forms, status=422)


def _all_valid(frame: FrameForm, forms: Forms) -> bool:
    valid = [form.is_valid() for form in (frame, *forms.forms)]
    if isinstance(forms, SituationStep):
        forms.check()
        valid = [form.is_valid() for form in (frame, *forms.forms)]
    return all(valid)


def _kept(request: HttpRequest, this: Step, assistance: AssistanceRequest, frame: FrameForm, forms: Forms) -> bool:
    """Whether the changes are kept; what is stored already needs no keeping, so a second press does no harm."""
    changes = forms.changes()
    return not changes or do(frame, this.action, assistance, actor=person_of(request), **frame.said(), **changes)


def _go_on(request: HttpRequest, this: Step, assistance: AssistanceRequest, then: str) -> HttpResponse:
    if "later" in request.POST:
        return done(request, assistance, _("kept; go on whenever you like."))
    if "document" in request.POST:
        return redirect(f"{record_url(assistance)}documents/?then=help")
    if not then and assistance.state == RequestState.CLARIFICATION:
        then = "answer"
    return redirect(url_after(assistance, then, this.after))


def _show_again(
    request: HttpRequest, this: Step, assistance: AssistanceRequest, posted: QueryDict, open_now: frozenset[str]
) -> HttpResponse:
    """The page as typed, with a row more or less, and nothing said about what is not finished."""
    frame, forms = FrameForm(posted), this.forms(assistance, open_now, posted)
    unjudged(frame, *forms.forms)
    return _show(request, this, assistance, frame, forms)


def _show(
    request: HttpRequest,
    this: Step,
    assistance: AssistanceRequest,
    frame: FrameForm,
    forms: Forms,
    status: int = 200,
) -> HttpResponse:
    then = str(frame["then"].value() or "")
    whole = assistance.state in (RequestState.DRAFT, RequestState.ELIGIBILITY_REVIEW)
    before = url_after(assistance, then, this.before)
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "step": this,
        "frame": frame,
        "forms": forms,
        "sources": [frame, *forms.forms],
        "has_errors": status == 422,
        "back_url": before,
        "whole": whole,
        "typed_form": "typed",
        "documents": assistance.documents.count() if isinstance(forms, HelpStep) else 0,
    }
    return render(request, f"workflow/mission/{this.template}", context, status=status)


_GROUPS = (
    (gettext_lazy("Persons"), (Section.PERSONS, Section.CONSENT)),
    (gettext_lazy("Situation"), (Section.CATEGORY, Section.SITUATION, Section.ALTERNATIVES)),
    (gettext_lazy("Help"), (Section.HELP, Section.URGENCY, Section.DOCUMENTS)),
)


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything at a glance, what is missing as links, and the button that sends it on."""
    person, act = person_of(request), "send_urgent" if "urgent" in request.POST else "submit"
    typed = DeclarationForm(request.POST) if request.method == "POST" else None
    if typed is not None:
        sent = try_within_sight(typed, request, reference, lambda here: _sent(request, here, act, typed))
        if sent is not None:
            return redirect(f"{record_url(sent)}sent/")
    assistance = request_within_sight(request, reference)
    if assistance.state != RequestState.DRAFT:
        require_writing(assistance, FIRST_SECTIONS - {Section.DOCUMENTS}, person)
        form = DeclarationForm(initial={"seen_version": assistance.version})
        if request.method == "POST":
            require_open(assistance, act, person)
        return _show_check(request, assistance, form)
    require_open(assistance, act, person)
    form = typed or DeclarationForm(initial={"seen_version": assistance.version})
    return _show_check(request, assistance, form)


def _sent(request: HttpRequest, here: AssistanceRequest, act: str, form: DeclarationForm) -> AssistanceRequest | None:
    """Send the locked draft on, or find that this very press did so already."""
    if pressed_twice(request, here, act):
        return here
    if here.state != RequestState.DRAFT or not form.is_valid():
        return None
    action = intake.send_urgent if act == "send_urgent" else intake.submit
    return action(request_id=here.pk, actor=person_of(request), at=clock.now(), **form.said())


def _show_check(request: HttpRequest, assistance: AssistanceRequest, form: DeclarationForm) -> HttpResponse:
    open_now = open_sections(assistance)
    groups = []
    for title, sections in _GROUPS:
        rows: list[dict[str, Any]] = []
        for section in sections:
            rows += section_rows(assistance, section.value, "check" if section.value in open_now else "")
        groups.append({"title": title, "rows": rows})
    is_draft = assistance.state == RequestState.DRAFT
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "form": form,
        "groups": groups,
        "missing": missing_links(assistance, obstacles(assistance, "submit")),
        "is_draft": is_draft,
        "heads": _heads(assistance),
        "may_be_urgent": is_draft and assistance.priority == "P1",
        "back_url": f"{record_url(assistance)}edit/help/" if is_draft else record_url(assistance),
    }
    return render(request, "workflow/mission/check.html", context, status=422 if form.is_bound else 200)


def _heads(assistance: AssistanceRequest) -> str:
    people = people_with(Role.HEAD_OF_UNIT, {assistance.mission_id})
    return ", ".join(str(person) for person in people)


@audience(*WRITERS)
@require_safe
def to_check(request: HttpRequest, reference: str) -> HttpResponse:
    """The acts of sending a draft stand on the check page."""
    return redirect(f"{record_url(request_within_sight(request, reference))}edit/check/")


@audience(*MISSION_ROLES)
@require_safe
def sent(request: HttpRequest, reference: str) -> HttpResponse:
    """The receipt: the reference, who has it, what comes next. A draft was not sent, so it goes to its check."""
    assistance = request_within_sight(request, reference)
    if assistance.submitted_at is None or assistance.state == RequestState.DRAFT:
        return redirect(record_url(assistance))
    shift = shift_now()
    duty = [shift.person] if shift else people_with(Role.DUTY_OFFICER)
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "heads": _heads(assistance),
        "duty_officers": ", ".join(str(person) for person in duty),
        "still_here": assistance.state == RequestState.SUBMITTED,
        "urgent_open": assistance.is_urgent and assistance.endorsed_at is None,
        "record_url": record_url(assistance),
    }
    return render(request, "workflow/mission/sent.html", context)
