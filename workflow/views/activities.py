"""Activities: a person's own list, those of one request, and the pages that plan one and end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import READS_SEALED_TEXT
from gaf.audience import audience
from gaf.figures import colon
from gaf.policy import Question, act_label
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.sealing import unseal_all
from gaf.templatetags.formats import short_day
from workflow.actions.activities import cancel_activity, finish_activity, plan_activity
from workflow.activities import activities_for, may_be_given, own_open, proposed_after, sizes_by_day
from workflow.forms.activities import CancelForm, FinishForm, PlanForm
from workflow.models import Activity, AssistanceRequest
from workflow.policy import MAY_END_ACTIVITY, MAY_PLAN_ACTIVITY
from workflow.queries import reads_text
from workflow.views.act_pages import READERS, done, page_of_act, person_of, record_url, request_within_sight
from workflow.views.record_parts import sealed

_A_PAGE = 25


@dataclass(frozen=True)
class ActivityShown:
    """One activity for a list, its text for those who may read it."""

    activity: Activity
    note: str
    outcome: str
    url: str
    may_end: bool


def activities_shown(rows: list[Activity], reference: str, reads: bool) -> list[ActivityShown]:
    """Activities as a list shows them; `reference` of the one request they belong to, empty for rows that know it."""
    texts = unseal_all([text for row in rows for text in (row.note, row.outcome)]) if reads else []
    shown = []
    for place, row in enumerate(rows):
        note, outcome = texts[2 * place : 2 * place + 2] if reads else _sealed_texts(row)
        url = f"/requests/{reference or row.assistance.reference}/activities/{row.number}/"
        shown.append(ActivityShown(row, note, outcome, url, reads and row.is_open))
    return shown


def _sealed_texts(row: Activity) -> tuple[str, str]:
    return (sealed() if row.note else "", sealed() if row.outcome else "")


@dataclass
class Part:
    """One part of a person's list."""

    when: str
    title: str
    count: int  # on all pages together
    rows: list[ActivityShown] = field(default_factory=list)


@audience(*READS_SEALED_TEXT)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What I am to do: overdue, today, later."""
    mine = own_open(person_of(request))
    page = Paginator(mine, _A_PAGE).get_page(request.GET.get("page", "1"))
    shown = activities_shown(list(page), "", reads=True)
    sizes = sizes_by_day(mine)
    titles = {"late": _("Overdue"), "today": _("Today"), "later": _("Later")}
    parts = [Part(when, title, sizes[when]) for when, title in titles.items()]
    for part in parts:
        part.rows = [one for one in shown if one.activity.when == part.when]
    context = {"parts": [part for part in parts if part.rows], "page": page}
    return render(request, "workflow/activities.html", context)


@audience(*READERS)
@require_safe
def of_request(request: HttpRequest, reference: str) -> HttpResponse:
    """Every activity of the reader's side on one request, open ones first, with what came of the others."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    rows = sorted(activities_for(person).filter(assistance=assistance), key=lambda row: not row.is_open)
    page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page", "1"))
    reads = reads_text(person, reference)
    context = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "page": page,
        "activities": activities_shown(list(page), reference, reads),
        "zone": assistance.mission.time_zone,
        "reads": reads,
    }
    return render(request, "workflow/request_activities.html", context)


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, reference: str) -> HttpResponse:
    """Plan one for oneself or for somebody of one's own side."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    MAY_PLAN_ACTIVITY.require(Question(assistance, "plan_activity", person))
    people = may_be_given(assistance, person)
    form = PlanForm(people, request.POST if request.method == "POST" else None, initial={"person": person.pk})
    said = {"request_id": assistance.pk, "actor": person}
    if form.is_bound and form.is_valid() and _did(form, plan_activity, **said, **form.said()):
        return done(request, assistance, _("the activity is planned."))
    words = [_("Whoever is to do it gets a mail now, and another on its day."), _("Only people of your side see it.")]
    return _page(request, assistance, "plan_activity", form, words)


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """Say that it is done; the next step of its type is proposed."""
    assistance, activity, person = _found(request, reference, place, "finish_activity")
    next_type, due_on = proposed_after(activity)
    people = may_be_given(assistance, person)
    proposal = {"next_type": next_type, "due_on": due_on, "person": activity.person_id}
    form = FinishForm(people, request.POST if request.method == "POST" else None, initial=proposal)
    return _ending(request, assistance, activity, "finish_activity", form, finish_activity, _("the activity is done."))


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """Say why it is not needed any more."""
    assistance, activity, _person = _found(request, reference, place, "cancel_activity")
    form = CancelForm(request.POST if request.method == "POST" else None)
    words = _("the activity is cancelled.")
    return _ending(request, assistance, activity, "cancel_activity", form, cancel_activity, words)


def _found(request: HttpRequest, reference: str, place: int, act: str) -> tuple[AssistanceRequest, Activity, User]:
    assistance, person = request_within_sight(request, reference), person_of(request)
    rows = Activity.objects.filter(assistance=assistance).select_related("person", "planned_by", "ended_by")
    activity = get_object_or_404(rows, number=place)
    activity.assistance = assistance
    MAY_END_ACTIVITY.require(Question(activity, act, person))
    return assistance, activity, person


def _ending(
    request: HttpRequest,
    assistance: AssistanceRequest,
    activity: Activity,
    act: str,
    form: Any,
    action: Callable[..., Activity],
    words: str,
) -> HttpResponse:
    person = person_of(request)
    if not activity.is_open:
        if request.method == "POST" and activity.ended_by_id == person.pk:  # the same button, pressed twice
            return redirect(record_url(assistance))
        raise MovedOn(
            assistance,
            "ACTIVITY-05",
            _("The activity was not changed."),
            _("%(name)s has ended it already.") % {"name": activity.ended_by},
            _("Look at the record as it is now."),
        )
    said = {"activity_id": activity.pk, "actor": person}
    if form.is_bound and form.is_valid() and _did(form, action, **said, **form.said()):
        return done(request, assistance, words)
    facts = [
        f"{activity.get_type_display()}{colon()} {activity.person}, {short_day(activity.due_on)}",
        activity.note_text,
    ]
    return _page(request, assistance, act, form, [fact for fact in facts if fact])


def _did(form: Any, action: Callable[..., Activity], **said: Any) -> bool:
    try:
        action(at=clock.now(), **said)
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _page(request: HttpRequest, assistance: AssistanceRequest, act: str, form: Any, words: list[str]) -> HttpResponse:
    context = {"form": form, "will_happen": words, "label": act_label(act)}
    return page_of_act(request, "workflow/activity_form.html", assistance, act, context)
