"""Surveys: a version is loaded whole or not at all; a person is asked, and the scores are worked out once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import acting, in_one_piece
from gaf.refusals import Incomplete, Refusal
from gaf.sealing import seal
from workflow.models import (
    AssistedReturn,
    Dimension,
    Survey,
    SurveyMoment,
    SurveyOutcome,
    SurveyQuestion,
    SurveyResult,
    SurveyScale,
)
from workflow.survey_scores import COMPOSITE, possible_answers, scores_of

_COLUMNS = ("code", "dimension", "scale", "weight", "composite_weight", "counts_in", "en", "fr", "es")
_MOST = 200


@dataclass(frozen=True)
class Version:
    """What is said of a version besides its questions."""

    number: int
    in_force_from: date
    weights_source: str
    is_demonstration: bool = False


@dataclass(frozen=True)
class Asked:
    """Whom, when, what came of it, and the answers: code of the question to the share, or `NONE`."""

    person_key: str
    moment: str
    outcome: str
    asked_on: date
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was recorded."), why, next_step)


@in_one_piece
def load_survey(*, version: Version, rows: Iterable[Mapping[str, Any]], at: datetime) -> Survey:
    """Put a version of the survey in force from a day on. Versions that are there stay as they are.

    Raises Incomplete SURVEY-05 with everything that is wrong with the rows; then nothing was loaded.
    """
    wanted = list(rows)
    wrong = [*_wrong_with(version), *(words for place, row in enumerate(wanted, 1) for words in _wrong(place, row))]
    codes = [str(row.get("code", "")) for row in wanted]
    wrong += [_("The code %(code)s stands there twice.") % {"code": code} for code in _twice(codes)]
    if not 0 < len(wanted) <= _MOST:
        wrong.append(_("A survey has from 1 to %(most)s questions.") % {"most": _MOST})
    if wrong:
        raise Incomplete("SURVEY-05", _("The survey was not loaded."), wrong)
    made = Survey.objects.create(
        number=version.number,
        in_force_from=version.in_force_from,
        weights_source=version.weights_source,
        is_demonstration=version.is_demonstration,
        question_count=len(wanted),
        loaded_at=at,
    )
    for place, row in enumerate(wanted, 1):
        SurveyQuestion.objects.create(survey=made, position=place, **_question(row))
    return made


def _wrong_with(version: Version) -> Iterable[str]:
    if version.number < 1 or Survey.objects.filter(number=version.number).exists():
        yield _("The number %(number)s cannot be, or is taken.") % {"number": version.number}
    if not version.weights_source.strip():
        yield _("Nothing says where the weights come from.")


def _twice(codes: list[str]) -> list[str]:
    return sorted({code for code in codes if codes.count(code) > 1})


def _wrong(place: int, row: Mapping[str, Any]) -> Iterable[str]:
    """What is wrong with one question, in words that name its place."""
    missing = [name for name in _COLUMNS if str(row.get(name) or "").strip() == ""]
    if missing:
        yield _("Question %(place)s: nothing in %(columns)s.") % {"place": place, "columns": ", ".join(missing)}
        return
    if set(row) - set(_COLUMNS):
        yield _("Question %(place)s has a column that is not known.") % {"place": place}
    known = {"dimension": Dimension.values, "scale": SurveyScale.values}
    for name, values in known.items():
        if row[name] not in values:
            yield _("Question %(place)s: %(name)s is one of %(values)s.") % {
                "place": place,
                "name": name,
                "values": ", ".join(values),
            }
    if not set(_parts(row)) <= {row["dimension"], COMPOSITE} or not _parts(row):
        yield _("Question %(place)s: it counts in its own dimension, in COMPOSITE, or in both.") % {"place": place}
    for name in ("weight", "composite_weight"):
        if _weight(row[name]) is None:
            yield _("Question %(place)s: %(name)s is a number above 0.") % {"place": place, "name": name}
    if any(len(str(row[name])) > longest for name, longest in (("code", 20), ("en", 300), ("fr", 300), ("es", 300))):
        yield _("Question %(place)s is too long.") % {"place": place}


def _parts(row: Mapping[str, Any]) -> list[str]:
    said = row["counts_in"]
    return said.split() if isinstance(said, str) else [str(part) for part in said]


def _weight(said: Any) -> Decimal | None:
    try:
        weight = Decimal(str(said)).quantize(Decimal("0.00001"))
    except InvalidOperation:
        return None
    return weight if 0 < weight < 1000 else None


def _question(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": str(row["code"]),
        "dimension": row["dimension"],
        "scale": row["scale"],
        "weight": _weight(row["weight"]),
        "composite_weight": _weight(row["composite_weight"]),
        "counts_in": _parts(row),
        "text_en": row["en"],
        "text_fr": row["fr"],
        "text_es": row["es"],
    }


def survey_on(day: date) -> Survey | None:
    """The version in force on a day; none before the first was loaded."""
    return Survey.objects.filter(in_force_from__lte=day).order_by("-in_force_from", "-number").first()


@in_one_piece
def record_survey(
    *, return_id: int, asked: Asked, actor: User, at: datetime, seen_version: int | None = None
) -> AssistedReturn:
    """Keep what a person answered, sealed, with the scores it comes to; or why nobody could be asked.

    Raises Refusal SURVEY-03 for what cannot be so, SURVEY-04 where the person answered at this moment already,
    SURVEY-06 where no survey is in force.
    """
    with acting(AssistedReturn, return_id, act="record_survey", actor=actor, at=at, seen_version=seen_version) as doing:
        made: AssistedReturn = doing.subject
        survey = survey_on(at.date())  # the one whose questions stood on the form
        if survey is None:
            raise _refuse("SURVEY-06", _("No survey is in force."), _("Ask the administrator."))
        person = made.assistance.persons.filter(key=asked.person_key).first()
        if person is None or not _possible(asked, made, at):
            raise _refuse("SURVEY-03", _("Person, moment, outcome or day cannot be so."), _("Correct it."))
        told = {"person": person, "moment": asked.moment, "outcome": SurveyOutcome.ANSWERED}
        if SurveyResult.objects.filter(**told).exists():
            raise _refuse("SURVEY-04", _("This person answered at this moment already."), _("Choose another moment."))
        SurveyResult.objects.create(
            assistance=made.assistance,
            assisted_return=made,
            person=person,
            survey=survey,
            moment=asked.moment,
            outcome=asked.outcome,
            asked_on=asked.asked_on,
            recorded_by=actor,
            recorded_at=at,
            **_answered(survey, asked, made),
        )
        doing.facts = {"person": person.key, "moment": asked.moment, "outcome": asked.outcome, "survey": survey.number}
        made.record_survey()
    return made


def _possible(asked: Asked, made: AssistedReturn, at: datetime) -> bool:
    known = asked.moment in SurveyMoment.values and asked.outcome in SurveyOutcome.values
    after = made.arrived_on is not None and made.arrived_on <= asked.asked_on
    return known and after and asked.asked_on <= at.date() + timedelta(days=1)


def _answered(survey: Survey, asked: Asked, made: AssistedReturn) -> dict[str, Any]:
    """The sealed answers and the scores; nothing where nobody answered."""
    if asked.outcome != SurveyOutcome.ANSWERED:
        return {}
    questions = list(survey.questions.all())
    for question in questions:
        if asked.answers.get(question.code) not in {value for value, _words in possible_answers(question.scale)}:
            raise _refuse(
                "SURVEY-03",
                _("Not answered: %(question)s") % {"question": question.text},
                _("Choose an answer, or that the person prefers not to answer."),
            )
    kept = {question.code: asked.answers[question.code] for question in questions}
    scores = scores_of(questions, kept)
    return {
        "answers": seal(made.seal_owner(), json.dumps(kept, sort_keys=True)),
        "economic": scores.economic,
        "social": scores.social,
        "psychosocial": scores.psychosocial,
        "composite": scores.composite,
    }
