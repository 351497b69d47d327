"""Screening a person for trafficking, and referring persons to another service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import acting, in_one_piece
from gaf.refusals import Refusal
from gaf.sealing import seal
from workflow.models import (
    AssistanceRequest,
    Consent,
    GateEvidence,
    Person,
    Referral,
    ReferralKind,
    TraffickingScreening,
)
from workflow.protection.gates import GateCode, Outcome
from workflow.protection.standing import forget_evidence
from workflow.protection.trafficking import (
    CATEGORY_OF,
    Answers,
    Decider,
    Exploitation,
    Means,
    TraffickingAct,
    TraffickingStatus,
    departs,
    indication,
)


@dataclass(frozen=True)
class ScreeningText:
    """What a screening found, and the worker's judgement."""

    answers: Answers
    status: str
    decided_by: str = ""
    decided_on: date | None = None
    industry: str = ""
    country: str = ""
    year: int | None = None
    note: str = field(default="", repr=False)


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The screening was not recorded."), why, next_step)


@in_one_piece
def screen_trafficking(
    *,
    request_id: int,
    person_key: str,
    screening: ScreeningText,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Record one person's screening; the request takes the category that goes with it, and with it the gates.

    A child now is a child for the rule, whatever was ticked. Raises Refusal VOT-01 for a person or code that is not
    there, VOT-02 for an actual victim without who decided and when, VOT-03 for a judgement against the signs without a
    reason.
    """
    with acting(
        AssistanceRequest, request_id, act="screen_trafficking", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        person = _person(assistance, person_key)
        answers = _known(screening.answers, person)
        found = indication(answers)
        _require_reasons(screening, departs(found, screening.status), at)
        actual = screening.status == TraffickingStatus.ACTUAL
        TraffickingScreening.objects.create(
            assistance=assistance,
            person=person,
            acts=sorted(answers.acts),
            means=sorted(answers.means),
            purposes=sorted(answers.purposes),
            child=answers.child,
            paid_crossing=answers.paid_crossing,
            industry=screening.industry if Exploitation.FORCED_LABOUR in answers.purposes else "",
            country=screening.country,
            year=screening.year,
            indication=found,
            status=screening.status,
            decided_by=screening.decided_by if actual else "",
            decided_on=screening.decided_on if actual else None,
            note=seal(assistance.seal_owner(), screening.note.strip()),
            recorded_by=actor,
            recorded_at=at,
        )
        doing.facts = {
            "person": person.key,
            "indication": found.value,
            "status": screening.status,
            "decided_by": screening.decided_by if actual else "",
        }
        _take_category(assistance, screening.status, answers.paid_crossing)
        assistance.screen_trafficking()
    return assistance


def _person(assistance: AssistanceRequest, key: str) -> Person:
    person = assistance.persons.filter(key=key, left_code="").first()
    if person is None:
        raise _refuse("VOT-01", _("This person does not take part, or not any more."), _("Choose the person again."))
    return person


def _known(answers: Answers, person: Person) -> Answers:
    """The answers with the child rule: who is a child now is one, and of a child no means is kept."""
    child = answers.child or person.is_child
    unknown = (
        set(answers.acts) - set(TraffickingAct.values)
        | set(answers.means) - set(Means.values)
        | set(answers.purposes) - set(Exploitation.values)
    )
    if unknown:
        raise _refuse("VOT-01", _("Something that was said is not on the list."), _("Choose from the list."))
    means = () if child else answers.means
    return Answers(answers.acts, means, answers.purposes, child, answers.paid_crossing)


def _require_reasons(screening: ScreeningText, departing: bool, at: datetime) -> None:
    """Who decided, where somebody is called an actual victim; why, where the judgement goes against the signs."""
    if screening.status not in TraffickingStatus.values:
        raise _refuse("VOT-01", _("Something that was said is not on the list."), _("Choose from the list."))
    if screening.status == TraffickingStatus.ACTUAL:
        on = screening.decided_on
        if screening.decided_by not in Decider.values or on is None or on > at.date() + timedelta(days=1):
            raise _refuse(
                "VOT-02",
                _("An actual victim is one because somebody decided so."),
                _("Write who decided and when, or say “possible”."),
            )
    if departing and not screening.note.strip():
        raise _refuse(
            "VOT-03",
            _("Your judgement is another than the answers point to."),
            _("Write why; the answers never decide."),
        )


def _take_category(assistance: AssistanceRequest, status: str, smuggled: bool) -> None:
    """The category that goes with the judgement joins the others; smuggling can stand beside trafficking."""
    wanted = [CATEGORY_OF[TraffickingStatus(status)]] if status in CATEGORY_OF else []
    wanted += ["SMUG"] if smuggled else []
    others = list(assistance.other_categories)
    if not assistance.primary_category and wanted:
        assistance.primary_category = wanted.pop(0)
    others += [code for code in wanted if code not in (assistance.primary_category, *others)]
    if others != assistance.other_categories:
        assistance.other_categories = others


@in_one_piece
def refer_persons(
    *,
    request_id: int,
    kind: str,
    person_keys: Sequence[str],
    to_whom: str,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Record that persons were referred, with their consent; whoever asks for protection does not travel back.

    Raises Refusal CONSENT-04 without consent to referral, REFER-01 for a person, kind or service that is not there.
    """
    with acting(
        AssistanceRequest, request_id, act="refer_persons", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        persons = list(assistance.persons.filter(key__in=person_keys, left_code=""))
        _require_referable(assistance, persons, person_keys, kind, to_whom)
        row = Referral.objects.create(
            assistance=assistance,
            kind=kind,
            to_whom=seal(assistance.seal_owner(), to_whom.strip()),
            recorded_by=actor,
            recorded_at=at,
        )
        row.persons.set(persons)
        if kind == ReferralKind.PROTECTION:
            _shut_the_way_back(assistance, persons, row, actor, at)
        doing.facts = {"kind": kind, "persons": sorted(person.key for person in persons)}
        assistance.refer_persons()
    return assistance


def _require_referable(
    assistance: AssistanceRequest, persons: Sequence[Person], keys: Sequence[str], kind: str, to_whom: str
) -> None:
    consent = Consent.objects.filter(assistance=assistance).first()
    if consent is None or not consent.for_referral:
        raise Refusal(
            "CONSENT-04",
            _("Nobody was referred."),
            _("The persons did not agree to referral."),
            _("Ask them, and record their consent; what they do not want is not done."),
        )
    if not persons or len(persons) != len(set(keys)) or kind not in ReferralKind.values or not to_whom.strip():
        raise Refusal(
            "REFER-01",
            _("Nobody was referred."),
            _("A person, the kind of service or its name is missing."),
            _("Complete it."),
        )


def _shut_the_way_back(
    assistance: AssistanceRequest, persons: Sequence[Person], row: Referral, actor: User, at: datetime
) -> None:
    """A declaration to return does not hold beside a claim for protection; the gate before travel closes again."""
    for person, gate in [(one, gate) for one in persons for gate in _ways_back(one)]:
        GateEvidence.objects.create(
            assistance=assistance,
            person=person,
            gate=gate,
            outcome=Outcome.NO_LONGER,
            found_on=at.date(),
            note=row.to_whom,
            recorded_by=actor,
            recorded_at=at,
        )
    forget_evidence(assistance)


def _ways_back(person: Person) -> list[GateCode]:
    """The consent to travel that a claim for protection ends: a declaration, or of a child the three consents."""
    return [GateCode.R1, GateCode.G9] if person.is_child else [GateCode.R1]
