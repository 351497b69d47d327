"""Eligibility review: the request on the left, the criteria it is bound to on the right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gaf import clock
from gaf.audience import audience
from workflow.actions.eligibility import answer_criteria, confirm_eligibility
from workflow.crisis_windows import leans_on_a_crisis, window_of
from workflow.criteria_words import translated
from workflow.forms.acts import ConfirmEligibilityForm
from workflow.forms.review import ReviewForm
from workflow.kept_criteria import bound_criteria
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.queries import may_read_text
from workflow.views.act_pages import (
    READERS,
    SaidNo,
    act_url,
    do_within_sight,
    done,
    page_of_act,
    person_of,
    record_url,
    require_open,
    try_within_sight,
)
from workflow.views.acts import PLAIN_ACTS
from workflow.views.record import whole_request
from workflow.views.record_parts import alternatives_shown, lines_shown, passages

# Where a reviewer may go on to when the answers are saved.
_THEN = ("refuse_eligibility", "ask")


@audience(*READERS)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer the criteria; all answers are saved together. That it is eligible is confirmed here, too; another
    decision has its own page."""
    no = SaidNo()
    if request.method == "POST":
        saved = try_within_sight(no, request, reference, lambda here: _answered(request, here))
        if saved is not None:
            return _go_on(request, saved, no)
    return _page(request, reference, no, request.POST)


def _answered(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Save the answers to a locked request; nothing when the form is not whole."""
    form = ReviewForm(request.POST, criteria=bound_criteria(here), answered={}, reads=False, words={})
    if not form.is_valid():
        return None
    said = {"answers": form.answers(), "seen_version": form.cleaned_data["seen_version"]}
    return answer_criteria(request_id=here.pk, actor=person_of(request), at=clock.now(), **said)


def _go_on(request: HttpRequest, saved: AssistanceRequest, no: SaidNo) -> HttpResponse:
    """Where the reviewer wants to, now that the answers are saved; they stay so when a rule says no to the decision.

    It is of the version that the answers made: whoever writes in between is noticed.
    """
    then, said = request.POST.get("then", ""), request.POST.copy()
    said["seen_version"] = str(saved.version)
    if then == "confirm_eligibility":
        form = ConfirmEligibilityForm(said)
        decision = form.said() if form.is_valid() else {"seen_version": saved.version}
        decided = do_within_sight(no, confirm_eligibility, request, saved.reference, **decision)
        if decided is not None:
            return done(request, decided, str(PLAIN_ACTS["confirm_eligibility"].done))
    messages.success(request, _("The answers are saved."))
    if then == "confirm_eligibility":
        return _page(request, saved.reference, no, said)
    return redirect(act_url(saved.reference, then) if then in _THEN else f"{record_url(saved)}review/")


def _page(request: HttpRequest, reference: str, no: SaidNo, said: QueryDict) -> HttpResponse:
    assistance = whole_request(person_of(request), reference)
    require_open(assistance, "confirm_eligibility", person_of(request))
    form = _form(request, assistance, said)
    no.say_on(form)
    return page_of_act(
        request,
        "workflow/headquarters/review.html",
        assistance,
        "confirm_eligibility",
        _context(request, assistance, form),
    )


def _form(request: HttpRequest, assistance: AssistanceRequest, said: QueryDict) -> ReviewForm:
    criteria = list(assistance.criteria_set.criteria.all()) if assistance.criteria_set else []
    answered = {row.criterion_id: row for row in assistance.eligibility_answers.all()}
    return ReviewForm(
        said if request.method == "POST" else None,
        initial={"seen_version": assistance.version},
        criteria=criteria,
        answered=answered,
        reads=may_read_text(person_of(request)),
        words=translated(assistance.criteria_set.number) if assistance.criteria_set else {},
    )


def _context(request: HttpRequest, assistance: AssistanceRequest, form: ReviewForm) -> dict[str, Any]:
    reads = may_read_text(person_of(request))
    answered = assistance.eligibility_answers.count()
    return {
        "form": form,
        "reads": reads,
        "criteria_set": assistance.criteria_set,
        "answered": answered,
        "crisis_window": window_of(assistance) if leans_on_a_crisis(assistance) else None,
        "missing": obstacles(assistance, "confirm_eligibility"),
        "will_happen": PLAIN_ACTS["confirm_eligibility"].will_happen(assistance),
        "deciding": request.POST.get("then") == "confirm_eligibility",
        "passages": passages(assistance, reads),
        "alternatives": alternatives_shown(assistance, reads),
        "lines": lines_shown(assistance, reads),
    }
