"""Who is told by a plain mail when a request comes to them: its number and a link, nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from gaf.accounts.models import User
from gaf.accounts.queries import people_with, people_with_any
from gaf.accounts.roles import Role
from gaf.notices import tell
from gaf.privacy.sight import those_who_see
from workflow.models import AssistanceRequest, Erasure, Table
from workflow.policy import works_in


def page_of(assistance: AssistanceRequest) -> str:
    """Where the link of a mail leads."""
    return f"/requests/{assistance.reference}/"


def tell_people(
    people: Iterable[User], notice: str, assistance: AssistanceRequest, actor: User | None, about: str = ""
) -> None:
    """Promise one mail to each person but the one who acted; once for each act, or for each thing it is `about`."""
    readers = {person.pk: person for person in people if actor is None or person.pk != actor.pk}
    tell(
        readers.values(),
        notice,
        reference=assistance.reference,
        path=page_of(assistance),
        key=f"{assistance.reference}:{about or assistance.version}",
    )


def tell_role(
    roles: Iterable[str], notice: str, assistance: AssistanceRequest, actor: User | None, about: str = ""
) -> None:
    """Promise a mail to everybody at headquarters who holds one of these roles."""
    tell_people(people_with_any(roles), notice, assistance, actor, about)


def tell_missions(
    notice: str,
    assistance: AssistanceRequest,
    actor: User | None,
    roles: Iterable[str] = (Role.CASE_WORKER, Role.HEAD_OF_UNIT),
    about: str = "",
) -> None:
    """Promise a mail to the people of the request's missions who hold one of these roles there."""
    tell_people(people_with_any(roles, assistance.mission_ids()), notice, assistance, actor, about)


def writers_of(assistance: AssistanceRequest) -> list[User]:
    """Its author; after a transfer the case workers of the mission that has it now, of those who see it."""
    if works_in(assistance.author, assistance.mission_id):
        return [assistance.author]
    return those_who_see(people_with(Role.CASE_WORKER, {assistance.mission_id}), assistance.reference)


def tell_lead(notice: str, assistance: AssistanceRequest, actor: User | None, roles: Iterable[str]) -> None:
    """Promise a mail to the people of the lead mission who hold one of these roles there."""
    tell_people(people_with_any(roles, {assistance.mission_id}), notice, assistance, actor)


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
