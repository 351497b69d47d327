"""A copy for the person: the mission records that somebody asks, the head of unit hands it over or says why not."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import people_with
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import seal
from workflow import notices, policy
from workflow.models import AssistanceRequest, CopyAsker, PersonCopy
from workflow.states import PersonCopyState


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was recorded."), why, next_step)


@in_one_piece
def ask_copy(
    *, request_id: int, person_key: str, asked_by: str, asked_on: date, reason: str, actor: User, at: datetime
) -> PersonCopy:
    """Record that a person, or who speaks for them, asks for a copy; `reason` says how it was checked who asks.

    Raises Refusal COPY-01 for a person or day that cannot be, COPY-02 where this person's copy was asked for already.
    """
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    made = PersonCopy(assistance=assistance, person_key=person_key, asked_by=asked_by, asked_on=asked_on)
    role = policy.MAY_ASK_COPY.require(Question(made, "ask_copy", actor))
    known = assistance.persons.filter(key=person_key).exists() and asked_by in CopyAsker.values
    if not known or asked_on > at.date():
        raise _refuse("COPY-01", _("The person, who asks, or the day cannot be so."), _("Correct it."))
    others = assistance.person_copies.filter(person_key=person_key, state=PersonCopyState.ASKED)
    if others.exists():
        raise _refuse("COPY-02", _("A copy for this person is asked for already."), _("Have it handed over first."))
    made.recorded_by, made.recorded_at = actor, at
    made.number = assistance.person_copies.count() + 1
    made.key = f"{assistance.reference}/C{made.number}"
    facts = {"person": person_key, "asked_by": asked_by, "asked_on": asked_on.isoformat()}
    sealed = seal(made.seal_owner(), reason)
    first_decision(subject=made, act="ask_copy", actor=actor, role=role, at=at, facts=facts, sealed_reason=sealed)
    made.save(force_insert=True)
    heads = people_with(Role.HEAD_OF_UNIT, {assistance.mission_id})
    notices.tell_people(heads, "copy_to_give", assistance, actor, about=made.key)
    return made


@in_one_piece
def give_copy(*, copy_id: int, actor: User, at: datetime, seen_version: int | None = None) -> PersonCopy:
    """Say that the copy was handed over. Raises NotPermitted for everybody but the head of unit."""
    with acting(PersonCopy, copy_id, act="give_copy", actor=actor, at=at, seen_version=seen_version) as doing:
        copy: PersonCopy = doing.subject
        copy.give_copy(by=actor, at=at)
        doing.facts = {"person": copy.person_key}
    return copy


@in_one_piece
def refuse_copy(*, copy_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None) -> PersonCopy:
    """Do not hand it over, such as where it is not clear who asks; the reason is kept."""
    with acting(
        PersonCopy, copy_id, act="refuse_copy", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.refuse_copy()
        doing.facts = {"person": doing.subject.person_key}
    return doing.subject
