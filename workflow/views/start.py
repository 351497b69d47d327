"""Starting a request: danger now, or the opening of a draft."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gaf import clock
from gaf.audience import audience
from workflow.actions.drafting import start_request
from workflow.forms.start import NewRequestForm
from workflow.views.act_pages import person_of, record_url
from workflow.views.writing import WRITERS, writes_for


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """How urgent is it? Danger now leads to its one screen; else a draft is opened, and its first step.

    The same form pressed twice opens one draft.
    """
    person = person_of(request)
    form = NewRequestForm(writes_for(person), request.POST if request.method == "POST" else None)
    if request.POST.get("urgency") == "urgent":
        return redirect("request_new_urgent")
    if form.is_bound and form.is_valid():
        assistance = start_request(
            mission_id=form.mission_id,
            language=form.cleaned_data["language"],
            idempotency_key=form.cleaned_data["idempotency_key"],
            actor=person,
            at=clock.now(),
        )
        return redirect(f"{record_url(assistance)}edit/person/")
    return render(request, "workflow/mission/new.html", {"form": form}, status=422 if form.is_bound else 200)
