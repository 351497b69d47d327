"""Asking a mission about named parts of its request; those parts are open to it until it answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gaf.audience import audience
from workflow.actions import clarification
from workflow.forms.acts import ActForm
from workflow.forms.asking import MOST_QUESTIONS, QuestionsFormSet, as_typed
from workflow.models import AssistanceRequest
from workflow.views.act_pages import (
    READERS,
    about,
    do,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
)


@audience(*READERS)
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Rows of part and question; one more row on wish."""
    assistance = request_within_sight(request, reference)
    require_open(assistance, "ask", person_of(request))
    if request.method != "POST":
        return _page(request, assistance, ActForm(initial={"seen_version": assistance.version}), QuestionsFormSet())
    form = ActForm(request.POST)
    if "more" in request.POST:
        return _page(request, assistance, form, _one_more(request), status=200)
    rows = QuestionsFormSet(request.POST)
    if form.is_valid() and rows.is_valid():
        said = {"questions": rows.said(), **form.said()}
        if do(form, clarification.ask, assistance, actor=person_of(request), **said):
            return done(request, assistance, _("the questions are sent to the mission."))
    return _page(request, assistance, form, rows)


def _one_more(request: HttpRequest) -> Any:
    shown = request.POST.get("form-TOTAL_FORMS", "")
    rows = min(int(shown), MOST_QUESTIONS - 1) if shown.isascii() and shown.isdigit() and len(shown) < 4 else 3
    fresh = QuestionsFormSet(initial=as_typed(request.POST, rows))
    fresh.extra = 1
    return fresh


def _page(
    request: HttpRequest, assistance: AssistanceRequest, form: ActForm, rows: Any, status: int = 0
) -> HttpResponse:
    context = {"form": form, "rows": rows, "about": about(assistance)}
    return page_of_act(request, "workflow/headquarters/ask.html", assistance, "ask", context, status=status)
