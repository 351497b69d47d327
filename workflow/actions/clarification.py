"""Questions on named parts of a request, and the mission's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import acting, in_one_piece
from gaf.records import save_by
from gaf.refusals import Incomplete
from gaf.sealing import seal
from gaf.versions import save_all_by
from workflow import notices
from workflow.codelists import Section
from workflow.models import AssistanceRequest
from workflow.models import Question as AskedQuestion


@dataclass(frozen=True)
class QuestionText:
    """One question about one section of the request."""

    field_code: str
    text: str


@in_one_piece
def ask(
    *,
    request_id: int,
    questions: Sequence[QuestionText],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Ask the mission; the parts asked about are open to it until it answers. Raises Incomplete ASK-01."""
    _require_questions(questions)
    with acting(AssistanceRequest, request_id, act="ask", actor=actor, at=at, seen_version=seen_version) as doing:
        assistance = doing.subject
        assistance.asked_from = assistance.state
        number = assistance.questions.count()
        for offset, written in enumerate(questions, start=1):
            row = AskedQuestion(
                assistance=assistance,
                number=number + offset,
                field_code=written.field_code,
                question=seal(assistance.seal_owner(), written.text),
                asked_by=actor,
                asked_at=at,
            )
            save_by(row, actor)
        doing.facts = {"about": [written.field_code for written in questions]}
        assistance.ask(at=at)
        notices.tell_missions("question_asked", assistance, actor)
    return assistance


def _require_questions(questions: Sequence[QuestionText]) -> None:
    whole = [q for q in questions if q.field_code in Section.values and q.text.strip()]
    if not questions or len(whole) != len(questions):
        raise Incomplete(
            "ASK-01",
            _("Nothing was asked."),
            [_("Choose at least one part of the request, and write one question about each.")],
        )


@in_one_piece
def answer(
    *,
    request_id: int,
    answers: Mapping[int, str],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Answer every open question, by its number; the request goes back to whoever asked. Raises Incomplete ASK-02."""
    with acting(AssistanceRequest, request_id, act="answer", actor=actor, at=at, seen_version=seen_version) as doing:
        assistance = doing.subject
        waiting = list(assistance.questions.filter(answered_at=None))
        silent = [question.number for question in waiting if not answers.get(question.number, "").strip()]
        if silent:
            words = [_("Question %(number)s is not answered.") % {"number": number} for number in silent]
            raise Incomplete("ASK-02", _("The answers were not sent."), words)
        for question in waiting:
            question.answer = seal(assistance.seal_owner(), answers[question.number])
            question.answered_by, question.answered_at = actor, at
        save_all_by(waiting, ["answer", "answered_by", "answered_at"], actor)
        doing.facts = {"answered": [question.number for question in waiting]}
        askers = notices.just(*{question.asked_by_id for question in waiting})
        assistance.answer(at=at)
        assistance.asked_from = ""
        notices.tell_those({"question_answered": askers}, assistance, actor)
    return assistance
