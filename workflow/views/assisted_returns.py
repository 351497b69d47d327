"""The pages of an assisted return: where it stands, its acts, its visits, and what persons answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, ask_act
from finance.views.acting import done as did
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.figures import colon
from gaf.policy import Question, act_label
from gaf.templatetags.formats import plain_money
from workflow import policy
from workflow.actions import assisted_returns as stages
from workflow.actions.reintegration import agree_reintegration_plan, record_visit, what_can_pay
from workflow.actions.surveys import record_survey, survey_on
from workflow.forms.acts import ActForm
from workflow.forms.assisted_returns import (
    BeginReturnForm,
    ConcludeReturnForm,
    OnDayForm,
    ReintegrationPlanForm,
    ReturnItemForm,
    SurveyForm,
    VisitForm,
)
from workflow.models import AssistanceRequest, AssistedReturn, FollowUpVisit
from workflow.protection.standing import journey_gates
from workflow.queries import reads_text
from workflow.return_items import items_of
from workflow.states import A_RETURN_BEGINS_IN, AssistedReturnState
from workflow.views.act_pages import READERS, about, do, page_of_act, person_of, request_within_sight
from workflow.views.record_parts import person_words
from workflow.views.return_shown import (
    is_demonstration,
    plan_shown,
    stages_shown,
    surveys_shown,
    visits_shown,
    whole_return,
)
from workflow.views.writing import WRITERS

_PAGE = "workflow/headquarters/act.html"


def return_url(assistance: AssistanceRequest) -> str:
    """Where the return stands."""
    return f"/assisted-returns/{assistance.reference}/"


def return_of(assistance: AssistanceRequest, person: User) -> dict[str, Any]:
    """What the record says of the return: where it stands, or that this person may begin one."""
    made = getattr(assistance, "assisted_return", None)
    wanted = any(line.assistance_type in stages.OF_A_RETURN for line in assistance.lines.all())
    may = made is None and wanted and assistance.state in A_RETURN_BEGINS_IN
    asked = Question(assistance, "begin_return", person)
    return {
        "assisted_return": made,
        "may_begin_return": may and bool(policy.MAY_BEGIN_RETURN.role_used(asked)),
    }


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Which mission receives them, and whether they are at home already; or what stands against it."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    policy.MAY_BEGIN_RETURN.require(Question(assistance, "begin_return", person))
    missing = stages.why_none_begins(assistance)
    missions = [(row.mission_id, row.mission.name) for row in assistance.missions.select_related("mission")]
    posted = request.POST if request.method == "POST" else None
    form = BeginReturnForm(missions, posted, initial={"seen_version": assistance.version})
    if form.is_bound and form.is_valid() and do(form, stages.begin_return, assistance, actor=person, **form.said()):
        return redirect(return_url(assistance))
    context = {
        "form": form,
        "label": act_label("begin_return"),
        "about": about(assistance),
        "missing": missing,
        "may_be_done": not missing,
        "will_happen": [
            _("Your mission records what is done until the persons leave; the mission there goes on from the arrival."),
            _("Nobody leaves while a gate of the journey is closed."),
            _("The request is closed once the return is concluded with an outcome."),
        ],
    }
    return page_of_act(request, _PAGE, assistance, "begin_return", context)


def _within_sight(request: HttpRequest, reference: str) -> AssistedReturn:
    made = whole_return(request_within_sight(request, reference))
    if made is None:
        raise Http404
    return made


@audience(*READERS)
@require_safe
def assisted_return(request: HttpRequest, reference: str) -> HttpResponse:
    """Stages, plan, visits and scores, and what may be done."""
    made, person, acts = _within_sight(request, reference), person_of(request), Acts()
    assistance = made.assistance
    for act, form in _ACTS.items():
        if form.offered(made):
            address = f"{return_url(assistance)}{act.replace('_', '-')}/"
            acts.offer(made, act, person, address, act_label(act), primary=act in _FIRST)
    reads, results = reads_text(person, reference), list(made.survey_results.all())
    before = made.state == AssistedReturnState.PRE_DEPARTURE
    context = {
        "row": made,
        "acts": acts,
        "stages": stages_shown(made),
        "closed_gates": [gate for gate in journey_gates(assistance) if not gate.is_open] if before else [],
        "plan": plan_shown(made, reads),
        "visits": visits_shown(made, reads, _may_visit(made, person)),
        "surveys": surveys_shown(results, reads=False),
        "is_demonstration": is_demonstration(results),
    }
    return page_of_act(request, "workflow/assisted_return.html", assistance, "begin_return", context)


def _may_visit(made: AssistedReturn, person: User) -> bool:
    visit = next(iter(made.visits.all()), None)
    if visit is None:
        return False
    visit.assisted_return = made
    return not policy.MAY_GO_ON_WITH_RETURN.why_not(Question(visit, "record_visit", person))


@audience(*READERS)
@require_safe
def surveys(request: HttpRequest, reference: str) -> HttpResponse:
    """Baseline, midline and endline of each person side by side; the answers for those who read the text."""
    made = _within_sight(request, reference)
    results, reads = list(made.survey_results.all()), reads_text(person_of(request), reference)
    context = {
        "row": made,
        "surveys": surveys_shown(results, reads),
        "is_demonstration": is_demonstration(results),
        "sources": sorted({row.survey.weights_source for row in results}),
        "back_url": return_url(made.assistance),
        "reads": reads,
    }
    return page_of_act(request, "workflow/surveys.html", made.assistance, "record_survey", context)


@dataclass(frozen=True)
class OwnForm:
    """The page of one act: its form, what carries it out, what will happen, and whether it is offered now."""

    form: Callable[[AssistedReturn], Callable[..., ActForm]]
    action: Callable[..., Any]
    effects: Callable[[AssistedReturn], list[str]]
    offered: Callable[[AssistedReturn], bool] = lambda made: True


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def act_on_return(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """One act on the return."""
    made, person, name = _within_sight(request, reference), person_of(request), act.replace("-", "_")
    own = _ACTS.get(name)
    if own is None:
        raise Http404
    ask_act(made, name, person)
    return _act_page(request, made, name, own.form(made), own.action, own.effects(made), return_id=made.pk)


def _act_page(
    request: HttpRequest,
    made: AssistedReturn,
    act: str,
    form_of: Callable[..., ActForm],
    action: Callable[..., Any],
    effects: list[str],
    version: int | None = None,
    **of: int,
) -> HttpResponse:
    seen = made.version if version is None else version
    form = form_of(request.POST if request.method == "POST" else None, initial={"seen_version": seen})
    if form.is_bound and form.is_valid():
        acted = did(form, lambda: action(**of, **form.said(), actor=person_of(request), at=clock.now()))
        if acted is not None:
            messages.success(request, f"{act_label(act)}{colon()} {_('recorded.')}")
            return redirect(return_url(made.assistance))
    context = {
        "form": form,
        "label": act_label(act),
        "about": about(made.assistance),
        "missing": [],
        "may_be_done": True,
        "will_happen": effects,
        "back_url": return_url(made.assistance),
    }
    return page_of_act(request, _PAGE, made.assistance, act, context)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, reference: str, months: int) -> HttpResponse:
    """What came of the visit so many months after the arrival."""
    made = _within_sight(request, reference)
    row = get_object_or_404(FollowUpVisit, assisted_return=made, months=months)
    row.assisted_return, row.assistance = made, made.assistance
    ask_act(row, "record_visit", person_of(request))
    effects = [_("What you record cannot be changed.")]
    return _act_page(request, made, "record_visit", VisitForm, record_visit, effects, row.version, visit_id=row.pk)


def _of(form: Callable[..., ActForm], *given: Any) -> Callable[..., ActForm]:
    return lambda *args, **kwargs: form(*given, *args, **kwargs)


def _items_left(made: AssistedReturn) -> list[tuple[str, str]]:
    done = {row.code for row in made.items.all()}
    return [(item.code, item.name) for item in items_of(made.state) if item.code not in done]


def _persons(made: AssistedReturn) -> list[tuple[str, str]]:
    return [(one.key, f"{person_words(one)} ({one.key})") for one in made.assistance.persons.all()]


def _questions(made: AssistedReturn) -> list[Any]:
    survey = survey_on(clock.today())
    return list(survey.questions.all()) if survey is not None else []


def _paying(made: AssistedReturn) -> list[tuple[str, str]]:
    found = []
    for key, (line, tranche) in what_can_pay(made).items():
        money = plain_money(line.granted_local if tranche is None else tranche.money)
        found.append((key, f"{key}, {line.get_assistance_type_display()}, {money}"))
    return found


def _arrival_effects(made: AssistedReturn) -> list[str]:
    return [_("Follow-up visits are planned from this day."), _("Your mission goes on with the return.")]


def _conclusion_effects(made: AssistedReturn) -> list[str]:
    return [
        _("Nothing more is recorded of the return, and visits that are planned are owed no more."),
        _("The request can be closed."),
    ]


_FIRST = ("record_departure", "record_arrival", "begin_reintegration")
_ACTS = {
    "record_departure": OwnForm(
        lambda made: OnDayForm,
        stages.record_departure,
        lambda made: [_("%(mission)s is told, and records the arrival.") % {"mission": made.origin}],
    ),
    "record_arrival": OwnForm(lambda made: OnDayForm, stages.record_arrival, _arrival_effects),
    "begin_reintegration": OwnForm(
        lambda made: ActForm, stages.begin_reintegration, lambda made: [_("What was agreed is carried out.")]
    ),
    "record_return_item": OwnForm(
        lambda made: _of(ReturnItemForm, _items_left(made)),
        stages.record_return_item,
        lambda made: [_("Your name and the day are kept with it.")],
        lambda made: bool(_items_left(made)),
    ),
    "agree_reintegration_plan": OwnForm(
        lambda made: _of(ReintegrationPlanForm, _paying(made)),
        agree_reintegration_plan,
        lambda made: [_("It takes the place of an earlier plan, which stays on file."), _("No money moves by it.")],
    ),
    "record_survey": OwnForm(
        lambda made: _of(SurveyForm, _persons(made), _questions(made)),
        record_survey,
        lambda made: [_("The answers are sealed and cannot be changed; the scores stay as they are worked out now.")],
    ),
    "conclude_return": OwnForm(
        lambda made: _of(ConcludeReturnForm, [(one.value, one.label) for one in stages.possible_outcomes(made)]),
        stages.conclude_return,
        _conclusion_effects,
    ),
}
