"""Questions about people: which roles are held today, where, for whom, and up to how much somebody may approve."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, BooleanField, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from gaf import clock
from gaf.accounts.models import Delegation, DutyShift, HandOver, Mission, RoleAssignment, TrainingMark, User
from gaf.accounts.roles import Role
from gaf.money import Money
from gaf.written import written

_BY_DAY = "_assignments_by_day"  # on the person, not on what a session wraps around them


def _in_force(day: date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def hand_overs_in_force(day: date | None = None) -> QuerySet[HandOver]:
    """What is handed over to deputies on a day (today when not said)."""
    wanted = day or clock.today()
    return HandOver.objects.filter(
        starts_on__lte=wanted, ends_on__gte=wanted, taken_back_at=None, person__is_active=True
    )


def assignments_of(person: User, day: date | None = None) -> list[RoleAssignment]:
    """The roles a person holds on a day (today when not said); read once a page and kept on the person object.

    What somebody who is away handed over to this person is among them, and stays an assignment of that somebody.
    """
    wanted = day or clock.today()
    kept: dict[date, list[RoleAssignment]] | None = getattr(person, _BY_DAY, None)
    if kept is None:
        kept = {}
        setattr(person, _BY_DAY, kept)
    if wanted not in kept:
        kept[wanted] = list(_held_or_stood_in_for(person.pk, wanted)) if person.pk else []
    return kept[wanted]


def assignments_in_force(day: date | None = None) -> QuerySet[RoleAssignment]:
    """Everybody's roles on a day (today when not said), of people who can sign in."""
    return RoleAssignment.objects.filter(
        _in_force(day or clock.today()), person__is_active=True, person__is_system=False
    )


def _held_or_stood_in_for(person: int, day: date) -> QuerySet[RoleAssignment]:
    """In one query, the person's own first; `handed_up_to_minor` is the limit a deputy was given."""
    handed = (person, day, "person", "role")
    rows = RoleAssignment.objects.filter(_in_force(day)).filter(Q(person=person) | Q(_is_handed_to(*handed)))
    rows = rows.annotate(is_anothers=~Q(person=person), handed_up_to_minor=_handed_limit(*handed))
    return rows.select_related("mission", "person").order_by("is_anothers", "role", "pk")


def _handed(deputy: Any, day: Any, person: Any, role: Any) -> QuerySet[HandOver]:
    return hand_overs_in_force(day).filter(deputy=deputy, person=person, role=role)


@written(BooleanField())
def _is_handed_to(deputy: Any, day: Any, person: Any, role: Any) -> Exists:
    return Exists(_handed(deputy, day, person, role))


@written(BigIntegerField())
def _handed_limit(deputy: Any, day: Any, person: Any, role: Any) -> Subquery:
    return Subquery(_handed(deputy, day, person, role).values("up_to_minor")[:1])


def person_at_the_door(person_id: int) -> User | None:
    """A person with their roles of today and what every page says of them, in one question.

    Whoever holds no role of their own is asked about alone.
    """
    day = clock.today()
    rows = _held_or_stood_in_for(person_id, day).annotate(
        duty_telephone=_telephone(clock.now()), on_training_database=_is_for_training()
    )
    held = list(rows)
    if not held or held[0].person_id != person_id:
        return with_training_mark(with_duty_telephone(User.objects.filter(pk=person_id))).first()
    person: Any = held[0].person
    person.duty_telephone, person.on_training_database = held[0].duty_telephone, held[0].on_training_database
    setattr(person, _BY_DAY, {day: held})
    return person


def stood_in_for(person: User, role: str) -> User | None:
    """Whom a person stands in for when they act under this role; None when it is their own, as it is of the system."""
    if person.is_system:
        return None
    held = [assignment for assignment in assignments_of(person) if assignment.role == role]
    if not held or any(assignment.person_id == person.pk for assignment in held):
        return None
    return held[0].person


def absent_people(person: User, role: str) -> list[User]:
    """Whom a person stands in for today under this role, whether or not they hold it themselves."""
    found = {one.person_id: one.person for one in assignments_of(person) if one.role == role}
    return sorted((one for key, one in found.items() if key != person.pk), key=str)


def stands_in(person: User, absent_id: int | None, roles: Iterable[str]) -> User | None:
    """Somebody who is away, if they handed over one of these roles to this person; otherwise None."""
    if absent_id is None or person.pk == absent_id:
        return None
    wanted = set(roles)
    held = (one for one in assignments_of(person) if one.person_id == absent_id and one.role in wanted)
    return next((one.person for one in held), None)


