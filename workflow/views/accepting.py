"""Accepting reports: what the missions say on the left, what was granted, paid and spent on the right."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gaf import clock
from gaf.audience import audience
from workflow.actions.reporting import Reported, accept_reports, reported_on
from workflow.forms.accepting import AcceptedLinesFormSet, AcceptForm
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.queries import may_read_text
from workflow.views.act_pages import (
    READERS,
    SaidNo,
    about,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
    try_within_sight,
)

ACT = "accept_reports"


@audience(*READERS)
def accept(request: HttpRequest, reference: str) -> HttpResponse:
    """Line by line: accept what was spent, or less and why."""
    no = SaidNo()
    if request.method == "POST":
        acted = try_within_sight(no, request, reference, lambda here: _accepted(request, here))
        if acted:
            return done(request, acted, _("the reports are accepted; what is left is due back."))
    person = person_of(request)
    assistance = request_within_sight(request, reference)
    require_open(assistance, ACT, person)
    form, rows = _forms(request, assistance, reported_on(assistance))
    no.say_on(form)
    rows.is_valid()
    reports = assistance.reports.select_related("mission", "sent_by").exclude(state="SUPERSEDED")
    documents = assistance.documents.filter(kind="EVIDENCE").select_related("mission")
    context = {
        "form": form,
        "rows": rows,
        "reads": may_read_text(person),
        "reports": list(reports),
        "documents": list(documents),
        "about": about(assistance),
        "missing": obstacles(assistance, ACT),
        "zone": assistance.mission.time_zone,
    }
    return page_of_act(request, "workflow/headquarters/accept_reports.html", assistance, ACT, context)


def _forms(request: HttpRequest, assistance: AssistanceRequest, reported: Reported) -> tuple[AcceptForm, Any]:
    """The reason, and one row for each reported line, as typed so far."""
    posted = request.POST if request.method == "POST" else None
    rows = AcceptedLinesFormSet(posted, reported=reported.rows, paid=reported.paid, most=reported.most)
    return AcceptForm(posted, initial={"seen_version": assistance.version}), rows


def _accepted(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Accept what the form says of a locked request; nothing when the form is not whole."""
    reported = reported_on(here, locked=True)
    form, rows = _forms(request, here, reported)
    if not (form.is_valid() and rows.is_valid()):
        return None
    said = {"lines": rows.said(), "reported": reported, **form.said()}
    return accept_reports(request_id=here.pk, actor=person_of(request), at=clock.now(), **said)
