"""Writing a request: plain saves of open sections, with a check that nobody else changed it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gaf.accounts.models import Mission, User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.decisions.record import end_of_chain_read_once
from gaf.gate import acting, edge_of, first_decision, in_one_piece, under_lock
from gaf.money import Money
from gaf.policy import Question, with_decisions
from gaf.records import delete_by, save_by
from gaf.references import issue
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.sealing import seal
from gaf.versions import create_all, save_all_by
from workflow.codelists import Disability, Section
from workflow.models import (
    AlternativeCheck,
    AssistanceRequest,
    Case,
    Consent,
    HelpAsked,
    Person,
    RequestMission,
)
from workflow.sections import open_sections


@dataclass(frozen=True)
class PersonText:
    """A person as written; `key` names one who is there already."""

    sex: str
    age_band: str
    nationality: str
    key: str = ""
    disability: str = Disability.NOT_ASKED


@dataclass(frozen=True)
class ConsentText:
    """Consent as written, or the reason for its documented exception."""

    mode: str
    consent_language: str = ""
    with_interpreter: bool = False
    given_on: date | None = None
    purposes: Sequence[str] = ()
    exception_reason: str = ""
    given_by: str = "SELF"


@dataclass(frozen=True)
class CategoryText:
    """The primary category, others, and what else matters."""

    primary: str
    others: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class AlternativeText:
    """A programme that was asked and its answer; for NONE_EXISTS only the note with the reason."""

    answer: str
    programme: str = ""
    asked_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class HelpText:
    """A kind of help that is wanted and about what it costs."""

    assistance_type: str
    rough_cost: Money


@dataclass(frozen=True)
class FirstText:
    """What is written down at once when a request is opened: the little that is known at night."""

    persons: Sequence[PersonText]
    consent: ConsentText
    categories: CategoryText
    situation: str
    help_asked: Sequence[HelpText]


@dataclass(frozen=True)
class UrgencyText:
    """How soon, and until when."""

    priority: str
    needed_until: date | None = None


def start_request(
    *,
    mission_id: int,
    language: str,
    priority: str = "P3",
    idempotency_key: str,
    actor: User,
    at: datetime,
    case_key: str | None = None,
    first: FirstText | None = None,
) -> AssistanceRequest:
    """Open a draft for a mission, with the first text where there is one. The same idempotency key again gives the same
    request, so a double press makes one.

    Raises NotPermitted ROLE-02 unless the actor writes for this mission.
    """
    role = next((r for r in (Role.CASE_WORKER, Role.HEAD_OF_UNIT) if holds(actor, r, {mission_id})), None)
    if role is None:
        raise NotPermitted([_not_a_writer()])
    known = AssistanceRequest.objects.filter(idempotency_key=idempotency_key, author=actor).first()
    if known is not None:
        return known
    try:
        with transaction.atomic(), end_of_chain_read_once():
            draft = _draft(mission_id, case_key, at)
            draft.language, draft.priority, draft.idempotency_key = language, priority, idempotency_key
            return _opened(draft, actor, role, first)
    except IntegrityError:  # the other press of the same button was quicker
        return AssistanceRequest.objects.get(idempotency_key=idempotency_key, author=actor)


def _not_a_writer() -> Refusal:
    return Refusal(
        "ROLE-02",
        _("The request was not opened."),
        _("You do not write requests for this mission."),
        _("Ask a case worker of the mission."),
    )


def _draft(mission_id: int, case_key: str | None, at: datetime) -> AssistanceRequest:
    """A request of a mission before it is in the database, of a case that is there or of a new one."""
    mission = Mission.objects.get(pk=mission_id)
    if case_key:
        case = Case.objects.get(key=case_key, mission=mission)
    else:
        case = Case.objects.create(mission=mission, opened_at=at)
    return AssistanceRequest(reference=issue("GAF"), case=case, mission=mission, started_at=at, moved_at=at)


def _opened(assistance: AssistanceRequest, actor: User, role: str, first: FirstText | None) -> AssistanceRequest:
    assistance.author = actor
    if first is not None:
        _say_categories(assistance, first.categories)
        assistance.situation = seal(assistance.seal_owner(), first.situation)
    first_decision(subject=assistance, act="write", actor=actor, role=role, at=assistance.started_at)
    save_by(assistance, actor, "write")
    RequestMission.objects.create(assistance=assistance, mission=assistance.mission)
    if first is not None:
        create_all([_as_written(Person(assistance=assistance), one) for one in first.persons], actor)
        _save_consent(Consent(assistance=assistance), first.consent, actor, assistance.started_at)
        create_all([_as_asked(_help(assistance, one), one) for one in first.help_asked], actor)
    return assistance


@contextmanager
def editing(
    request_id: int, sections: set[str], *, actor: User, at: datetime, seen_version: int | None
) -> Iterator[AssistanceRequest]:
    """Change open sections of a request. A person's first change leaves the decision `write`, for separation of duties.

    Inside an action that is one piece.
    Raises NotPermitted, MovedOn (STATE-02) when the page was stale, Refusal WRITE-02 when a section is not open.
    """
    assistance: AssistanceRequest = under_lock(AssistanceRequest, request_id)
    _require_open(assistance, sections)
    question = with_decisions(Question(assistance, "write", actor))
    if not any(one.act == "write" and one.actor_id == actor.pk for one in question.so_far):
        with acting(
            AssistanceRequest,
            request_id,
            act="write",
            actor=actor,
            at=at,
            seen_version=seen_version,
            locked=assistance,
        ) as doing:
            yield doing.subject
            doing.subject.write()
        return
    _require_fresh(assistance, seen_version)
    edge_of(assistance, "write").permission.require(question)
    yield assistance
    assistance.version += 1
    save_by(assistance, actor, "edit")


def _require_open(assistance: AssistanceRequest, sections: set[str]) -> None:
    shut = [str(Section(code).label) for code in sorted(sections - open_sections(assistance))]
    if shut or edge_of(assistance, "write") is None:
        raise Refusal(
            "WRITE-02",
            _("Nothing was changed."),
            _("These parts are not open now: %(parts)s.") % {"parts": ", ".join(shut) or _("all")},
            _("The reviewer can ask about a part, and then you can change it."),
        )


def _require_fresh(assistance: AssistanceRequest, seen_version: int | None) -> None:
    if seen_version is not None and seen_version != assistance.version:
        raise MovedOn(
            assistance,
            "STATE-02",
            _("Nothing was changed."),
            _("%(key)s was changed since you opened the page.") % {"key": assistance.reference},
            _("Look at the record as it is now."),
        )


@in_one_piece
def edit_persons(
    *,
    request_id: int,
    persons: Sequence[PersonText] | None = None,
    consent: ConsentText | None = None,
    other_mission_ids: Sequence[int] | None = None,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Write who asks for help, how they agreed, and which other missions take part. None leaves a part as it is."""
    parts = {Section.PERSONS.value} if persons is not None or other_mission_ids is not None else set()
    if consent is not None:
        parts.add(Section.CONSENT.value)
    with editing(request_id, parts, actor=actor, at=at, seen_version=seen_version) as assistance:
        if persons is not None:
            _write_persons(assistance, persons, actor)
        if consent is not None:
            write_consent(assistance, consent, actor, at)
        if other_mission_ids is not None:
            _write_missions(assistance, other_mission_ids)
    return assistance


