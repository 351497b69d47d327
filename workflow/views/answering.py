"""Answering headquarters' questions: each with the part it is about as it is now, and one box."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.audience import audience
from gaf.languages import reads_on_in_another
from workflow.actions.clarification import answer as send_answers
from workflow.codelists import Section
from workflow.forms.answer import AnswerForm
from workflow.forms.rows import unjudged
from workflow.models import AssistanceRequest, Question
from workflow.views.act_pages import do, done, person_of, record_url, request_within_sight, require_open
from workflow.views.summaries import section_rows
from workflow.views.writing import WRITERS, looks_again, pressed_twice, section_url


@audience(*WRITERS)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """All open questions on one page; the answers go together."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, "answer"):
        return done(request, assistance, _("answered; it is back with the GAF team."))
    require_open(assistance, "answer", person)
    questions = list(assistance.questions.filter(answered_at=None).select_related("asked_by"))
    posted, reads_on = request.POST if request.method == "POST" else None, reads_on_in_another(request)
    form = AnswerForm(questions, posted, initial={"seen_version": assistance.version})
    if reads_on:
        unjudged(form)
    elif form.is_bound and form.is_valid() and do(form, send_answers, assistance, actor=person, **form.said()):
        return done(request, assistance, _("answered; it is back with the GAF team."))
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


def _shown(assistance: AssistanceRequest, question: Question, form: AnswerForm) -> dict[str, object]:
    return {
        "question": question,
        "about": Section(question.field_code).label,
        "rows": section_rows(assistance, question.field_code),
        "change_url": section_url(assistance, question.field_code, "answer"),
        "box": form.box(question),
    }
