"""Who reads which message and note of a request, and who hears of a message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from gaf.accounts.models import Mission, User
from gaf.accounts.queries import assignments_of, people_with
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS, Role
from workflow.followers import followers_who_see, people_at_headquarters, people_of_missions, people_who_see
from workflow.models import AssistanceRequest, Remark, RemarkKind
from workflow.queries import mission_ids_of


def remarks_for(assistance: AssistanceRequest, person: User) -> QuerySet[Remark]:
    """The messages of a request, and the notes of the person's own side, newest first."""
    seen = Q(kind=RemarkKind.MESSAGE)
    missions = mission_ids_of(person)
    if missions:
        seen |= Q(mission_id__in=missions)
    if any(assignment.role in READS_ALL_REQUESTS for assignment in assignments_of(person)):
        seen |= Q(mission=None)
    rows = Remark.objects.filter(seen, assistance=assistance).select_related("written_by", "mission")
    return rows.order_by("-written_at", "-id")


def own_mission(assistance: AssistanceRequest, person: User) -> Mission | None:
    """The mission a person writes for on this request, the lead first; None for headquarters."""
    here = {
        a.mission_id: a.mission
        for a in assignments_of(person)
        if a.role in MISSION_ROLES and a.mission_id in assistance.mission_ids()
    }
    return here.get(assistance.mission_id) or next(iter(here.values()), None)


def recipients(assistance: AssistanceRequest, writer: User) -> list[User]:
    """Who gets a mail about a message of this writer, by name: the other side's people who have the request, and
    those who follow it and read its text."""
    found = {person.pk: person for person in followers_who_see(assistance, who_read_text=True)}
    if own_mission(assistance, writer) is None:
        for role in (Role.CASE_WORKER, Role.HEAD_OF_UNIT):
            found |= {person.pk: person for person in people_with(role, assistance.mission_ids())}
    else:
        theirs = set(people_of_missions(assistance.mission_ids()).values_list("pk", flat=True))
        if not set(found) - theirs:  # nobody at headquarters has acted yet
            found |= {person.pk: person for person in people_with(Role.ELIGIBILITY_REVIEWER)}
    found.pop(writer.pk, None)
    return sorted(found.values(), key=lambda person: person.name)


def may_be_named(assistance: AssistanceRequest, kind: str, writer: User) -> list[User]:
    """Who can be named in a message or note of this writer: everybody who will be able to read it, by name."""
    mission = own_mission(assistance, writer)
    if kind == RemarkKind.MESSAGE:
        readers = people_who_see(assistance, who_read_text=True)
    elif mission is not None:
        readers = people_of_missions({mission.pk})
    else:
        readers = people_at_headquarters(who_read_text=True)
    return [person for person in readers if person.pk != writer.pk]


def named_in(text: str, people: Iterable[User]) -> list[User]:
    """Those of these people whom a text names as `@First` or `@First Last`; two of one first name need both names."""
    known = list(people)
    firsts = Counter(person.get_short_name().casefold() for person in known)
    return [person for person in known if _is_named(person, text, firsts)]


def _is_named(person: User, text: str, firsts: Counter[str]) -> bool:
    names = [person.name]
    if firsts[person.get_short_name().casefold()] == 1:
        names.append(person.get_short_name())
    return any(re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in names)
