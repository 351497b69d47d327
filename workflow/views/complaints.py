"""Complaints and feedback: recorded on a request, looked into, answered, or passed on to oversight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, ask_act
from finance.views.acting import done as kept
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.policy import Question, act_label
from gaf.privacy.reads import read
from gaf.sealing import unseal, unseal_all
from workflow import policy
from workflow.actions import complaints as actions
from workflow.complaint_sight import open_complaints, whom_it_may_be_about
from workflow.forms.complaints import AnswerComplaintForm, ConcludeComplaintForm, RecordComplaintForm
from workflow.models import AssistanceRequest, Complaint
from workflow.queries import visible_to
from workflow.views.act_pages import about, page_of_act, person_of, record_url, request_within_sight

SEES_COMPLAINTS = (*MISSION_ROLES, Role.FUND_MANAGER, Role.OVERSIGHT)
LOOKS_INTO_COMPLAINTS = (Role.HEAD_OF_UNIT, Role.FUND_MANAGER, Role.OVERSIGHT)
_ROWS_A_PAGE = 25
_PLAIN = ("take_up_complaint", "close_complaint", "pass_on_complaint", "note_complaint")
_WRITTEN = {"answer_complaint": AnswerComplaintForm, "conclude_complaint": ConcludeComplaintForm}


@audience(*MISSION_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """What somebody said, how it came, and whether an answer is wanted."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    policy.MAY_RECORD_COMPLAINT.require(Question(assistance, "record_complaint", person))
    form = RecordComplaintForm(
        whom_it_may_be_about(assistance, person), request.POST if request.method == "POST" else None
    )
    if form.is_bound and form.is_valid():
        made = kept(form, lambda: _record(assistance, form.cleaned_data, person))
        if made is not None:
            return _after(request, made, person, assistance)
    context = {
        "form": form,
        "label": act_label("record_complaint"),
        "about": about(assistance),
        "missing": [],
        "may_be_done": True,
        "will_happen": [
            _("Somebody who did not work on this request looks into it."),
            _("The request is not closed before it is answered. Nothing of it stands on the request."),
        ],
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, "record_complaint", context)


def _record(assistance: AssistanceRequest, typed: dict[str, Any], person: User) -> Complaint:
    about_id = typed.pop("about_id")
    return actions.record_complaint(
        request_id=assistance.pk, said=actions.Said(**typed), about_id=about_id, actor=person, at=clock.now()
    )


def _after(request: HttpRequest, made: Complaint, person: User, assistance: AssistanceRequest) -> HttpResponse:
    """To the complaint; where oversight has it, back to the request with its number and nothing more."""
    if open_complaints(person).filter(pk=made.pk).exists():
        messages.success(request, _("It is recorded. Tell the person its number: %(key)s.") % {"key": made.key})
        return redirect("complaint", complaint=made.key)
    messages.success(
        request, _("It went to oversight under number %(key)s. Speak with nobody about it.") % {"key": made.key}
    )
    return redirect(record_url(assistance))


@audience(*SEES_COMPLAINTS)
@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """Those a person may see, the open ones first."""
    page = Paginator(open_complaints(person_of(request)), _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "workflow/complaints.html", {"page": page})


@audience(*SEES_COMPLAINTS)
@require_safe
def complaint(request: HttpRequest, complaint: str) -> HttpResponse:
    """What was said, where it stands, and what may be done."""
    person, acts = person_of(request), Acts()
    row = get_object_or_404(open_complaints(person), key=complaint)
    looks_into = _looks_into(row, person)
    if looks_into:
        for act in (*_PLAIN[:1], *_WRITTEN, *_PLAIN[1:]):
            address = reverse("complaint_act", args=[row.key, act.replace("_", "-")])
            acts.offer(row, act, person, address, act_label(act), primary=act in ("take_up_complaint", *_WRITTEN))
    if row.assistance is not None and not row.is_with_oversight:
        read(person, "complaint", row.assistance.reference)
    context = {
        "row": row,
        "acts": acts,
        "words": unseal(row.words) if looks_into else "",
        "answer": unseal(row.answer),
        "reasons": _reasons(row) if looks_into else [],
        "request_in_sight": row.assistance is not None and visible_to(person).filter(pk=row.assistance.pk).exists(),
    }
    return render(request, "workflow/complaint.html", context)


def _looks_into(row: Complaint, person: User) -> bool:
    """Whether a person reads the words: not somebody who only recorded them."""
    permit = policy.MAY_CONCLUDE_COMPLAINT if row.is_with_oversight else policy.MAY_PASS_ON_COMPLAINT
    return bool(permit.role_used(Question(row, "", person)))


def _reasons(row: Complaint) -> list[tuple[str, str]]:
    """Who said what, oldest first."""
    said = Decision.objects.filter(subject=row.key).exclude(reason="").select_related("actor").order_by("number")
    texts = unseal_all([one.reason for one in said])
    return [(f"{act_label(one.act)}, {one.actor}", text) for one, text in zip(said, texts, strict=True)]


@audience(*LOOKS_INTO_COMPLAINTS)
@require_http_methods(["GET", "HEAD", "POST"])
def complaint_act(request: HttpRequest, complaint: str, act: str) -> HttpResponse:
    """Look into it, answer, close, pass on; oversight: keep a note, say what was found."""
    person, name = person_of(request), act.replace("-", "_")
    row = get_object_or_404(open_complaints(person), key=complaint)
    if name not in (*_PLAIN, *_WRITTEN):
        raise Http404
    ask_act(row, name, person)
    if name in _WRITTEN:
        return _write(request, row, name, person)
    return plain_act(request, _plain(row, name))


def _write(request: HttpRequest, row: Complaint, name: str, person: User) -> HttpResponse:
    form = _WRITTEN[name](request.POST if request.method == "POST" else None)
    action: Callable[..., Complaint] = getattr(actions, name)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        if kept(form, lambda: action(complaint_id=row.pk, **said, actor=person, at=clock.now())) is not None:
            messages.success(request, _("It is kept."))
            return redirect("complaint", complaint=row.key)
    context = {
        "form": form,
        "title": f"{act_label(name)}: {row.key}",
        "button": act_label(name),
        "effects": [_("The person reads the answer, or hears it from whoever recorded the complaint.")],
        "back": reverse("complaint", args=[row.key]),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


def _plain(row: Complaint, name: str) -> PlainAct:
    action: Callable[..., Complaint] = getattr(actions, name)
    effects = {
        "take_up_complaint": _("You look into it; it is due thirty days after it was received."),
        "close_complaint": _("It is over; nothing more is said."),
        "pass_on_complaint": _("Only oversight sees it from now on. You do not see it any more."),
        "note_complaint": _("Only oversight reads the note."),
    }
    passes_on = name == "pass_on_complaint"

    def do(who: User, reason: str) -> Complaint:
        words = {} if name == "take_up_complaint" else {"reason": reason}
        return action(complaint_id=row.pk, **words, actor=who, at=clock.now())

    return PlainAct(
        title=f"{act_label(name)}: {row.key}",
        button=act_label(name),
        done=_("It is with oversight.") if passes_on else _("It is kept."),
        effects=[effects[name]],
        back=reverse("complaints") if passes_on else reverse("complaint", args=[row.key]),
        asks_reason=name != "take_up_complaint",
        do=do,
        facts=[(_("What it is about"), row.get_kind_display())],
    )
