"""The same person in two requests: a fingerprint, what it finds, what the missions answer, and a third who decides.

Whoever makes a fingerprint never learns what it found: the worker looks for it later, and only those hear of it who
judge it and may see both requests.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import people_with_any, system_actor
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.ids import spoken_key
from gaf.notices import tell
from gaf.outbox.outbox import enqueue
from gaf.privacy.sight import those_who_see
from gaf.refusals import Refusal
from workflow import notices
from workflow.models import AssistanceRequest, Fingerprint, KnownPerson, Likeness, LikenessVerdict, Person
from workflow.models.likenesses import new_known_key
from workflow.protection.fingerprints import Details, Sign, hashes_of
from workflow.repeated_help import counts_until, needs_exceptional_approval
from workflow.states import RequestState

_OLDEST = 120


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("No recognition code was made."), why, next_step)


@in_one_piece
def fingerprint_person(
    *,
    request_id: int,
    person_key: str,
    details: Details,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Keep the keyed hashes of what was typed about one person, and nothing of what was typed.

    Raises Refusal PRINT-01 for a person who does not take part, PRINT-02 where names or year cannot be so.
    """
    with acting(
        AssistanceRequest, request_id, act="fingerprint_person", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        person = assistance.persons.filter(key=person_key, left_code="").first()
        if person is None:
            raise _refuse("PRINT-01", _("This person does not take part."), _("Choose the person again."))
        _require_whole(details, at)
        found = hashes_of(details, person.sex, person.nationality)
        kept = {**asdict(found), "made_by": actor, "made_at": at}
        Fingerprint.objects.update_or_create(person=person, defaults=kept)
        doing.facts = {"person": person.key}
        assistance.fingerprint_person()
        enqueue("fingerprint_made", key=f"{person.key}:{assistance.version}", person=person.key)
    return assistance


def _require_whole(details: Details, at: datetime) -> None:
    month = details.month is None or 1 <= details.month <= 12
    if not details.given.strip() or not details.family.strip() or not month:
        raise _refuse("PRINT-02", _("A name or the month is not complete."), _("Complete it."))
    if not at.year - _OLDEST <= details.year <= at.year:
        raise _refuse("PRINT-02", _("This cannot be the year of birth."), _("Correct the year; an estimate will do."))


@in_one_piece
def find_likenesses(*, person_key: str, at: datetime) -> list[Likeness]:
    """Keep whom a new fingerprint looks like, in other requests, and tell those who may judge it. Done twice, it is
    done once. Nothing where the person or the fingerprint is gone."""
    mine = Fingerprint.objects.select_related("person").filter(person__key=person_key).first()
    if mine is None:
        return []
    others = _alike(mine).exclude(person__assistance=mine.person.assistance_id).select_related("person")
    found = [made for other in others if (made := _likeness(mine, other, at)) is not None]
    for made in found:
        tell_who_judges(made, "likeness_found", [Role.DATA_STEWARD], None)
    return found


def _alike(mine: Fingerprint) -> QuerySet[Fingerprint]:
    like = Q(whole=mine.whole) | Q(sound__in=mine.sounds) | Q(family=mine.family)
    if mine.phone:
        like |= Q(phone=mine.phone)
    return Fingerprint.objects.filter(like).order_by("pk")


def _likeness(mine: Fingerprint, other: Fingerprint, at: datetime) -> Likeness | None:
    """The likeness of two persons, unless it is known, or they are one already."""
    first, second = sorted((mine.person, other.person), key=lambda one: one.pk)
    if Likeness.objects.filter(first=first, second=second).exists() or _are_one(first, second):
        return None
    made = Likeness(key=spoken_key("SAME"), first=first, second=second, found_at=at, sign=_sign(mine, other))
    first_decision(
        subject=made,
        act="find_likeness",
        actor=system_actor(),
        role=Role.SYSTEM,
        at=at,
        facts={"first": first.key, "second": second.key, "sign": made.sign},
    )
    made.save(force_insert=True)
    return made


def _sign(mine: Fingerprint, other: Fingerprint) -> str:
    if mine.whole == other.whole:
        return Sign.WHOLE
    if mine.phone and mine.phone == other.phone:
        return Sign.PHONE
    return Sign.SOUND if other.sound in mine.sounds else Sign.FAMILY


def _are_one(first: Person, second: Person) -> bool:
    keys = KnownPerson.objects.filter(person__in=(first, second)).values_list("known_key", flat=True)
    return len(keys) == 2 and keys[0] == keys[1]


def tell_who_judges(likeness: Likeness, notice: str, roles: list[Role], actor: User | None) -> None:
    """Promise a mail to everybody with one of these roles who may see both requests, but not to who acted."""
    people = {person.pk: person for person in people_with_any(roles) if person != actor}
    readers = list(people.values())
    for one in (likeness.first, likeness.second):
        readers = those_who_see(readers, one.assistance.reference)
    tell(readers, notice, reference=likeness.key, path=f"/same-persons/{likeness.key}/", key=likeness.key)


@in_one_piece
def weigh_likeness(
    *, likeness_id: int, proposed: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Likeness:
    """Say what the missions answered. Raises Refusal LIKE-03 for a verdict that there is not."""
    with acting(
        Likeness, likeness_id, act="weigh_likeness", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        likeness: Likeness = doing.subject
        if proposed not in LikenessVerdict.values:
            raise Refusal("LIKE-03", _("Nothing was decided."), _("This is no answer."), _("Choose one."))
        likeness.weigh_likeness(proposed=proposed, by=actor, at=at)
        doing.facts = {"proposed": proposed}
        tell_who_judges(likeness, "likeness_to_decide", [Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD], actor)
    return likeness


@in_one_piece
def join_persons(
    *, likeness_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Likeness:
    """Decide that two persons are one: from now on they share one key, and help to one counts as help to the other."""
    with acting(
        Likeness, likeness_id, act="join_persons", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        likeness: Likeness = doing.subject
        likeness.join_persons(by=actor, at=at)
    _give_one_key(likeness)
    for person in (likeness.first, likeness.second):
        if person.assistance.state == RequestState.BUDGET_REVIEW and needs_exceptional_approval(person.assistance, at):
            notices.tell_role([Role.FUND_MANAGER], "repeated_help_to_allow", person.assistance, None)
    return likeness


@in_one_piece
def keep_persons_apart(
    *, likeness_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Likeness:
    """Decide that two persons are two; the same likeness is not found again."""
    with acting(
        Likeness, likeness_id, act="keep_persons_apart", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.keep_persons_apart(by=actor, at=at)
    return doing.subject


def _give_one_key(likeness: Likeness) -> None:
    """Both persons, and whoever shares a key with one of them, get one key."""
    both = (likeness.first, likeness.second)
    known = KnownPerson.objects.select_for_update().filter(person__in=both).order_by("pk")
    keys = list(dict.fromkeys(known.values_list("known_key", flat=True))) or [new_known_key()]
    KnownPerson.objects.filter(known_key__in=keys[1:]).update(known_key=keys[0])
    for person in both:
        until = counts_until(person.assistance.approved_at)
        KnownPerson.objects.get_or_create(person=person, defaults={"known_key": keys[0], "helped_until": until})
