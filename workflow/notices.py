"""Who is told by a plain mail when a request comes to them: its number and a link, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Exists, Q

from gaf.accounts.models import User
from gaf.accounts.queries import holding, people_with_any
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.notices import tell, tell_each
from gaf.privacy.sight import those_who_see
from workflow.models import AssistanceRequest, Erasure, RequestMission, Table


def page_of(assistance: AssistanceRequest) -> str:
    """Where the link of a mail leads."""
    return f"/requests/{assistance.reference}/"


def tell_people(
    people: Iterable[User], notice: str, assistance: AssistanceRequest, actor: User | None, about: str = ""
) -> None:
    """Promise one mail to each person but the one who acted; once for each act, or for each thing it is `about`."""
    tell_those({notice: just(*[person.pk for person in people])}, assistance, actor, about)


def tell_those(told: Mapping[str, Q], assistance: AssistanceRequest, actor: User | None, about: str = "") -> None:
    """The same for several notices of one act, each with who hears it as a condition on people."""
    tell_each(
        told,
        reference=assistance.reference,
        path=page_of(assistance),
        key=f"{assistance.reference}:{about or assistance.version}",
        but=actor,
    )


def tell_role(
    roles: Iterable[str], notice: str, assistance: AssistanceRequest, actor: User | None, about: str = ""
) -> None:
    """Promise a mail to everybody at headquarters who holds one of these roles."""
    tell_those({notice: holding(roles)}, assistance, actor, about)


def tell_missions(
    notice: str,
    assistance: AssistanceRequest,
    actor: User | None,
    roles: Iterable[str] = (Role.CASE_WORKER, Role.HEAD_OF_UNIT),
    about: str = "",
) -> None:
    """Promise a mail to the people of the request's missions who hold one of these roles there."""
    tell_those({notice: in_missions(assistance, roles)}, assistance, actor, about)


def just(*people: int | None) -> Q:
    """These people, by their keys, and nobody for None: a condition on people."""
    return Q(pk__in=[key for key in people if key is not None])


def in_missions(assistance: AssistanceRequest, roles: Iterable[str]) -> Q:
    """The people of the request's missions who hold one of these roles there, as a condition on people."""
    taking_part = RequestMission.objects.filter(assistance_id=assistance.pk).values("mission_id")
    return holding(roles, Q(mission_id=assistance.mission_id) | Q(mission_id__in=taking_part))


def writers(assistance: AssistanceRequest) -> Q:
    """Its author; after a transfer the case workers of the mission that has it now. A condition on people."""
    here = Q(mission_id=assistance.mission_id)
    author = just(assistance.author_id) & holding(MISSION_ROLES, here)
    return author | (holding([Role.CASE_WORKER], here) & ~Q(Exists(User.objects.filter(author))))


def tell_lead(notice: str, assistance: AssistanceRequest, actor: User | None, roles: Iterable[str]) -> None:
    """Promise a mail to the people of the lead mission who hold one of these roles there."""
    tell_those({notice: in_lead(assistance, roles)}, assistance, actor)


def writers_of(assistance: AssistanceRequest) -> list[User]:
    """The same people as a list; of the case workers those who see it."""
    found = list(User.objects.filter(writers(assistance)))
    return found if [one.pk for one in found] == [assistance.author_id] else those_who_see(found, assistance.reference)


def in_lead(assistance: AssistanceRequest, roles: Iterable[str]) -> Q:
    """The people of the lead mission who hold one of these roles there, as a condition on people."""
    return holding(roles, Q(mission_id=assistance.mission_id))


def tell_about_table(roles: Iterable[str], notice: str, table: Table, actor: User) -> None:
    """Promise a mail about a table of persons helped to everybody at headquarters who holds one of these roles."""
    people = {person.pk: person for person in people_with_any(roles) if person.pk != actor.pk}
    tell(people.values(), notice, reference=table.key, path=f"/tables/{table.key}/", key=table.key)


def tell_about_erasure(roles: Iterable[str], notice: str, erasure: Erasure, actor: User | None) -> None:
    """Promise a mail about an erasure to everybody who holds one of these roles and sees every request of the case."""
    people = {person.pk: person for person in people_with_any(roles) if person != actor}
    readers = list(people.values())
    for reference in erasure.case.requests.values_list("reference", flat=True):
        readers = those_who_see(readers, reference)
    tell(readers, notice, reference=erasure.key, path=f"/erasures/{erasure.key}/", key=erasure.key)
