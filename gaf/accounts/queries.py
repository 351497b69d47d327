"""Questions about people: which roles are held today, where, and up to how much somebody may approve."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from gaf import clock
from gaf.accounts.models import Delegation, Mission, RoleAssignment, User
from gaf.accounts.roles import Role
from gaf.money import Money


def _in_force(day: date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def assignments_of(person: User, day: date | None = None) -> list[RoleAssignment]:
    """The roles a person holds on a day (today when not said); read once a page and kept on the person object."""
    wanted = day or clock.today()
    kept: dict[date, list[RoleAssignment]] = person.__dict__.setdefault("_assignments_by_day", {})
    if wanted not in kept:
        kept[wanted] = list(person.assignments.filter(_in_force(wanted)).select_related("mission")) if person.pk else []
    return kept[wanted]


def forget_roles(person: User) -> None:
    """Read the person's roles anew at the next question, after they were changed."""
    person.__dict__.pop("_assignments_by_day", None)


def roles_of(person: User) -> set[str]:
    """Codes of the roles a person holds today, wherever."""
    if not person.is_active:
        return set()
    return {assignment.role for assignment in assignments_of(person)}


def holds(person: User, role: str, mission_ids: set[int] | None = None) -> bool:
    """Whether a person holds a role today; for mission roles, in one of these missions."""
    if not person.is_active:
        return False
    return any(
        assignment.role == role and (mission_ids is None or assignment.mission_id in mission_ids)
        for assignment in assignments_of(person)
    )


def missions_of(person: User) -> list[Mission]:
    """The missions a person works in today."""
    found = {a.mission_id: a.mission for a in assignments_of(person) if a.mission is not None}
    return sorted(found.values(), key=lambda mission: mission.name)


def delegation_for(person: User, amount: Money) -> Delegation | None:
    """The smallest delegation in force today that covers an amount in US dollars, or none."""
    rows = person.delegations.filter(_in_force(clock.today()), ceiling_minor__gte=amount.minor)
    return rows.order_by("ceiling_minor").first()


def people_with(role: str, mission_ids: set[int] | None = None) -> QuerySet[User]:
    """Active people who hold a role today, for notices and for “who can”."""
    wanted = RoleAssignment.objects.filter(_in_force(clock.today()), role=role)
    if mission_ids is not None:
        wanted = wanted.filter(mission_id__in=mission_ids)
    return User.objects.filter(is_active=True, pk__in=wanted.values("person_id")).order_by("name")


def system_actor() -> User:
    """The named actor of decisions the system takes by itself."""
    return User.objects.get(is_system=True)


SYSTEM_ROLE = Role.SYSTEM
