"""Which missions spent money on a request, and whose report is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Exists, F, OuterRef

from finance.queries import disbursed_by_line, lines_paid
from gaf.accounts.models import Mission
from workflow.models import AssistanceRequest, BudgetLine, Report
from workflow.states import GRANTED, ReportState


def spending_missions(assistance: AssistanceRequest) -> list[Mission]:
    """Missions with a line the fund pays for, or has paid for."""
    return _spending_on(assistance, assistance.lines.select_related("mission"))


def reports_missing(assistance: AssistanceRequest) -> list[Mission]:
    """Spending missions whose report is not in."""
    sent = Report.objects.filter(assistance=assistance, mission=OuterRef("mission"))
    silent = ~Exists(sent.exclude(state=ReportState.SUPERSEDED))
    return _spending_on(assistance, assistance.lines.filter(silent).select_related("mission"))


def _spending_on(assistance: AssistanceRequest, lines: Iterable[BudgetLine]) -> list[Mission]:
    """The missions of those lines that the fund pays for, or has paid for; asked only where it does not pay now."""
    others, found = [], {}
    for line in lines:
        if line.state in GRANTED and line.granted_local.minor > 0:
            found[line.mission_id] = line.mission
        else:
            others.append(line)
    if any(line.mission_id not in found for line in others):
        paid = disbursed_by_line(assistance.reference)
        found |= {line.mission_id: line.mission for line in others if paid.get(line.key)}
    return sorted(found.values(), key=lambda mission: mission.name)


def owed_by_missions(requests: Mapping[int, str]) -> set[tuple[int, int]]:
    """Whose report is missing on these requests (their references by number), as (request, mission), in three questions
    however many they are. Only what is asked is read: of a large fund these are hundreds."""
    paid = lines_paid(requests.values())
    lines = BudgetLine.objects.filter(assistance__in=requests.keys()).order_by()
    told = lines.annotate(granted=F("approved_local_minor") - F("cancelled_local_minor")).values_list(
        "assistance_id", "mission_id", "number", "state", "granted"
    )
    spending = {
        (request, mission)
        for request, mission, number, state, granted in told
        if (state in GRANTED and granted > 0) or (requests[request], f"L{number}") in paid
    }
    sent = Report.objects.filter(assistance__in=requests.keys()).exclude(state=ReportState.SUPERSEDED)
    return spending - set(sent.order_by().values_list("assistance_id", "mission_id"))
