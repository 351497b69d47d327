"""Complaints and feedback: recorded by a mission or by the public page, looked into, answered, or passed on.

What is about sexual exploitation or abuse goes to oversight at once, and so does what is about those who would judge
it. Nobody else hears of it from then on, and nothing on the request tells of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import holds, people_with, system_actor
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.ids import spoken_key
from gaf.notices import take_back, tell
from gaf.policy import Question
from gaf.privacy.sight import those_who_see
from gaf.refusals import Refusal
from gaf.sealing import is_erased, person_fingerprint, seal, unseal
from workflow import policy
from workflow.models import AnswerWay, AssistanceRequest, Complaint, ComplaintChannel, ComplaintKind
from workflow.search import references_meant
from workflow.states import ComplaintState


@dataclass(frozen=True)
class Said:
    """What was said, how it reached the fund, in which language, when, and whether and how an answer is wanted."""

    kind: str
    words: str
    heard_on: date
    language: str = "en"
    channel: str = ComplaintChannel.IN_PERSON
    answer_by: str = AnswerWay.NONE


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was recorded."), why, next_step)


@in_one_piece
def record_complaint(
    *, request_id: int, said: Said, about_id: int | None = None, actor: User, at: datetime
) -> Complaint:
    """Record what a person said about the help of a request, or about somebody of the fund.

    Raises Refusal COMPLAINT-01 from whom it is about, COMPLAINT-05 for a kind, channel or day that cannot be.
    """
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    role = policy.MAY_RECORD_COMPLAINT.require(Question(assistance, "record_complaint", actor))
    about = None if about_id is None else User.objects.filter(pk=about_id, is_system=False).first()
    if about == actor:
        raise _refuse(
            "COMPLAINT-01", _("It is about you."), _("Let somebody else record it, or show them the public page.")
        )
    _require_possible(said, at)
    return _keep(said, assistance, about, actor, role, at)


@in_one_piece
def receive_complaint(*, said: Said, reference: str = "", at: datetime) -> tuple[Complaint, str]:
    """Keep what somebody wrote on the public page, with the word by which they find the answer.

    A reference that is none is not told apart from one that is. Raises Refusal COMPLAINT-05 for a kind that is none.
    """
    _require_possible(said, at)
    meant = references_meant(reference) if reference else []
    assistance = AssistanceRequest.objects.filter(reference=meant[0]).first() if len(meant) == 1 else None
    if assistance is not None and is_erased(assistance.seal_owner()):
        assistance = None  # a refusal would tell that there was one
    word = spoken_key("W")
    return _keep(said, assistance, None, system_actor(), Role.SYSTEM, at, word), word


def _require_possible(said: Said, at: datetime) -> None:
    known = said.kind in ComplaintKind.values and said.channel in ComplaintChannel.values
    if not known or said.answer_by not in AnswerWay.values or said.heard_on > at.date():
        raise _refuse("COMPLAINT-05", _("Kind, channel or day cannot be so."), _("Correct it."))
    if not said.words.strip():
        raise _refuse("COMPLAINT-05", _("Nothing was said."), _("Write down what was said."))


def _keep(
    said: Said,
    assistance: AssistanceRequest | None,
    about: User | None,
    actor: User,
    role: str,
    at: datetime,
    word: str = "",
) -> Complaint:
    to_oversight = said.kind == ComplaintKind.ABUSE or (about is not None and holds(about, Role.FUND_MANAGER))
    made = Complaint(
        key=spoken_key("CMP"),
        assistance=assistance,
        kind=said.kind,
        channel=said.channel,
        language=said.language,
        heard_on=said.heard_on,
        answer_by=said.answer_by,
        about=about,
        received_at=at,
        recorded_by=None if actor.is_system else actor,
        state=ComplaintState.PASSED_ON if to_oversight else ComplaintState.RECEIVED,
        passed_on_at=at if to_oversight else None,
    )
    made.words = seal(made.seal_owner(), said.words)
    made.answer_mark = _mark(made.key, word) if word else ""
    first_decision(subject=made, act="record_complaint", actor=actor, role=role, at=at, facts={"kind": made.kind})
    made.save(force_insert=True)
    if made.is_with_oversight:
        _tell_oversight(made)
    else:
        _tell_desk(made, actor)
    return made


def _mark(key: str, word: str) -> str:
    return person_fingerprint("complaint", f"{key}:{word}")


def _tell_oversight(made: Complaint) -> None:
    people = [person for person in people_with(Role.OVERSIGHT) if person.pk != made.about_id]
    tell(people, "complaint_passed_on", reference=made.key, path=f"/complaints/{made.key}/", key=made.key)


def _tell_desk(made: Complaint, actor: User) -> None:
    """Whoever may look into it and may see the request: heads of the mission where it is theirs, and the managers."""
    people = list(people_with(Role.FUND_MANAGER))
    if made.mission_id is not None:
        people += people_with(Role.HEAD_OF_UNIT, {made.mission_id})
    _tell(made, "complaint_received", people, actor)


def _tell(made: Complaint, notice: str, people: Iterable[User], actor: User) -> None:
    readers = [person for person in people if person.pk not in (made.about_id, actor.pk)]
    if made.assistance is not None:
        readers = those_who_see(readers, made.assistance.reference)
    tell(readers, notice, reference=made.key, path=f"/complaints/{made.key}/", key=made.key)


@in_one_piece
def take_up_complaint(*, complaint_id: int, actor: User, at: datetime, seen_version: int | None = None) -> Complaint:
    """Look into it. Raises NotPermitted COMPLAINT-03 from whom it is about, COMPLAINT-04 from who worked on it."""
    with acting(
        Complaint, complaint_id, act="take_up_complaint", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        doing.subject.take_up_complaint(by=actor)
    return doing.subject


@in_one_piece
def answer_complaint(
    *, complaint_id: int, answer: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Complaint:
    """Say what the person is told, and, for the file, what was found. Who recorded it is told to bring the answer."""
    with acting(
        Complaint,
        complaint_id,
        act="answer_complaint",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        complaint: Complaint = doing.subject
        complaint.answer_complaint(sealed=seal(complaint.seal_owner(), answer), at=at)
        if complaint.recorded_by is not None:
            _tell(complaint, "complaint_answered", [complaint.recorded_by], actor)
    return complaint


@in_one_piece
def close_complaint(
    *, complaint_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Complaint:
    """The person heard the answer, or wanted none; `reason` says how they took it."""
    with acting(
        Complaint, complaint_id, act="close_complaint", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.close_complaint(at=at)
    return doing.subject


@in_one_piece
def pass_on_complaint(
    *, complaint_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Complaint:
    """Give it to oversight. Its words are sealed anew with a key of their own, which no erasure of the case takes."""
    with acting(
        Complaint, complaint_id, act="pass_on_complaint", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        complaint: Complaint = doing.subject
        words, answer = unseal(complaint.words), unseal(complaint.answer)
        complaint.pass_on_complaint(at=at)
        complaint.words, complaint.answer = seal(complaint.key, words), seal(complaint.key, answer)
        take_back(complaint.key)
        _tell_oversight(complaint)
    return complaint


@in_one_piece
def note_complaint(
    *, complaint_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Complaint:
    """Oversight keeps a note; only oversight reads it."""
    with acting(
        Complaint, complaint_id, act="note_complaint", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.note_complaint()
    return doing.subject


@in_one_piece
def conclude_complaint(
    *,
    complaint_id: int,
    reason: str,
    answer: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> Complaint:
    """Oversight says what was found, and what the person reads on the public page, if anything."""
    with acting(
        Complaint, complaint_id, act="conclude_complaint", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        complaint: Complaint = doing.subject
        complaint.conclude_complaint(sealed=seal(complaint.key, answer), at=at)
    return complaint


def complaint_of(key: str, word: str) -> Complaint | None:
    """The complaint with this number, for whoever knows its word; nothing, whatever of the two is wrong."""
    found = Complaint.objects.filter(key=key.strip().upper()).exclude(answer_mark="").first()
    known = found.answer_mark if found is not None else "-"
    right = hmac.compare_digest(known, _mark(key.strip().upper(), word.strip().upper()))
    return found if right else None
