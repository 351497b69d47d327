"""The person behind the request: assessments, trafficking screenings and referrals, and recording a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.audience import audience
from gaf.figures import colon
from gaf.gate import edge_of
from gaf.policy import Question
from workflow.actions.assessing import assess, context_of, review_context
from workflow.actions.likenesses import fingerprint_person
from workflow.actions.trafficking import refer_persons, screen_trafficking
from workflow.forms.acts import ActForm
from workflow.forms.protection import AssessmentForm, ContextForm, FingerprintForm, ReferralForm, ScreeningForm
from workflow.models import AssistanceRequest, ContextSheet
from workflow.policy import works_in
from workflow.protection.determinants import CONTEXT, Need, band, score
from workflow.protection.trafficking import Exploitation
from workflow.queries import mission_ids_of, reads_text
from workflow.views.act_pages import (
    READERS,
    about,
    do,
    page_of_act,
    person_of,
    record_url,
    request_within_sight,
    require_open,
    side_of,
)
from workflow.views.record_parts import person_words, sealed
from workflow.views.writing import WRITERS, pressed_twice

_ACTS = ("assess", "screen_trafficking", "refer_persons", "fingerprint_person")


def page_url(assistance: AssistanceRequest) -> str:
    """Where all of it stands."""
    return f"{record_url(assistance)}protection/"


@audience(*READERS)
@require_safe
def protection(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything on file; sealed text only for those who read it, wishes only for the missions."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    reads, in_mission = reads_text(person, assistance.reference), side_of(person) == "mission"
    context = {
        "about": about(assistance),
        "assessments": [_assessment(row, reads, in_mission) for row in assistance.assessments.order_by("-number")],
        "screenings": [
            _screening(row, reads) for row in assistance.screenings.select_related("person").order_by("-id")
        ],
        "referrals": [
            _referral(row, reads) for row in assistance.referrals.prefetch_related("persons").order_by("-id")
        ],
        "prints": _prints(assistance),
        "context_code": assistance.mission.code if works_in(person, assistance.mission_id) else "",
        "may": [act for act in _ACTS if _may(assistance, act, person)],
    }
    return page_of_act(request, "workflow/protection.html", assistance, "assess", context)


def _may(assistance: AssistanceRequest, act: str, person: User) -> bool:
    edge = edge_of(assistance, act)
    return edge is not None and not edge.permission.why_not(Question(assistance, act, person))


def _assessment(row: Any, reads: bool, in_mission: bool) -> dict[str, Any]:
    figure = score(row.factors)
    return {
        "row": row,
        "needs": ", ".join(str(Need(code).label) for code in row.needs),
        "figure": figure,
        "band": band(figure).label if figure is not None else "",
        "count": len(row.factors),
        "reason": (row.reason_text if reads else sealed()) if row.reason else "",
        "wishes": row.wishes_text if row.wishes and in_mission else "",
    }


def _screening(row: Any, reads: bool) -> dict[str, Any]:
    return {
        "row": row,
        "who": person_words(row.person),
        "purposes": ", ".join(str(Exploitation(code).label) for code in row.purposes),
        "note": (row.note_text if reads else sealed()) if row.note else "",
    }


def _referral(row: Any, reads: bool) -> dict[str, Any]:
    who = "; ".join(person_words(person) for person in row.persons.all())
    return {"row": row, "who": who, "to_whom": row.to_whom_text if reads else sealed()}


def _prints(assistance: AssistanceRequest) -> list[dict[str, Any]]:
    """Who has a fingerprint since when; never what it found."""
    persons = assistance.persons.select_related("fingerprint").order_by("pk")
    return [{"who": person_words(one), "row": getattr(one, "fingerprint", None)} for one in persons]


def _persons(assistance: AssistanceRequest) -> list[tuple[str, str]]:
    living = [person for person in assistance.persons.all() if not person.has_left]
    return [(person.key, f"{person_words(person)} ({person.key})") for person in living]


def _known_factors(assistance: AssistanceRequest) -> dict[str, int]:
    newest = assistance.assessments.order_by("-number").first()
    return {**context_of(assistance.mission_id), **(newest.factors if newest else {})}


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def screening(request: HttpRequest, reference: str) -> HttpResponse:
    """A trafficking screening of one person."""
    words = _("the screening is recorded.")
    return _record(
        request, reference, "screen_trafficking", screen_trafficking, lambda a: _of(ScreeningForm, _persons(a)), words
    )


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def fingerprint(request: HttpRequest, reference: str) -> HttpResponse:
    """A fingerprint of one person; what is typed here is kept nowhere."""
    words = _("the recognition code is kept, and nothing of what you typed.")
    return _record(
        request,
        reference,
        "fingerprint_person",
        fingerprint_person,
        lambda a: _of(FingerprintForm, _persons(a)),
        words,
        note=_("From what you type the system makes a code from which nobody can read it, and forgets what you typed."),
    )


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def referral(request: HttpRequest, reference: str) -> HttpResponse:
    """A referral to another service."""
    words = _("the referral is recorded.")
    return _record(request, reference, "refer_persons", refer_persons, lambda a: _of(ReferralForm, _persons(a)), words)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def assessment(request: HttpRequest, reference: str) -> HttpResponse:
    """A new version of the assessment, filled in from the last one and from the mission's context sheet."""
    words = _("the assessment is recorded.")
    return _record(request, reference, "assess", assess, lambda a: _of(AssessmentForm, _known_factors(a)), words)


def _of(form: Callable[..., ActForm], given: Any) -> Callable[..., ActForm]:
    return lambda *args, **kwargs: form(given, *args, **kwargs)


def _record(
    request: HttpRequest,
    reference: str,
    act: str,
    action: Callable[..., AssistanceRequest],
    form_for: Callable[[AssistanceRequest], Callable[..., ActForm]],
    words: str,
    note: str = "",
) -> HttpResponse:
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, act):
        return redirect(page_url(assistance))
    require_open(assistance, act, person)
    form_of = form_for(assistance)
    posted = request.POST if request.method == "POST" else None
    form = form_of(posted, initial={"seen_version": assistance.version})
    if form.is_bound and form.is_valid() and do(form, action, assistance, actor=person, **form.said()):
        messages.success(request, f"{assistance.reference}{colon()} {words}")
        return redirect(page_url(assistance))
    groups = form.groups() if isinstance(form, AssessmentForm) else []
    context = {
        "form": form,
        "groups": groups,
        "about": about(assistance),
        "back_url": page_url(assistance),
        "note": note,
    }
    return page_of_act(request, "workflow/protection_act.html", assistance, act, context)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def context_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """What a mission says of its community and society; its own people review it once a year."""
    person = person_of(request)
    mission = get_object_or_404(Mission, code=code, pk__in=mission_ids_of(person))
    form = ContextForm(CONTEXT, context_of(mission.pk), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        review_context(mission_id=mission.pk, factors=form.factors(), actor=person, at=clock.now())
        messages.success(request, _("The context sheet of %(mission)s is kept.") % {"mission": mission.name})
        return redirect("desk")
    newest = ContextSheet.objects.filter(mission=mission).order_by("-id").first()
    context = {"form": form, "groups": form.groups(), "mission": mission, "newest": newest}
    return render(request, "workflow/context_sheet.html", context, status=422 if form.is_bound else 200)
