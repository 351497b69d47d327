"""The desk of people in a mission: what they must do, what goes on without them, drafts, and the last that ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import missions_of, roles_of
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.audience import audience
from workflow import queries
from workflow.models import AssistanceRequest, UrgentAllowance
from workflow.states import UNDER_REVIEW
from workflow.views.act_pages import act_url, person_of, record_url
from workflow.views.amending import address_of as amendment_url
from workflow.views.requests_list import ROWS_A_PAGE, Row, row_of
from workflow.views.writing import WRITERS, writes_for

_FEW = 5


@dataclass(frozen=True)
class Work:
    """One row of the desk: the request, what is to be done with it and where, and by when if somebody set a day."""

    row: Row
    task: str
    url: str
    due_on: date | None = None
    due_at: datetime | None = None

    @property
    def is_late(self) -> bool:
        """Whether the day or the hour has passed."""
        if self.due_at is not None:
            return self.due_at < clock.now()
        return self.due_on is not None and self.due_on < clock.today()


def _endorse(assistance: AssistanceRequest) -> Work:
    return Work(row_of(assistance), _("Endorse, or send back"), act_url(assistance.reference, "endorse"))


def _answer(assistance: AssistanceRequest) -> Work:
    return Work(row_of(assistance), _("Answer the questions"), act_url(assistance.reference, "answer"))


def _plan(assistance: AssistanceRequest) -> Work:
    return Work(row_of(assistance), _("Write plan and budget"), f"{record_url(assistance)}plan/")


def _report(assistance: AssistanceRequest) -> Work:
    url = act_url(assistance.reference, "report")
    return Work(row_of(assistance), _("Report"), url, due_on=assistance.reports_due_on)


def _finish(assistance: AssistanceRequest, regularise_by: datetime | None) -> Work:
    task = _("Urgent: finish the request")
    return Work(row_of(assistance), task, f"{record_url(assistance)}edit/check/", due_at=regularise_by)


def _urgent_to_finish(person: User) -> QuerySet[AssistanceRequest]:
    """Urgent requests of the person's missions that headquarters has and that are not endorsed yet."""
    lead = queries.mission_ids_of(person, *WRITERS)
    seen = queries.visible_to(person).filter(mission_id__in=lead)
    return seen.filter(is_urgent=True, endorsed_at=None, state__in=UNDER_REVIEW).order_by("moved_at", "pk")


def _must_act(person: User) -> list[Work]:
    """Everything that waits for this person; one request may stand there for two reasons."""
    roles = roles_of(person)
    found: list[Work] = []
    if not roles.isdisjoint(WRITERS):
        unfinished = list(_urgent_to_finish(person)[:ROWS_A_PAGE])
        allowed = dict(
            UrgentAllowance.objects.filter(assistance__in=unfinished).values_list("assistance_id", "regularise_by")
        )
        found += [_finish(one, allowed.get(one.pk)) for one in unfinished]
        found += _works(queries.to_answer(person), _answer)
    if Role.HEAD_OF_UNIT in roles:
        found += _works(queries.to_endorse(person), _endorse)
        found += _amendments(person)
    if not roles.isdisjoint(WRITERS):
        found += _works(queries.to_plan(person), _plan)
    return found + _works(queries.to_report(person), _report)


def _amendments(person: User) -> list[Work]:
    """Amendments that this head of unit endorses, each leading to its own page."""
    waiting = list(queries.amendments_to_endorse(person)[:ROWS_A_PAGE])
    found = queries.open_amendments([one.reference for one in waiting]) if waiting else {}
    return [
        Work(
            row_of(one),
            _("Endorse the amendment"),
            amendment_url(one.reference, found[one.reference].number),
        )
        for one in waiting
        if one.reference in found
    ]


def _works(requests: QuerySet[AssistanceRequest], work: Callable[[AssistanceRequest], Work]) -> list[Work]:
    return [work(one) for one in requests[:ROWS_A_PAGE]]


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


def _listed(key: str, title: object, requests: QuerySet[AssistanceRequest], most: int = ROWS_A_PAGE) -> Listed:
    rows = [row_of(one) for one in requests[: most + 1]]
    return Listed(key, title, rows[:most], len(rows) > most)


_GOING_ON = gettext_lazy("Going on")


@audience(*MISSION_ROLES)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Where people of a mission begin."""
    person = person_of(request)
    must_act = _must_act(person)
    elsewhere = queries.waiting(person).exclude(reference__in=[work.row.reference for work in must_act])
    lists = [_listed("going-on", _GOING_ON, elsewhere)]
    if writes_for(person):
        lists.append(_listed("drafts", _("Drafts"), queries.to_write(person)))
    lists.append(_listed("ended", _("Ended"), queries.ended(person), _FEW))
    context = {
        "missions": ", ".join(mission.name for mission in missions_of(person)),
        "zone": next((mission.time_zone for mission in missions_of(person)), None),
        "now": clock.now(),
        "must_act": must_act,
        "lists": lists,
        "may_ask": bool(writes_for(person)),
    }
    return render(request, "workflow/mission/desk.html", context)
