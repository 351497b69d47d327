"""Missions that owe a report on money they were paid: their routine requests wait, urgent ones never do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from finance.queries import not_accounted_for
from gaf import clock
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.thresholds import threshold
from workflow.codelists import Priority
from workflow.models import AssistanceRequest
from workflow.reports_due import reports_missing
from workflow.states import RequestState

ROUTINE = (Priority.P3, Priority.P4)


@dataclass(frozen=True)
class Overdue:
    """One request whose report a mission owes, for how long, and the money it is about."""

    reference: str
    due_on: date
    days: int
    money: Money


def overdue_of(mission_id: int, on: date | None = None) -> list[Overdue]:
    """What a mission owes a report on since longer than the fund waits, with money that is not accounted for."""
    today = on or clock.today()
    last = today - timedelta(days=threshold("overdue_report_block_days"))
    rows = AssistanceRequest.objects.filter(
        state=RequestState.REPORTING, reports_due_on__lt=last, missions__mission_id=mission_id
    )
    found = []
    for row in rows.order_by("reports_due_on"):
        due = row.reports_due_on
        if due is None or mission_id not in {mission.pk for mission in reports_missing(row)}:
            continue
        money = not_accounted_for(row.reference)
        if money:
            found.append(Overdue(row.reference, due, (today - due).days, money))
    return found


def was_let_pass(assistance: AssistanceRequest) -> bool:
    """Whether the fund manager let this request pass although its mission owes a report."""
    return Decision.objects.filter(subject=assistance.reference, act="let_pass").exists()


def blocks(assistance: AssistanceRequest) -> list[str]:
    """Why a routine request waits, in words; empty for an urgent one, whatever its mission owes."""
    if assistance.priority not in ROUTINE:
        return []
    owed = overdue_of(assistance.mission_id)
    if not owed or was_let_pass(assistance):
        return []
    return [
        _("The report on %(reference)s is %(days)s days overdue, and %(money)s is not accounted for.")
        % {"reference": one.reference, "days": one.days, "money": one.money}
        for one in owed
    ]
