"""What is older than it may be, by owner: managers and auditors see everything, heads of unit their mission's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gaf.accounts.models import Mission, User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.ages import Found, Overdue
from gaf.audience import audience
from gaf.privacy.sight import hidden_from
from gaf.templatetags.state_words import KNOWN, words_for
from workflow.queries import mission_ids_of
from workflow.views.act_pages import person_of

SEES_OVERDUE = (Role.FUND_MANAGER, Role.AUDITOR, Role.HEAD_OF_UNIT, Role.OVERSIGHT)
A_PAGE = 50
AT_FIRST = 10
_READ_AT_ONCE = 200


@dataclass(frozen=True)
class Row:
    """One record that is overdue: what it is, where, whose, since when, and what to do."""

    title: str
    key: str
    url: str
    state: str
    whose: str
    since: datetime
    due_at: datetime
    todo: str


@dataclass(frozen=True)
class Section:
    """One owner's: the rows shown, and how many there are."""

    owner: Role
    rows: list[Row]
    count: int

    @property
    def has_more(self) -> bool:
        """Whether the owner has more than is shown."""
        return self.count > len(self.rows)


@audience(*SEES_OVERDUE)
@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    """All owners with their oldest; one owner's whole list with `?owner=`."""
    person = person_of(request)
    found = _in_sight_of(person)
    counts = found.counts()
    one = next((owner for owner in counts if owner == request.GET.get("owner")), None)
    page: Page[int] | None = None
    if one is None:
        sections = _sections(counts, found.oldest(_READ_AT_ONCE), AT_FIRST)
    else:
        page = Paginator(range(counts[one]), A_PAGE).get_page(request.GET.get("page", "1"))
        start = page.start_index() - 1
        sections = _sections({one: counts[one]}, found.of(one, start, start + A_PAGE), A_PAGE)
    context = {"sections": sections, "page": page, "one": one, "count": sum(counts.values())}
    return render(request, "workflow/overdue.html", context)


def _in_sight_of(person: User) -> Overdue:
    """What this person may know of; what belongs to requests that are kept to others is not even counted."""
    roles, hidden = roles_of(person), hidden_from(person)
    if not roles.isdisjoint({Role.FUND_MANAGER, Role.AUDITOR}):
        return Overdue(hidden=hidden)
    if Role.OVERSIGHT in roles:
        return Overdue(kept_for=Role.OVERSIGHT, hidden=hidden)
    return Overdue(mission_ids=mission_ids_of(person, Role.HEAD_OF_UNIT), hidden=hidden)


def _sections(counts: dict[Role, int], found: list[Found], most: int) -> list[Section]:
    missions = dict(Mission.objects.filter(pk__in=_keys(one.mission_id for one in found)).values_list("pk", "name"))
    people = dict(User.objects.filter(pk__in=_keys(one.person_id for one in found)).values_list("pk", "name"))
    rows: dict[Role, list[Row]] = {owner: [] for owner in Role if owner in counts}
    for one in found:
        if len(rows[one.age.owner]) < most:
            rows[one.age.owner].append(_row(one, missions, people))
    return [Section(owner, shown, counts[owner]) for owner, shown in rows.items()]


def _keys(found: Iterable[int | None]) -> set[int]:
    return {key for key in found if key is not None}


def _row(one: Found, missions: dict[int, str], people: dict[int, str]) -> Row:
    name, age = one.kind.name, one.age
    words = age.label or (words_for(age.state, name, "hq").label if name in KNOWN else age.state)
    whose = [missions.get(one.mission_id or 0, ""), people.get(one.person_id or 0, "")]
    return Row(
        title=str(one.kind.title),
        key=one.subject,
        url=one.url,
        state=str(words),
        whose=", ".join(name for name in whose if name),
        since=one.since,
        due_at=one.due_at,
        todo=str(age.todo),
    )
