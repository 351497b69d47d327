"""What people of a mission must do, pile by pile; only the rows of one page are ever read, however much waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import overload

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from workflow import queries, worklists
from workflow.models import AssistanceRequest, UrgentAllowance
from workflow.views.act_pages import act_url, record_url
from workflow.views.amending import address_of as amendment_url
from workflow.views.requests_list import Row, as_rows, row_of
from workflow.views.writing import WRITERS
from workflow.worklists import Worklist

Requests = QuerySet[AssistanceRequest]


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


@dataclass(frozen=True)
class Pile:
    """Requests that wait for the same thing, and the rows that some of them make."""

    worklist: Worklist
    works: Callable[[list[AssistanceRequest]], list[Work]]


class MustAct(Sequence[Work]):
    """The piles of one person, one after the other, for the pages of a list; a request may lie on two of them."""

    def __init__(self, person: User) -> None:
        self._person = person
        self._piles = _piles_of(person)
        waiting = worklists.counts(person)
        self._sizes = [waiting.get(pile.worklist.name, 0) for pile in self._piles]

    def __len__(self) -> int:
        return sum(self._sizes)

    @overload
    def __getitem__(self, rows: int) -> Work: ...
    @overload
    def __getitem__(self, rows: slice) -> list[Work]: ...
    def __getitem__(self, rows: int | slice) -> Work | list[Work]:
        """The rows from one place to another; a pile that has none of them is not asked."""
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        start, stop = rows.start or 0, len(self) if rows.stop is None else rows.stop
        found: list[Work] = []
        for pile, size in zip(self._piles, self._sizes, strict=True):
            if start < size and stop > 0:
                found += pile.works(list(as_rows(pile.worklist(self._person))[max(start, 0) : min(stop, size)]))
            start, stop = start - size, stop - size
        return found

    def left_out_of(self, requests: Requests) -> Requests:
        """These requests without those that lie on a pile, on whatever page."""
        for pile in self._piles:
            requests = requests.exclude(pile.worklist.holds(self._person))
        return requests


def _piles_of(person: User) -> list[Pile]:
    """What each role of the person brings, the most pressing first."""
    roles = roles_of(person)
    writes = not roles.isdisjoint(WRITERS)
    piles = []
    if writes:
        piles += [Pile(worklists.urgent_to_finish, _finish), Pile(worklists.to_answer, _each(_answer))]
    if Role.HEAD_OF_UNIT in roles:
        piles.append(Pile(worklists.to_endorse, _each(_endorse)))
        piles.append(Pile(worklists.amendments_to_endorse, _amendments))
    if writes:
        piles.append(Pile(worklists.to_plan, _each(_plan)))
    return [*piles, Pile(worklists.to_report, _each(_report))]


def _each(work: Callable[[AssistanceRequest], Work]) -> Callable[[list[AssistanceRequest]], list[Work]]:
    return lambda requests: [work(one) for one in requests]


def _endorse(assistance: AssistanceRequest) -> Work:
    return Work(row_of(assistance), _("Endorse, or send back"), act_url(assistance.reference, "endorse"))


def _answer(assistance: AssistanceRequest) -> Work:
    return Work(row_of(assistance), _("Answer the questions"), act_url(assistance.reference, "answer"))


def _plan(assistance: AssistanceRequest) -> Work:
    return Work(row_of(assistance), _("Write plan and budget"), f"{record_url(assistance)}plan/")


def _report(assistance: AssistanceRequest) -> Work:
    url = act_url(assistance.reference, "report")
    return Work(row_of(assistance), _("Report"), url, due_on=assistance.reports_due_on)


def _finish(requests: list[AssistanceRequest]) -> list[Work]:
    """Urgent requests, each with the hour by which what was spent on it is to be regularised."""
    allowed = dict(
        UrgentAllowance.objects.filter(assistance__in=requests).values_list("assistance_id", "regularise_by")
    )
    task = _("Urgent: finish the request")
    return [Work(row_of(one), task, f"{record_url(one)}edit/check/", due_at=allowed.get(one.pk)) for one in requests]


def _amendments(requests: list[AssistanceRequest]) -> list[Work]:
    """Amendments that this head of unit endorses, each leading to its own page."""
    found = queries.open_amendments([one.reference for one in requests])
    return [
        Work(row_of(one), _("Endorse the amendment"), amendment_url(one.reference, found[one.reference].number))
        for one in requests
        if one.reference in found
    ]
