"""Requests on their way to the eligibility decision; `tests.stories` goes on from there and is what tests import."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from gaf import clock, ids
from gaf.demo.protecting_parts import open_gates
from gaf.money import Money
from tests.cast import criteria, mission, person
from tests.remembering import told_once
from workflow.actions import (
    clarification,
    eligibility,
    intake,
)
from workflow.actions.allowance import allow_urgent_spending
from workflow.actions.drafting import (
    AlternativeText,
    CategoryText,
    ConsentText,
    HelpText,
    PersonText,
    UrgencyText,
    edit_help,
    edit_persons,
    edit_situation,
    start_request,
)
from workflow.actions.eligibility import CriterionAnswer
from workflow.actions.endorsement import endorse
from workflow.models import AssistanceRequest
from workflow.protection.gates import GateCode

WOMAN = PersonText("F", "25-39", "NG")
WRITTEN_CONSENT = ConsentText("WRITTEN", "fra", False, date(2026, 10, 12), ("ASSISTANCE", "SHARING"))
NO_FUNDS = AlternativeText("NO_FUNDS", "A national programme", date(2026, 10, 12))
SHELTER = ("SHEL", "Safe shelter", "person-night", "21", "28.00", "USD")
MEDICAL = ("HLTH", "Examination", "treatment", "1", "340.00", "USD")


def usd(text: str) -> Money:
    """US dollars."""
    return Money.of(text, "USD")


def now(assistance: AssistanceRequest) -> AssistanceRequest:
    """The request as it is now."""
    return AssistanceRequest.objects.get(pk=assistance.pk)


def by(name: str) -> dict[str, Any]:
    """`actor` and `at` of an act by one of the cast, now."""
    return {"actor": person(name), "at": clock.now()}


@told_once
def an_empty_draft(author: str = "Amina", code: str = "NE", priority: str = "P2") -> AssistanceRequest:
    """A draft in which nothing is written."""
    return start_request(
        mission_id=mission(code).pk, language="fr", priority=priority, idempotency_key=ids.random_key(), **by(author)
    )


@told_once
def a_draft(
    author: str = "Amina",
    code: str = "NE",
    priority: str = "P2",
    persons: Sequence[PersonText] = (WOMAN,),
    primary: str = "VOT",
    others: Sequence[str] = (),
) -> AssistanceRequest:
    """A draft that is complete, and not sent."""
    made = an_empty_draft(author, code, priority)
    edit_persons(
        request_id=made.pk,
        persons=persons,
        consent=WRITTEN_CONSENT,
        other_mission_ids=[mission(one).pk for one in others],
        **by(author),
    )
    edit_situation(
        request_id=made.pk,
        categories=CategoryText(primary),
        situation="Left without shelter after an escape.",
        alternatives=[NO_FUNDS],
        **by(author),
    )
    edit_help(
        request_id=made.pk, help_asked=[HelpText("SHEL", usd("600.00"))], urgency=UrgencyText(priority), **by(author)
    )
    return now(made)


@told_once
def a_submitted_request(**choices: Any) -> AssistanceRequest:
    """With the head of unit."""
    made = a_draft(**choices)
    what_the_gates_ask(made, choices.get("author", "Amina"), only=("G1",))
    return intake.submit(request_id=made.pk, **by(choices.get("author", "Amina")))


def what_the_gates_ask(
    assistance: AssistanceRequest, *names: str, only: Sequence[str] = (), but: Sequence[str] = ()
) -> AssistanceRequest:
    """What these gates ask for is on file (all when none is named), recorded by these people: Amina and Idriss."""
    wanted = [code for code in only or GateCode.values if code not in but]
    open_gates(assistance.reference, [person(name) for name in names or ("Amina", "Idriss")], clock.now(), wanted)
    return now(assistance)


@told_once
def an_endorsed_request(head: str = "Idriss", **choices: Any) -> AssistanceRequest:
    """In eligibility review; nobody has it."""
    criteria()
    return endorse(request_id=a_submitted_request(**choices).pk, **by(head))


@told_once
def an_urgent_request(author: str = "Amina", code: str = "NE", allowed: str = "") -> AssistanceRequest:
    """Sent to the duty officer, not endorsed; `allowed` is what Gloria lets the mission spend on shelter and health."""
    criteria()
    made = intake.send_urgent(request_id=a_draft(author, code, "P1").pk, **by(author))
    if allowed:
        allow_urgent_spending(request_id=made.pk, limit=usd(allowed), assistance_types=["SHEL", "HLTH"], **by("Gloria"))
    return now(made)


@told_once
def a_taken_request(**choices: Any) -> AssistanceRequest:
    """Bruno has it."""
    return eligibility.take(request_id=an_endorsed_request(**choices).pk, **by("Bruno"))


def answer_all_criteria(assistance: AssistanceRequest, answer: str = "YES", reviewer: str = "Bruno") -> None:
    """The reviewer answers every criterion the same; a no has its note."""
    bound = now(assistance).criteria_set
    assert bound is not None
    note = "Not so." if answer == "NO" else ""
    answers = [CriterionAnswer(criterion.pk, answer, note) for criterion in bound.criteria.all()]
    eligibility.answer_criteria(request_id=assistance.pk, answers=answers, **by(reviewer))


@told_once
def a_refused_request(**choices: Any) -> AssistanceRequest:
    """Not eligible."""
    made = a_taken_request(**choices)
    answer_all_criteria(made, "NO")
    return refuse(made)


def refuse(assistance: AssistanceRequest) -> AssistanceRequest:
    """Bruno finds it not eligible."""
    return eligibility.refuse_eligibility(
        request_id=assistance.pk,
        reason_code="ALTERNATIVE",
        reason="A national programme covers it.",
        referral="The national programme.",
        **by("Bruno"),
    )


def ask(assistance: AssistanceRequest, who: str = "Bruno", about: str = "ALTERNATIVES") -> AssistanceRequest:
    """One question about one part."""
    question = clarification.QuestionText(about, "What exactly was answered?")
    return clarification.ask(request_id=assistance.pk, questions=[question], **by(who))


@told_once
def an_asked_request(**choices: Any) -> AssistanceRequest:
    """Bruno asked the mission."""
    return ask(a_taken_request(**choices))
