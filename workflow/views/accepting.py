"""Accepting reports: what the missions say on the left, what was granted, paid and spent on the right."""

from __future__ import annotations

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from finance.queries import disbursed_by_line
from gaf.audience import audience
from workflow.actions.reporting import accept_reports, most_acceptable, standing_lines
from workflow.forms.accepting import AcceptedLinesFormSet, AcceptForm
from workflow.obstacles import obstacles
from workflow.queries import may_read_text
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

ACT = "accept_reports"


@audience(*READERS)
def accept(request: HttpRequest, reference: str) -> HttpResponse:
    """Line by line: accept what was spent, or less and why."""
    person = person_of(request)
    assistance = request_within_sight(request, reference)
    require_open(assistance, ACT, person)
    posted = request.POST if request.method == "POST" else None
    form = AcceptForm(posted, initial={"seen_version": assistance.version})
    reported = standing_lines(assistance)
    prefetch_related_objects(reported, "line__mission")
    rows = AcceptedLinesFormSet(
        posted, reported=reported, paid=disbursed_by_line(reference), most=most_acceptable(assistance, reported)
    )
    is_whole = posted is not None and form.is_valid() and rows.is_valid()
    if is_whole and do(form, accept_reports, assistance, actor=person, lines=rows.said(), **form.said()):
        return done(request, assistance, _("the reports are accepted; what is left is due back."))
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
