"""Which missions spent money on a request, and whose report is still missing."""

from __future__ import annotations

from finance.queries import disbursed_by_line
from gaf.accounts.models import Mission
from workflow.models import AssistanceRequest
from workflow.states import GRANTED, ReportState


def spending_missions(assistance: AssistanceRequest) -> list[Mission]:
    """Missions with a line the fund pays for, or has paid for."""
    paid = disbursed_by_line(assistance.reference)
    found = {}
    for line in assistance.lines.select_related("mission"):
        if (line.state in GRANTED and line.granted_local.minor > 0) or paid.get(line.key):
            found[line.mission_id] = line.mission
    return sorted(found.values(), key=lambda mission: mission.name)


def reports_missing(assistance: AssistanceRequest) -> list[Mission]:
    """Spending missions whose report is not in."""
    sent = set(assistance.reports.exclude(state=ReportState.SUPERSEDED).values_list("mission_id", flat=True))
    return [mission for mission in spending_missions(assistance) if mission.pk not in sent]
