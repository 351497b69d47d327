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
    do_within_sight,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
)


@audience(*READERS)
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Rows of part and question; one more row on wish."""
    posted, more = request.POST if request.method == "POST" else None, "more" in request.POST
    form = ActForm(posted) if posted is not None else None
    rows = QuestionsFormSet(posted) if not more else _one_more(request)
    if form is not None and not more and form.is_valid() and rows.is_valid():
        said = {"questions": rows.said(), **form.said()}
        asked = do_within_sight(form, clarification.ask, request, reference, **said)
        if asked is not None:
            return done(request, asked, _("the questions are sent to the mission."))
    assistance = request_within_sight(request, reference)
    require_open(assistance, "ask", person_of(request))
    form = form or ActForm(initial={"seen_version": assistance.version})
    return _page(request, assistance, form, rows, status=200 if more else 0)


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
