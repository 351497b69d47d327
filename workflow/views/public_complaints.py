"""The public page to complain or to say how the help was, without signing in and without a name, and the answer.

What is typed as a reference is never told to exist or not. The number and the word are shown once.
"""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from finance.views.acting import done
from gaf import clock
from gaf.audience import audience
from gaf.sealing import unseal
from workflow.actions.complaints import Said, complaint_of, receive_complaint
from workflow.forms.complaints import AnswerPageForm, ComplainForm
from workflow.models import AnswerWay, ComplaintChannel
from workflow.states import ComplaintState

_TOO_MANY = 429


def _within_limits(request: HttpRequest, action: str) -> bool:
    """Whether this address has not sent more than its share within the hour (`ACCOUNT_RATE_LIMITS`)."""
    return ratelimit.consume(request, action=action)


def _private(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-store"
    return answer


@audience(public=True)
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """Three boxes; then a number, and a word to ask for the answer with."""
    form = ComplainForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        if not _within_limits(request, "complain"):
            form.add_error(None, _("Too many came from here within the hour. Wait a while, and send it again."))
            status = _TOO_MANY
        else:
            said = Said(
                kind=form.cleaned_data["kind"],
                words=form.cleaned_data["words"],
                heard_on=clock.today(),
                language=(get_language() or "en")[:2],
                channel=ComplaintChannel.PAGE,
                answer_by=AnswerWay.PAGE,
            )
            reference = form.cleaned_data["reference"]
            made = done(form, lambda: receive_complaint(said=said, reference=reference, at=clock.now()))
            if made is not None:
                context = {"number": made[0].key, "word": made[1]}
                return _private(render(request, "workflow/complained.html", context))
    status = 422 if form.errors and status == 200 else status
    return _private(render(request, "workflow/complain.html", {"form": form}, status=status))


@audience(public=True)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Where a complaint stands, and what was answered, for whoever knows its number and its word."""
    form = AnswerPageForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    status = 200
    if form.is_bound and form.is_valid():
        if not _within_limits(request, "complaint_answer"):
            form.add_error(None, _("Too many came from here within the hour. Wait a while, and send it again."))
            status = _TOO_MANY
        else:
            found = complaint_of(form.cleaned_data["number"], form.cleaned_data["word"])
            if found is None:
                form.add_error(None, _("No complaint has this number and this word. Look at both again."))
            else:
                over = found.state in (ComplaintState.ANSWERED, ComplaintState.CLOSED)
                context |= {"found": found, "over": over, "answer": unseal(found.answer) if over else ""}
    status = 422 if form.errors and status == 200 else status
    return _private(render(request, "workflow/complaint_answer.html", context, status=status))
