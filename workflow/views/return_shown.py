"""An assisted return as its pages show it: stages with their items, the plan and what pays it, visits, surveys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from finance.queries import disbursed_by_line
from gaf.accounts.models import User
from gaf.money import Money
from gaf.sealing import unseal_all
from workflow.models import AssistedReturn, FollowUpVisit, ReintegrationMeasure, SurveyMoment, SurveyResult
from workflow.return_items import items_of
from workflow.states import AT_HOME, OPEN_RETURNS, FollowUpVisitState
from workflow.survey_scores import Band, answers_of, band_of
from workflow.views.record_parts import person_words, sealed

SCORES = ("economic", "social", "psychosocial", "composite")


@dataclass(frozen=True)
class ItemShown:
    """One item of a stage: when it was done and who recorded it, or that it is owed."""

    name: str
    owed: bool
    done_on: date | None
    by: User | None


@dataclass(frozen=True)
class StageShown:
    """One stage: its items, and whose turn it is in it."""

    state: str
    label: str
    mission: str
    is_now: bool
    items: list[ItemShown]


def stages_shown(made: AssistedReturn) -> list[StageShown]:
    """The stages with their items; of persons who were at home already, those from the arrival on."""
    done = {row.code: row for row in made.items.all()}
    found = []
    for state in AT_HOME if made.was_at_home else OPEN_RETURNS:
        mission = made.origin if state in AT_HOME else made.assistance.mission
        items = [
            ItemShown(
                item.name,
                item.owed,
                done[item.code].done_on if item.code in done else None,
                done[item.code].recorded_by if item.code in done else None,
            )
            for item in items_of(state)
        ]
        found.append(StageShown(state, str(state.label), str(mission), made.state == state, items))
    return found


@dataclass(frozen=True)
class MeasureShown:
    """One measure: what for, which line or tranche pays it, how much that is, and what left for the line."""

    dimension: str
    what: str
    paid_by: str
    money: Money
    paid: Money


@dataclass(frozen=True)
class PlanShown:
    """The plan in force, with its earlier versions counted."""

    number: int
    form: str
    agreed_on: date
    attested_by: User
    words: str
    measures: list[MeasureShown]


def plan_shown(made: AssistedReturn, reads: bool) -> PlanShown | None:
    """The newest version of the plan; its sums are those of budget and ledger."""
    plans = list(made.plans.all())
    if not plans:
        return None
    newest = plans[-1]
    paid = disbursed_by_line(made.assistance.reference)
    return PlanShown(
        newest.number,
        str(newest.get_form_display()),
        newest.agreed_on,
        newest.attested_by,
        newest.words_text if reads else sealed(),
        [_measure(row, paid) for row in newest.measures.all()],
    )


def _measure(row: ReintegrationMeasure, paid: dict[str, Money]) -> MeasureShown:
    line, tranche = row.line, row.tranche
    money = line.granted_local if tranche is None else tranche.money
    left = paid.get(line.key, Money.zero(line.currency))
    key = line.key if tranche is None else f"{line.key}/T{tranche.number}"
    kind = str(line.get_assistance_type_display())
    return MeasureShown(str(row.get_dimension_display()), kind, key, money, left)


@dataclass(frozen=True)
class VisitShown:
    """One visit, planned or not any more, done or not."""

    visit: FollowUpVisit
    words: str
    url: str
    is_owed: bool


def visits_shown(made: AssistedReturn, reads: bool, may: bool) -> list[VisitShown]:
    """The visits by day; once the return is concluded those that are planned are owed no more."""
    rows = list(made.visits.all())
    texts = unseal_all([row.words for row in rows]) if reads else [sealed() if row.words else "" for row in rows]
    found = []
    for row, text in zip(rows, texts, strict=True):
        owed = row.state == FollowUpVisitState.PLANNED and made.is_open
        url = f"/assisted-returns/{made.assistance.reference}/visits/{row.months}/" if owed and may else ""
        found.append(VisitShown(row, text, url, owed))
    return found


@dataclass(frozen=True)
class ScoreShown:
    """One score, at which moment, and how it is read."""

    moment: str
    score: Decimal | None
    band: str


@dataclass(frozen=True)
class PersonSurveys:
    """What one person answered at the three moments, side by side."""

    who: str
    results: list[tuple[str, SurveyResult | None]]
    scores: list[tuple[str, list[ScoreShown]]]
    answers: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)


def is_demonstration(results: Iterable[SurveyResult]) -> bool:
    """Whether any of the scores comes from weights for demonstration."""
    return any(row.survey.is_demonstration for row in results)


def surveys_shown(results: Sequence[SurveyResult], reads: bool) -> list[PersonSurveys]:
    """Each person with baseline, midline and endline; the newest result of a moment counts."""
    by_person: dict[int, dict[str, SurveyResult]] = {}
    for row in results:
        by_person.setdefault(row.person_id, {})[row.moment] = row
    return [_of_person(rows, reads) for rows in by_person.values()]


def _of_person(rows: dict[str, SurveyResult], reads: bool) -> PersonSurveys:
    moments = list(SurveyMoment)
    words = {
        "economic": _("Economic"),
        "social": _("Social"),
        "psychosocial": _("Psychosocial"),
        "composite": _("All together"),
    }
    return PersonSurveys(
        person_words(next(iter(rows.values())).person),
        [(str(moment.label), rows.get(moment)) for moment in moments],
        [(words[name], [_score(moment, rows.get(moment), name) for moment in moments]) for name in SCORES],
        _answers(rows) if reads else [],
    )


def _score(moment: SurveyMoment, row: SurveyResult | None, name: str) -> ScoreShown:
    score = getattr(row, name) if row is not None else None
    return ScoreShown(str(moment.label), score, str(Band(band_of(score)).label) if score is not None else "")


def _answers(rows: dict[str, SurveyResult]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every question that was asked at any moment, with the answer of each moment."""
    said: dict[str, dict[str, str]] = {}
    for moment, row in rows.items():
        for question, answer in answers_of(row):
            said.setdefault(question, {})[moment] = answer
    return [
        (question, [(str(moment.label), at.get(moment, "")) for moment in SurveyMoment])
        for question, at in said.items()
    ]


def whole_return(assistance: Any) -> AssistedReturn | None:
    """The return of a request with all that its page shows, in a fixed number of queries."""
    rows = AssistedReturn.objects.select_related("origin", "begun_by").prefetch_related(
        "items__recorded_by",
        "plans__attested_by",
        "plans__measures__line",
        "plans__measures__tranche",
        "visits__recorded_by",
        "survey_results__survey__questions",
        "survey_results__person",
    )
    made = rows.filter(assistance=assistance).first()
    if made is not None:
        made.assistance = assistance
    return made
