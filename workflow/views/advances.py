"""Advances by age: what was paid and is not accounted for, request by request, and which missions must wait."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.advances import AGES, Aged, advances
from gaf import clock
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.money import Money, total
from gaf.thresholds import threshold
from workflow.models import AssistanceRequest
from workflow.overdue import Overdue, overdue_of

SEES_ADVANCES = (Role.CERTIFYING_OFFICER, Role.PAYER, Role.RECONCILER, Role.FUND_MANAGER, Role.AUDITOR)


@dataclass(frozen=True)
class Row:
    """One request with money that is not accounted for."""

    aged: Aged
    assistance: AssistanceRequest | None

    @property
    def url(self) -> str:
        """Where the request stands."""
        return f"/requests/{self.aged.reference}/"


@dataclass(frozen=True)
class Waiting:
    """A mission whose routine requests wait, and why."""

    mission: str
    owed: list[Overdue]


@audience(*SEES_ADVANCES)
@require_safe
def advances_by_age(request: HttpRequest) -> HttpResponse:
    """The rows, their sums, and the missions whose routine requests wait."""
    found = advances(clock.today())
    known = {
        row.reference: row
        for row in AssistanceRequest.objects.select_related("mission").filter(
            reference__in=[one.reference for one in found]
        )
    }
    rows = [Row(one, known.get(one.reference)) for one in found]
    sums = [total([row.aged.columns[place] for row in rows], "USD") for place in range(len(AGES) + 1)]
    context = {
        "rows": rows,
        "heads": [*_heads(), _("All")],
        "sums": [*sums, total(sums, "USD")],
        "waiting": _waiting(list(known.values())),
        "days": threshold("overdue_report_block_days"),
        "nothing": Money.zero("USD"),
    }
    return render(request, "workflow/advances.html", context)


def _heads() -> list[str]:
    first = [_("to %(days)s days") % {"days": AGES[0]}]
    between = [_("%(least)s to %(most)s") % {"least": low + 1, "most": high} for low, high in pairwise(AGES)]
    return [*first, *between, _("over %(days)s") % {"days": AGES[-1]}]


def _waiting(requests: list[AssistanceRequest]) -> list[Waiting]:
    """Missions of these requests that owe a report for longer than the fund waits."""
    missions = {row.mission_id: row.mission for one in requests for row in one.missions.select_related("mission")}
    owing = [(mission.name, overdue_of(pk)) for pk, mission in missions.items()]
    return [Waiting(name, owed) for name, owed in sorted(owing, key=lambda pair: pair[0]) if owed]
