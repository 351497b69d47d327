"""A mission's report: what was done, and what was spent line by line beside what was granted and paid."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from finance.queries import disbursed_by_line
from gaf.accounts.models import Mission
from gaf.accounts.roles import MISSION_ROLES
from gaf.audience import audience
from workflow.actions.reporting import report as send_report
from workflow.forms.report import ReportForm
from workflow.models import AssistanceRequest, Report
from workflow.queries import spending_missions
from workflow.states import ReportState
from workflow.views.act_pages import (
    about,
    act_url,
    do,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
)
from workflow.views.writing import looks_again, own_missions, pressed_twice


@audience(*MISSION_ROLES)
@looks_again
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, reference: str) -> HttpResponse:
    """The report of one's own mission. Whoever works in several chooses by `?mission=`."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, "report"):
        return done(request, assistance, _("the report is sent."))
    require_open(assistance, "report", person)
    mission, others = _mission(request, assistance)
    own = [line for line in assistance.lines.filter(mission=mission) if line.approved_quantity is not None]
    paid = disbursed_by_line(assistance.reference)
    newest = assistance.reports.filter(mission=mission).exclude(state=ReportState.SUPERSEDED).first()
    posted = request.POST if request.method == "POST" else None
    initial = {"seen_version": assistance.version, **_told(newest)}
    form = ReportForm(own, posted, paid=paid, initial=initial)
    who = {"actor": person, "mission_id": mission.pk}
    if form.is_bound and form.is_valid() and do(form, send_report, assistance, **who, **form.said()):
        return done(request, assistance, _("the report is sent."))
    context = {
        "form": form,
        "about": about(assistance),
        "mission": mission,
        "others": [{"mission": other, "url": _url_for(assistance, other)} for other in others],
        "newest": newest,
        "due_on": assistance.reports_due_on,
        "rows": [_row(row) for row in form.lines()],
    }
    return page_of_act(request, "workflow/mission/report.html", assistance, "report", context)


def _mission(request: HttpRequest, assistance: AssistanceRequest) -> tuple[Mission, list[Mission]]:
    """The mission to report for: the one named, else the first of the person's that spent; and the person's others."""
    own = own_missions(assistance, person_of(request))
    spent = {mission.pk for mission in spending_missions(assistance)}
    ordered = sorted(own, key=lambda mission: mission.pk not in spent)
    named = request.POST.get("mission") or request.GET.get("mission")
    chosen = next((mission for mission in ordered if mission.code == named), None) if named else ordered[0]
    if chosen is None:
        raise Http404
    return chosen, [mission for mission in own if mission != chosen]


def _told(newest: Report | None) -> dict[str, object]:
    """What the standing report says, so that a newer one starts from it."""
    if newest is None:
        return {}
    found: dict[str, object] = {
        "narrative": newest.narrative_text,
        "period_from": newest.period_from,
        "period_to": newest.period_to,
    }
    for row in newest.lines.select_related("line"):
        found[f"spent_{row.line.key}"] = str(row.spent.decimal)
        found[f"proofs_{row.line.key}"] = row.evidence_count
    return found


def _url_for(assistance: AssistanceRequest, mission: Mission) -> str:
    return f"{act_url(assistance.reference, 'report')}?mission={mission.code}"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """One line with what is granted now; less than was paid when persons left afterwards."""
    granted = row["line"].granted_local
    return {**row, "granted": granted, "over": row["paid"] > granted}
