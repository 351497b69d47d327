"""Answering headquarters' questions: each with the part it is about as it is now, and one box."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf import clock
from gaf.audience import audience
from gaf.languages import reads_on_in_another
from workflow.actions.clarification import answer as send_answers
from workflow.codelists import Section
from workflow.forms.answer import AnswerForm
from workflow.forms.rows import unjudged
from workflow.models import AssistanceRequest, Question
from workflow.views.act_pages import (
    SaidNo,
    done,
    person_of,
    record_url,
    request_within_sight,
    require_open,
    try_within_sight,
)
from workflow.views.summaries import section_rows
from workflow.views.writing import WRITERS, looks_again, pressed_twice, section_url


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """All open questions on one page; the answers go together."""
    posted, reads_on, no = request.POST if request.method == "POST" else None, reads_on_in_another(request), SaidNo()
    if posted is not None and not reads_on:
        sent = try_within_sight(no, request, reference, lambda here: _sent(request, here))
        if sent is not None:
            return done(request, sent, _("answered; it is back with the GAF team."))
    assistance = request_within_sight(request, reference)
    require_open(assistance, "answer", person_of(request))
    questions = list(assistance.questions.filter(answered_at=None).select_related("asked_by"))
    form = AnswerForm(questions, posted, initial={"seen_version": assistance.version})
    if reads_on:
        unjudged(form)
    no.say_on(form)
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "form": form,
        "asked": [_shown(assistance, question, form) for question in questions],
        "back_url": record_url(assistance),
        "typed_form": "typed",
    }
    status = 422 if form.is_bound and not reads_on else 200
    return render(request, "workflow/mission/answer.html", context, status=status)


def _sent(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Send the answers, if each is there, or find that this very press did so already."""
    if pressed_twice(request, here, "answer"):
        return here
    form = AnswerForm(list(here.questions.filter(answered_at=None)), request.POST)
    if not form.is_valid():
        return None
    return send_answers(request_id=here.pk, actor=person_of(request), at=clock.now(), **form.said())


def _shown(assistance: AssistanceRequest, question: Question, form: AnswerForm) -> dict[str, object]:
    return {
        "question": question,
        "about": Section(question.field_code).label,
        "rows": section_rows(assistance, question.field_code),
        "change_url": section_url(assistance, question.field_code, "answer"),
        "box": form.box(question),
    }
