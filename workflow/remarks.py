"""Who reads which message and note of a request, and who hears of a message."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from gaf.accounts.models import Mission, User
from gaf.accounts.queries import assignments_of, people_with
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS, READS_SEALED_TEXT, Role
from gaf.decisions.models import Decision
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
    """Who gets a mail about a message of this writer: the other side's people who have the request, by name."""
    found: dict[int, User] = {}
    if own_mission(assistance, writer) is None:
        for role in (Role.CASE_WORKER, Role.HEAD_OF_UNIT):
            found |= {person.pk: person for person in people_with(role, assistance.mission_ids())}
    else:
        found |= {person.pk: person for person in _at_headquarters(assistance)}
    found.pop(writer.pk, None)
    return sorted(found.values(), key=lambda person: person.name)


def _at_headquarters(assistance: AssistanceRequest) -> list[User]:
    """Those at headquarters who decided on it and read its text today; before anybody did, the reviewers."""
    deciders = Decision.objects.filter(subject=assistance.reference).values("actor_id")
    readers = {person.pk for role in READS_SEALED_TEXT if role not in MISSION_ROLES for person in people_with(role)}
    acted = list(User.objects.filter(pk__in=deciders).filter(pk__in=readers))
    return acted or list(people_with(Role.ELIGIBILITY_REVIEWER))
