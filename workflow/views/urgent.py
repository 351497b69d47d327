"""Urgent help on one screen: asked for and sent to the duty officer in one go."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.languages import reads_on_in_another
from gaf.refusals import MovedOn, NotPermitted, Refusal
from workflow.actions.urgent_help import ask_for_urgent_help
from workflow.forms.rows import unjudged
from workflow.forms.urgent import UrgentForm
from workflow.models import AssistanceRequest
from workflow.views.act_pages import person_of, record_url
from workflow.views.writing import WRITERS, writes_for


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def urgent(request: HttpRequest) -> HttpResponse:
    """The screen. What it sends is a whole request or none, and one however often it is pressed."""
    person, reads_on = person_of(request), reads_on_in_another(request)
    initial = {"language": person.language}
    form = UrgentForm(writes_for(person), request.POST if request.method == "POST" else None, initial=initial)
    if reads_on:
        unjudged(form)
    elif form.is_bound and form.is_valid():
        assistance = _send(form, person)
        if assistance is not None:
            return redirect(f"{record_url(assistance)}sent/")
    context = {"form": form, "typed_form": "typed"}
    status = 422 if form.is_bound and not reads_on else 200
    return render(request, "workflow/mission/urgent.html", context, status=status)


def _send(form: UrgentForm, person: User) -> AssistanceRequest | None:
    """The request; None when a rule said no, which then stands on the form."""
    try:
        return ask_for_urgent_help(
            mission_id=form.mission_id,
            language=form.cleaned_data["language"],
            idempotency_key=form.cleaned_data["idempotency_key"],
            persons=form.person_texts(),
            consent=form.consent_text(),
            categories=form.category_text(),
            situation=form.situation_text(),
            help_asked=form.help_texts(),
            actor=person,
            at=clock.now(),
        )
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return None