def _write_persons(assistance: AssistanceRequest, persons: Sequence[PersonText], actor: User) -> None:
    known = {person.key: person for person in assistance.persons.filter(left_code="")}
    rows = [_as_written(known.pop(one.key, Person(assistance=assistance)), one) for one in persons]
    save_all_by([row for row in rows if row.pk], ["sex", "age_band", "nationality", "disability"], actor)
    create_all([row for row in rows if not row.pk], actor)
    for person in known.values():
        if person.lines.exists():
            raise Refusal(
                "WRITE-03",
                _("The persons were not changed."),
                _("Budget lines are for %(key)s.") % {"key": person.key},
                _("Record that the person leaves, or change those lines first."),
            )
        if person.gate_evidence.exists() or person.screenings.exists() or hasattr(person, "fingerprint"):
            raise Refusal(
                "WRITE-04",
                _("The persons were not changed."),
                _("Something is on file about %(key)s, and what is on file stays.") % {"key": person.key},
                _("Keep the person; record that the person leaves once headquarters has the request."),
            )
        delete_by(person, actor)


def _as_written(person: Person, written: PersonText) -> Person:
    person.sex, person.age_band, person.nationality = written.sex, written.age_band, written.nationality
    person.disability = written.disability
    return person


def write_consent(
    assistance: AssistanceRequest, consent: ConsentText, actor: User, at: datetime, reason: str = ""
) -> Consent:
    """Keep how they agreed, or why they could not yet; the exception is sealed."""
    row = Consent.objects.filter(assistance=assistance).first() or Consent(assistance=assistance)
    return _save_consent(row, consent, actor, at, reason)


