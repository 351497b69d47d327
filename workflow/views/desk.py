"""The desk of people in a mission: what they must do, what goes on without them, drafts, and the last that ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gaf import clock
from gaf.accounts.queries import missions_of, zone_of
from gaf.accounts.roles import MISSION_ROLES
from gaf.audience import audience
from workflow import worklists
from workflow.models import AssistanceRequest
from workflow.views.act_pages import person_of
from workflow.views.must_act import MustAct
from workflow.views.requests_list import ROWS_A_PAGE, Row, as_rows, row_of
from workflow.views.writing import writes_for

_SOME, _FEW = 10, 5


@dataclass(frozen=True)
class Listed:
    """A list of the desk: its first rows, and whether there are more; counting them all would cost a query a list."""

    key: str
    title: object
    rows: list[Row]
    has_more: bool

    @property
    def count(self) -> str:
        """How many there are, as far as the desk has looked."""
        return f"{len(self.rows)}+" if self.has_more else str(len(self.rows))


def _listed(key: str, title: object, requests: QuerySet[AssistanceRequest], most: int = _SOME) -> Listed:
    rows = [row_of(one) for one in as_rows(requests)[: most + 1]]
    return Listed(key, title, rows[:most], len(rows) > most)


_GOING_ON = gettext_lazy("Going on")


@audience(*MISSION_ROLES)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Where people of a mission begin; what they must do has pages, the other lists lead to the list of requests."""
    person = person_of(request)
    must_act = MustAct(person)
    lists = [_listed("going-on", _GOING_ON, must_act.left_out_of(worklists.waiting(person)))]
    if writes_for(person):
        lists.append(_listed("drafts", _("Drafts"), worklists.to_write(person)))
    lists.append(_listed("ended", _("Ended"), worklists.ended(person), _FEW))
    context: dict[str, Any] = {
        "missions": ", ".join(mission.name for mission in missions_of(person)),
        "zone": zone_of(person),
        "now": clock.now(),
        "page": Paginator(must_act, ROWS_A_PAGE).get_page(request.GET.get("page", "1")),
        "lists": lists,
        "may_ask": bool(writes_for(person)),
    }
    return render(request, "workflow/mission/desk.html", context)
