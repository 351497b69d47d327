"""Uncovering text for a purpose, who reads a request, whom a strict one is named to, and the watch over all reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaf import clock
from gaf.accounts.roles import COVERED_FOR, MISSION_ROLES, Role
from gaf.audience import audience
from gaf.figures import colon
from gaf.policy import Question, act_label
from gaf.privacy.models import Alarm, Guessing, Read
from gaf.privacy.sight import is_strict, named_to
from gaf.privacy.watching import busiest_today, reads_of, reads_told_to_its_people, set_canary
from workflow.actions import privacy as actions
from workflow.forms.privacy import CanaryForm, NameReaderForm, RestrictForm, RevealForm
from workflow.models import AssistanceRequest
from workflow.policy import MAY_ASK_COPY, MAY_NAME_READER, MAY_RESTRICT
from workflow.views.act_pages import about, do, done, page_of_act, person_of, record_url, request_within_sight

_ROWS_A_PAGE = 50
WATCHERS = (*MISSION_ROLES, Role.FUND_MANAGER, Role.DATA_STEWARD)
NAMERS = (Role.HEAD_OF_UNIT, Role.FUND_MANAGER)
RESTRICTERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT, Role.FUND_MANAGER, Role.DATA_STEWARD)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@audience(*COVERED_FOR)
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what the text is needed for; then it is open to this person for an hour."""
    assistance = request_within_sight(request, reference)
    form = RevealForm(_posted(request))
    if form.is_bound and form.is_valid():
        said = {"purpose": form.cleaned_data["purpose"], "reason": form.cleaned_data["reason"]}
        if do(form, actions.uncover, assistance, actor=person_of(request), **said):
            return done(request, assistance, _("the text is uncovered for an hour."))
    context = {
        "form": form,
        "label": _("Uncover the text"),
        "about": about(assistance),
        "missing": [],
        "may_be_done": True,
        "will_happen": [
            _("You read the text and the documents of this request for an hour."),
            _("Whoever wrote the request and the privacy focal point are told, with your purpose."),
        ],
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, "reveal", context)


@audience(*WATCHERS)
@require_safe
def readers(request: HttpRequest, reference: str) -> HttpResponse:
    """Who opened which page of a request, and, of a strict one, who is named to it."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if not actions.watches(assistance, person):
        raise Http404
    strict = is_strict(reference)
    permit = MAY_NAME_READER if strict else MAY_RESTRICT
    context = {
        "assistance": assistance,
        "reference": reference,
        "strict": strict,
        "named": named_to(reference) if strict else [],
        "may_name": strict and bool(permit.role_used(Question(assistance, "name_reader", person))),
        "may_restrict": not strict and not permit.why_not(Question(assistance, "restrict", person)),
        "copies": assistance.person_copies.order_by("-number"),
        "may_copy": bool(MAY_ASK_COPY.role_used(Question(assistance, "ask_copy", person))),
        "page": Paginator(reads_told_to_its_people(reference), _ROWS_A_PAGE).get_page(request.GET.get("page", "1")),
        "zone": assistance.mission.time_zone,
        "back_url": record_url(assistance),
    }
    return render(request, "workflow/readers.html", context)


def _act(
    request: HttpRequest,
    assistance: AssistanceRequest,
    form: Any,
    action: Callable[..., Any],
    will_happen: list[str],
    words: str,
    act: str,
) -> HttpResponse:
    """One act on who sees a request, on the page every act has."""
    if form.is_bound and form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name == "person_id"}
        if do(form, action, assistance, actor=person_of(request), **said):
            messages.success(request, f"{assistance.reference}{colon()} {words}")
            return redirect(f"{record_url(assistance)}readers/")
    context = {
        "form": form,
        "label": act_label(act),
        "about": about(assistance),
        "missing": [],
        "may_be_done": True,
        "will_happen": will_happen,
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, act, context)


@audience(*RESTRICTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def restrict_request(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep a request to named people."""
    assistance = request_within_sight(request, reference)
    MAY_RESTRICT.require(Question(assistance, "restrict", person_of(request)))
    form = RestrictForm(_posted(request))
    will_happen = [
        _("Only who wrote or decided on it so far sees it, the heads of its unit, and whom you name after that."),
        _("For everybody else it is in no list, count, search, export or mail; its address answers “not there”."),
        _("This is not undone."),
    ]
    return _act(request, assistance, form, actions.restrict, will_happen, _("kept to named people."), "restrict")


@audience(*NAMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def name_one(request: HttpRequest, reference: str) -> HttpResponse:
    """Name one more reader of a strict request."""
    assistance = _strict_within_sight(request, reference)
    MAY_NAME_READER.require(Question(assistance, "name_reader", person_of(request)))
    people = actions.can_be_named(assistance)
    form = NameReaderForm(people, _posted(request))
    will_happen = [_("This person sees the request from now on and can do what their role does.")]
    return _act(request, assistance, form, actions.name_reader, will_happen, _("a reader is named."), "name_reader")


@audience(*NAMERS)
@require_POST
def end_one(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """End one reader's sight of a strict request."""
    assistance = _strict_within_sight(request, reference)
    actions.end_reader(request_id=assistance.pk, person_id=person, actor=person_of(request), at=clock.now())
    words = _("the reader was taken from the list.")
    messages.success(request, f"{reference}{colon()} {words}")
    return redirect(f"{record_url(assistance)}readers/")


def _strict_within_sight(request: HttpRequest, reference: str) -> AssistanceRequest:
    assistance = request_within_sight(request, reference)
    actions.require_strict(reference)
    return assistance


@dataclass(frozen=True)
class Busy:
    """Somebody who opened many requests within a day."""

    name: str
    requests: int


@audience(Role.PRIVACY_FOCAL_POINT)
@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    """Every reading, newest first: alarms, people turned away, people who open many; references and no text."""
    wanted = request.GET.get("show", "")
    rows = reads_of(request.GET.get("reference", ""), only=wanted)
    context = {
        "alarms": Alarm.objects.select_related("read__person").order_by("-id")[:10],
        "guessing": Guessing.objects.select_related("read__person").order_by("-id")[:10],
        "busy": [Busy(*row) for row in busiest_today()],
        "page": Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get("page", "1")),
        "show": wanted,
        "all": Read.objects.count(),
    }
    return render(request, "workflow/privacy_watch.html", context)


@audience(Role.PRIVACY_FOCAL_POINT)
@require_http_methods(["GET", "HEAD", "POST"])
def canary_new(request: HttpRequest) -> HttpResponse:
    """Let an invented request ring when anybody opens it."""
    form = CanaryForm(_posted(request))
    if form.is_bound and form.is_valid():
        reference = form.cleaned_data["reference"].strip()
        if not AssistanceRequest.objects.filter(reference=reference).exists():
            form.add_error("reference", _("There is no request of this reference."))
        else:
            set_canary(reference=reference, actor=person_of(request), at=clock.now())
            messages.success(request, _("%(reference)s rings from now on.") % {"reference": reference})
            return redirect("privacy_watch")
    return render(request, "workflow/canary_new.html", {"form": form}, status=422 if form.is_bound else 200)