def forget_roles(person: User) -> None:
    """Read the person's roles anew at the next question, after they were changed."""
    setattr(person, _BY_DAY, {})


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


def zone_of(person: User) -> str | None:
    """The time zone of the first mission a person works in; None at headquarters."""
    return next((mission.time_zone for mission in missions_of(person)), None)


def delegation_for(person: User, amount: Money) -> Delegation | None:
    """The smallest delegation in force today that covers an amount in US dollars, or none.

    One's own comes first; then that of somebody one stands in for, within what was handed over.
    """
    rows = delegations_of(person, amount.minor).filter(ceiling_minor__gte=amount.minor)
    return rows.annotate(is_anothers=~Q(person=person)).order_by("is_anothers", "ceiling_minor").first()


def handed_limits(person: User) -> dict[tuple[int, str], int | None]:
    """The most a deputy may approve in US cents, by whom they stand in for and under which role; None without limit."""
    return {
        (one.person_id, one.role): one.handed_up_to_minor  # type: ignore[attr-defined]
        for one in assignments_of(person)
        if one.person_id != person.pk
    }


def delegations_of(person: User, minor: int = 1) -> QuerySet[Delegation]:
    """One's own delegations of today and those one stands in for, where so many US cents were handed over."""
    usable = Q(person=person)
    for (absent, role), limit in handed_limits(person).items():
        if limit is None or minor <= limit:
            usable |= Q(person=absent, role=role)
    rows = Delegation.objects.filter(_in_force(clock.today())).filter(usable)
    return rows.select_related("person")


def people_with(role: str, mission_ids: set[int] | None = None) -> QuerySet[User]:
    """Active people who hold a role today, for notices and for “who can”."""
    return people_with_any([role], mission_ids)


def people_with_any(roles: Iterable[str], mission_ids: set[int] | None = None) -> QuerySet[User]:
    """Active people who hold one of these roles today, each of them once; deputies of those who are away among them."""
    where = Q() if mission_ids is None else Q(mission_id__in=mission_ids)
    return User.objects.filter(holding(roles, where)).order_by("name")


def holding(roles: Iterable[str], where: Q | None = None) -> Q:
    """The same as a condition of a query over people; `where` says for which missions, of their assignments."""
    wanted = RoleAssignment.objects.filter(where or Q(), _in_force(clock.today()), role__in=list(roles))
    deputies = hand_overs_in_force().filter(Exists(wanted.filter(person=OuterRef("person"), role=OuterRef("role"))))
    people = Q(pk__in=wanted.values("person_id")) | Q(pk__in=deputies.values("deputy_id"))
    return people & Q(is_active=True)


def deputies_of(person: User, role: str) -> list[User]:
    """Who stands in for a person today under this role, in the order in which they are asked."""
    rows = hand_overs_in_force().filter(person=person, role=role).select_related("deputy").order_by("place")
    return [row.deputy for row in rows if row.deputy.is_active]


def _on_duty(moment: datetime) -> QuerySet[DutyShift]:
    return DutyShift.objects.filter(starts_at__lte=moment, ends_at__gt=moment)


def shift_now() -> DutyShift | None:
    """The shift that runs now; None in a hole."""
    return _on_duty(clock.now()).select_related("person").first()


def with_duty_telephone(people: QuerySet[User]) -> QuerySet[User]:
    """People who know whom to ring now, without a query more: `duty_telephone` is empty in a hole of the rota."""
    return people.annotate(duty_telephone=_telephone(clock.now()))


@written(CharField())
def _telephone(at: Any) -> Coalesce:
    return Coalesce(Subquery(_on_duty(at).values("telephone")[:1]), Value(""))


def with_training_mark(people: QuerySet[User]) -> QuerySet[User]:
    """People who know whether their database is one for training (`on_training_database`), without a query more."""
    return people.annotate(on_training_database=_is_for_training())


@written(BooleanField())
def _is_for_training() -> Exists:
    return Exists(TrainingMark.objects.all())


def telephone_for(person: object) -> str:
    """The number that this reader sees: the one on duty now, or the standing one."""
    return getattr(person, "duty_telephone", "") or str(settings.GAF_DUTY_TELEPHONE)


def system_actor() -> User:
    """The named actor of decisions the system takes by itself."""
    return User.objects.get(is_system=True)


SYSTEM_ROLE = Role.SYSTEM
