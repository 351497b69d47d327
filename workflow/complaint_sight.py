"""Which complaints and concerns a person may see. Every page and list asks here."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.privacy.sight import open_to
from workflow.models import AssistanceRequest, Complaint, ComplaintChannel, Concern
from workflow.models.complaints import OF_THE_MISSION
from workflow.queries import mission_ids_of


def open_complaints(person: User) -> QuerySet[Complaint]:
    """Oversight: what it was given, and nothing else. The others: what is with nobody else and not about themselves.

    Managers see all of that; heads of unit what their mission may look into; whoever recorded one sees it too.
    """
    rows = Complaint.objects.select_related("assistance__mission", "about", "recorded_by", "looked_into_by")
    rows = rows.filter(Q(about=None) | ~Q(about=person))
    roles = roles_of(person)
    if Role.OVERSIGHT in roles:
        return rows.filter(passed_on_at__isnull=False)
    rows = rows.filter(open_to(person, "assistance__reference"), passed_on_at=None)
    if Role.FUND_MANAGER in roles:
        return rows
    heads = mission_ids_of(person, Role.HEAD_OF_UNIT)
    theirs = Q(assistance__mission_id__in=heads, kind__in=OF_THE_MISSION) & ~Q(channel=ComplaintChannel.PAGE)
    return rows.filter(Q(recorded_by=person) | theirs)


def open_concerns(person: User) -> QuerySet[Concern]:
    """All of them for oversight, none for anybody else."""
    rows = Concern.objects.select_related("raised_by")
    return rows if Role.OVERSIGHT in roles_of(person) else rows.none()


def whom_it_may_be_about(assistance: AssistanceRequest, person: User) -> list[User]:
    """The people of the request's missions, and whoever decided on it; not the one who asks."""
    here = RoleAssignment.objects.filter(mission_id__in=assistance.mission_ids()).values("person_id")
    decided = Decision.objects.filter(reference=assistance.reference).values("actor_id")
    people = User.objects.filter(Q(pk__in=here) | Q(pk__in=decided), is_active=True, is_system=False)
    return list(people.exclude(pk=person.pk).order_by("name"))
