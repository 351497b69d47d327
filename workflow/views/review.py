"""Eligibility review: the request on the left, the criteria it is bound to on the right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gaf.audience import audience
from workflow.actions.eligibility import answer_criteria, confirm_eligibility
from workflow.crisis_windows import leans_on_a_crisis, window_of
from workflow.criteria_words import translated
from workflow.forms.review import ReviewForm
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.queries import may_read_text
from workflow.views.act_pages import READERS, act_url, do, done, page_of_act, person_of, record_url, require_open
from workflow.views.acts import PLAIN_ACTS
from workflow.views.record import whole_request
from workflow.views.record_parts import alternatives_shown, lines_shown, passages

# Where a reviewer may go on to when the answers are saved.
_THEN = ("refuse_eligibility", "ask")


@audience(*READERS)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer the criteria; all answers are saved together. That it is eligible is confirmed here, too; another
    decision has its own page."""
    person = person_of(request)
    assistance = whole_request(person, reference)
    require_open(assistance, "confirm_eligibility", person)
    form = _form(request, assistance, request.POST)
    if request.method == "POST" and form.is_valid():
        said = {"answers": form.answers(), "seen_version": form.cleaned_data["seen_version"]}
        if do(form, answer_criteria, assistance, actor=person, **said):
            then = request.POST.get("then", "")
            if then == "confirm_eligibility":
                return _confirm(request, reference, form.cleaned_data["seen_version"] + 1)
            messages.success(request, _("The answers are saved."))
            return redirect(act_url(reference, then) if then in _THEN else f"{record_url(assistance)}review/")
    return _page(request, assistance, form)


def _confirm(request: HttpRequest, reference: str, version: int) -> HttpResponse:
    """Decide, now that the answers are saved; they stay so when a rule says no, and the page says which.

    `version` is the one that the answers made: whoever writes in between is noticed.
    """
    person = person_of(request)
    assistance = whole_request(person, reference)
    said = request.POST.copy()
    said["seen_version"] = str(version)
    form = _form(request, assistance, said)
    decision = {"reason": form.cleaned_data["reason"] if form.is_valid() else "", "seen_version": version}
    if do(form, confirm_eligibility, assistance, actor=person, **decision):
        return done(request, assistance, str(PLAIN_ACTS["confirm_eligibility"].done))
    messages.success(request, _("The answers are saved."))
    return _page(request, assistance, form)


def _page(request: HttpRequest, assistance: AssistanceRequest, form: ReviewForm) -> HttpResponse:
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
