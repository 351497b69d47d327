"""Advances by age: what was paid and is not accounted for, request by request, and which missions must wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.advances import AGES, Advances, Aged
from gaf import clock
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.money import Money, total
from gaf.privacy.sight import hidden_from
from gaf.thresholds import threshold
from workflow.models import AssistanceRequest
from workflow.overdue import Overdue, overdue_by_mission
from workflow.views.act_pages import person_of
from workflow.views.requests_list import ROWS_A_PAGE

SEES_ADVANCES = (Role.CERTIFYING_OFFICER, Role.PAYER, Role.RECONCILER, Role.FUND_MANAGER, Role.AUDITOR)

_FARTHEST = 100_000  # pages
_FEW = 5  # reasons shown for a mission


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
    """A mission whose routine requests wait, and why; `more` is how many reasons are not shown."""

    mission: str
    owed: list[Overdue]
    more: int


@audience(*SEES_ADVANCES)
@require_safe
def advances_by_age(request: HttpRequest) -> HttpResponse:
    """The rows, their sums, and the missions whose routine requests wait."""
    hidden = hidden_from(person_of(request))
    asked = request.GET.get("page", "1")
    start = ROWS_A_PAGE * (int(asked) - 1) if asked.isascii() and asked.isdigit() and 0 < int(asked) < _FARTHEST else 0
    found = Advances(clock.today(), hidden, first=slice(start, start + ROWS_A_PAGE))
    page = Paginator(found, ROWS_A_PAGE).get_page(asked)
    shown = AssistanceRequest.objects.filter(reference__in=[one.reference for one in page])
    known = {row.reference: row for row in shown.select_related("mission")}
    rows = [Row(one, known.get(one.reference)) for one in page]
    context = {
        "rows": rows,
        "page": page,
        "heads": [*_heads(), _("All")],
        "sums": [*found.sums, total(found.sums, "USD")],
        "waiting": _waiting(hidden),
        "days": threshold("overdue_report_block_days"),
        "nothing": Money.zero("USD"),
    }
    return render(request, "workflow/advances.html", context)


def _heads() -> list[str]:
    first = [_("to %(days)s days") % {"days": AGES[0]}]
    between = [_("%(least)s to %(most)s") % {"least": low + 1, "most": high} for low, high in pairwise(AGES)]
    return [*first, *between, _("over %(days)s") % {"days": AGES[-1]}]


def _waiting(hidden: Collection[str]) -> list[Waiting]:
    """Missions that owe a report for longer than the fund waits, each with the first of what it owes."""
    found = []
    for mission, all_owed in overdue_by_mission().items():
        owed = [one for one in all_owed if one.reference not in hidden]
        if owed:
            found.append(Waiting(mission.name, owed[:_FEW], max(len(owed) - _FEW, 0)))
    return found
