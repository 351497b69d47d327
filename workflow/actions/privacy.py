"""Keeping a request to named people, naming them, and uncovering text that is covered for a role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import people_with, people_with_any, roles_of
from gaf.accounts.roles import COVERED_FOR, MISSION_ROLES, READS_ALL_REQUESTS, Role
from gaf.decisions.models import Decision
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.notices import tell
from gaf.policy import Question
from gaf.privacy.models import NamedReader, StrictCase
from gaf.privacy.reads import uncover as keep_uncovering
from gaf.privacy.sight import is_strict, named_to
from gaf.refusals import NotPermitted, Refusal
from workflow.models import AssistanceRequest
from workflow.notices import writers_of
from workflow.policy import MAY_END_READER, MAY_NAME_READER, MAY_RESTRICT, works_in
from workflow.queries import visible_to

STRICT = "STRICT"


def _decide(assistance: AssistanceRequest, act: str, actor: User, role: str, at: datetime, whom: str = "") -> None:
    record_decision(
        act=act,
        actor=actor,
        role=role,
        at=at,
        subject=f"SIGHT-{assistance.reference}",
        reference=assistance.reference,
        from_state="" if act == "restrict" else STRICT,
        to_state=STRICT,
        facts={"person": whom} if whom else {},
    )


@in_one_piece
def restrict(*, request_id: int, actor: User, at: datetime) -> None:
    """Keep a request to named people: who wrote or decided on it, the heads of its unit, and whoever does this.

    For everybody else it is not there any more. Raises NotPermitted, Refusal STRICT-04 when it is strict already.
    """
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    role = MAY_RESTRICT.require(Question(assistance, "restrict", actor))
    if is_strict(assistance.reference):
        raise Refusal("STRICT-04", _("Nothing was changed."), _("Only named people see this request already."), "")
    _decide(assistance, "restrict", actor, role, at)
    StrictCase.objects.create(reference=assistance.reference, made_by=actor, at=at)
    decided = Decision.objects.filter(reference=assistance.reference, actor__is_system=False, actor__is_active=True)
    named: set[int | None] = {
        actor.pk,
        assistance.author_id,
        assistance.taken_by_id,
        *(head.pk for head in people_with(Role.HEAD_OF_UNIT, {assistance.mission_id})),
        *decided.values_list("actor_id", flat=True),
    }
    for person in User.objects.filter(pk__in=[one for one in named if one is not None]).order_by("pk"):
        NamedReader.objects.create(reference=assistance.reference, person=person, named_by=actor, at=at)


def can_be_named(assistance: AssistanceRequest) -> list[User]:
    """People whose role would let them see the request, and who are not named to it."""
    known = {row.person_id for row in named_to(assistance.reference)}
    missions = assistance.mission_ids()
    found = list(people_with_any(MISSION_ROLES, missions))
    found += people_with_any(READS_ALL_REQUESTS)
    fresh = {one.pk: one for one in found if one.pk not in known}
    return sorted(fresh.values(), key=lambda person: person.name)


@in_one_piece
def name_reader(*, request_id: int, person_id: int, actor: User, at: datetime) -> None:
    """Name one more person to a strict request. Raises NotPermitted, Refusal STRICT-05 for who could not see it."""
    assistance, role = _strict_one(request_id, actor, "name_reader")
    person = next((one for one in can_be_named(assistance) if one.pk == person_id), None)
    if person is None:
        raise Refusal(
            "STRICT-05",
            _("Nobody was named."),
            _("This person is named already, or has no role that sees such requests."),
            _("Choose somebody of the list."),
        )
    _decide(assistance, "name_reader", actor, role, at, person.email)
    NamedReader.objects.create(reference=assistance.reference, person=person, named_by=actor, at=at)


@in_one_piece
def end_reader(*, request_id: int, person_id: int, actor: User, at: datetime) -> None:
    """End somebody's sight of a strict request.

    Raises NotPermitted, Refusal STRICT-06 when nobody would be left who can name others.
    """
    assistance, role = _strict_one(request_id, actor, "end_reader")
    rows = named_to(assistance.reference)
    row = next((one for one in rows if one.person_id == person_id), None)
    rest = [one.person for one in rows if one.person_id != person_id]
    if row is None or not any(MAY_NAME_READER.role_used(Question(assistance, "name_reader", one)) for one in rest):
        raise Refusal(
            "STRICT-06",
            _("Nobody was taken from the list."),
            _("This person is not on it, or nobody would be left who can name others."),
            _("Name somebody first."),
        )
    _decide(assistance, "end_reader", actor, role, at, row.person.email)
    row.ended_at = at
    row.save(update_fields=["ended_at"])


def _strict_one(request_id: int, actor: User, act: str) -> tuple[AssistanceRequest, str]:
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    permit = MAY_NAME_READER if act == "name_reader" else MAY_END_READER
    role = permit.require(Question(assistance, act, actor))
    require_strict(assistance.reference)
    if not visible_to(actor).filter(pk=request_id).exists():
        raise NotPermitted(
            [Refusal("STRICT-07", _("Nothing was changed."), _("You are not named to this request."), "")]
        )
    return assistance, role


def require_strict(reference: str) -> None:
    """Raises NotPermitted STRICT-08 for a request that everybody sees whose role sees such requests."""
    if not is_strict(reference):
        raise NotPermitted(
            [
                Refusal(
                    "STRICT-08",
                    _("Nothing was changed."),
                    _("This request is not kept to named people."),
                    _("Keep it to named people first."),
                )
            ]
        )


@in_one_piece
def uncover(*, request_id: int, purpose: str, reason: str, actor: User, at: datetime) -> None:
    """Uncover the text of a request for an hour, for a stated purpose; its author and the focal points are told.

    Raises NotPermitted when the text is not covered for this person, or not there for them at all.
    """
    assistance = visible_to(actor).get(pk=request_id)
    if roles_of(actor).isdisjoint(COVERED_FOR):
        raise NotPermitted([Refusal("READ-03", _("Nothing was uncovered."), _("Nothing is covered for you."), "")])
    keep_uncovering(actor, assistance.reference, assistance.seal_owner(), purpose, reason)
    _tell_of_uncovering(writers_of(assistance), assistance, f"/requests/{assistance.reference}/readers/", actor, at)
    _tell_of_uncovering(
        people_with(Role.PRIVACY_FOCAL_POINT), assistance, f"/privacy/?reference={assistance.reference}", actor, at
    )


def _tell_of_uncovering(
    people: Iterable[User], assistance: AssistanceRequest, path: str, actor: User, at: datetime
) -> None:
    tell(
        [one for one in people if one.pk != actor.pk],
        "text_uncovered",
        reference=assistance.reference,
        path=path,
        key=f"{assistance.reference}:{actor.pk}:{at.isoformat()}",
        to_all=True,
    )


def watches(assistance: AssistanceRequest, person: User) -> bool:
    """Whether a person may look who read a request: those of its lead mission, the fund manager, the data steward."""
    steward = not roles_of(person).isdisjoint((Role.FUND_MANAGER, Role.DATA_STEWARD))
    return steward or works_in(person, assistance.mission_id)