def _save_consent(row: Consent, consent: ConsentText, actor: User, at: datetime, reason: str = "") -> Consent:
    row.mode, row.consent_language, row.given_on = consent.mode, consent.consent_language, consent.given_on
    row.with_interpreter, row.purposes = consent.with_interpreter, list(consent.purposes)
    row.exception_reason = seal(row.assistance.seal_owner(), consent.exception_reason)
    row.given_by = consent.given_by
    row.recorded_by, row.recorded_at = actor, at
    save_by(row, actor, reason)
    return row


def _write_missions(assistance: AssistanceRequest, other_mission_ids: Sequence[int]) -> None:
    wanted = {assistance.mission_id, *other_mission_ids}
    present = {row.mission_id: row for row in assistance.missions.all()}
    for mission_id in sorted(wanted - set(present)):
        RequestMission.objects.create(assistance=assistance, mission_id=mission_id)
    for mission_id in set(present) - wanted:
        present[mission_id].delete()
    assistance.forget_missions()


@in_one_piece
def edit_situation(
    *,
    request_id: int,
    categories: CategoryText | None = None,
    situation: str | None = None,
    alternatives: Sequence[AlternativeText] | None = None,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Write the category, what happened, and which other help was asked. None leaves a part as it is."""
    written = [(categories, Section.CATEGORY), (situation, Section.SITUATION), (alternatives, Section.ALTERNATIVES)]
    parts = {section.value for part, section in written if part is not None}
    with editing(request_id, parts, actor=actor, at=at, seen_version=seen_version) as assistance:
        if categories is not None:
            _say_categories(assistance, categories)
        if situation is not None:
            assistance.situation = seal(assistance.seal_owner(), situation)
        if alternatives is not None:
            _write_alternatives(assistance, alternatives, actor, at)
    return assistance


def _say_categories(assistance: AssistanceRequest, categories: CategoryText) -> None:
    assistance.primary_category = categories.primary
    assistance.other_categories = [code for code in categories.others if code != categories.primary]
    assistance.profile_tags = list(categories.tags)


def _write_alternatives(
    assistance: AssistanceRequest, alternatives: Sequence[AlternativeText], actor: User, at: datetime
) -> None:
    for old in assistance.alternatives.all():
        delete_by(old, actor)
    owner = assistance.seal_owner()
    rows = [
        AlternativeCheck(
            assistance=assistance,
            programme=seal(owner, written.programme),
            asked_on=written.asked_on,
            answer=written.answer,
            note=seal(owner, written.note),
            recorded_by=actor,
            recorded_at=at,
        )
        for written in alternatives
    ]
    create_all(rows, actor)


@in_one_piece
def edit_help(
    *,
    request_id: int,
    help_asked: Sequence[HelpText] | None = None,
    urgency: UrgencyText | None = None,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Write what help is wanted, about what it costs, and how soon. None leaves a part as it is."""
    parts = {Section.HELP.value} if help_asked is not None else set()
    if urgency is not None:
        parts.add(Section.URGENCY.value)
    with editing(request_id, parts, actor=actor, at=at, seen_version=seen_version) as assistance:
        if help_asked is not None:
            _write_help(assistance, help_asked, actor)
        if urgency is not None:
            assistance.priority, assistance.needed_until = urgency.priority, urgency.needed_until
    return assistance


def _write_help(assistance: AssistanceRequest, help_asked: Sequence[HelpText], actor: User) -> None:
    known = {row.assistance_type: row for row in assistance.help_asked.all()}
    rows = [_as_asked(known.pop(one.assistance_type, _help(assistance, one)), one) for one in help_asked]
    save_all_by([row for row in rows if row.pk], ["rough_minor", "currency"], actor)
    create_all([row for row in rows if not row.pk], actor)
    for row in known.values():
        delete_by(row, actor)


def _help(assistance: AssistanceRequest, written: HelpText) -> HelpAsked:
    return HelpAsked(assistance=assistance, assistance_type=written.assistance_type)


def _as_asked(row: HelpAsked, written: HelpText) -> HelpAsked:
    row.rough_minor, row.currency = written.rough_cost.minor, written.rough_cost.currency
    return row
