"""Missions that owe a report on money they were paid: their routine requests wait, urgent ones never do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from finance.queries import not_accounted_for_each
from gaf import clock
from gaf.accounts.models import Mission
from gaf.decisions.models import Decision
from gaf.decisions.so_far import may_have_done
from gaf.money import Money
from gaf.thresholds import threshold
from workflow.codelists import Priority
from workflow.models import AssistanceRequest, RequestMission
from workflow.reports_due import owed_by_missions
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
    return next(iter(overdue_by_mission([mission_id], on).values()), [])


def overdue_by_mission(
    mission_ids: Collection[int] | None = None, on: date | None = None
) -> dict[Mission, list[Overdue]]:
    """The same for several missions (all when not said), each with what it owes, the longest first; missions that owe
    nothing are left out. The number of questions does not grow with what is owed."""
    today = on or clock.today()
    last = today - timedelta(days=threshold("overdue_report_block_days"))
    pairs = RequestMission.objects.filter(assistance__state=RequestState.REPORTING, assistance__reports_due_on__lt=last)
    if mission_ids is not None:
        pairs = pairs.filter(mission__in=mission_ids)
    found = pairs.order_by("mission__name", "assistance__reports_due_on", "pk").values_list(
        "assistance_id", "assistance__reference", "assistance__reports_due_on", "mission_id"
    )
    requests = {request: reference for request, reference, _due, _mission in found}
    if not requests:
        return {}
    owing = owed_by_missions(requests)
    money = not_accounted_for_each(requests.values())
    missions = Mission.objects.in_bulk({mission for _request, mission in owing})
    owed: dict[Mission, list[Overdue]] = {}
    for request, reference, due, mission in found:
        if due is not None and (request, mission) in owing and reference in money:
            row = Overdue(reference, due, (today - due).days, money[reference])
            owed.setdefault(missions[mission], []).append(row)
    return owed


def was_let_pass(assistance: AssistanceRequest) -> bool:
    """Whether the fund manager let this request pass although its mission owes a report."""
    may_be = may_have_done(assistance, "let_pass")
    return may_be and Decision.objects.filter(subject=assistance.reference, act="let_pass").exists()


def blocks(assistance: AssistanceRequest) -> list[str]:
    """Why a routine request waits, in words; empty for an urgent one, whatever its mission owes."""
    return [
        _("The report on %(reference)s is %(days)s days overdue, and %(money)s is not accounted for.")
        % {"reference": one.reference, "days": one.days, "money": one.money}
        for one in owed_before(assistance)
    ]


def owed_before(assistance: AssistanceRequest) -> list[Overdue]:
    """For what a routine request waits; nothing once it was let pass."""
    if assistance.priority not in ROUTINE:
        return []
    owed = overdue_of(assistance.mission_id)
    return [] if owed and was_let_pass(assistance) else owed
