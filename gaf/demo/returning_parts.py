"""Scenes of an assisted return: begun, its stages and items, the plan, a visit, surveys, and the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from gaf import clock
from gaf.demo.acting_parts import mission_id, of
from gaf.demo.stage import Stage
from workflow.actions import assisted_returns as stages
from workflow.actions.reintegration import Agreed, MeasureText, agree_reintegration_plan, record_visit
from workflow.actions.surveys import Asked, record_survey
from workflow.models import AssistedReturn


def return_of(reference: str) -> AssistedReturn:
    """The return of a request as it is now."""
    return AssistedReturn.objects.get(assistance__reference=reference)


def came_home(stage: Stage, who: str, reference: str, mission: str, on: date) -> None:
    """A case worker opens the return of persons who are at home already."""
    stages.begin_return(
        request_id=of(reference).pk,
        origin_id=mission_id(mission),
        arrived_on=on,
        actor=stage.who(who),
        at=clock.now(),
    )


def done_in_stage(stage: Stage, who: str, reference: str, *codes: str) -> None:
    """Items of the stage were done today."""
    for code in codes:
        stages.record_return_item(
            return_id=return_of(reference).pk, code=code, done_on=clock.today(), actor=stage.who(who), at=clock.now()
        )


def agree(stage: Stage, who: str, reference: str, words: str, measures: Sequence[tuple[str, str]]) -> None:
    """The persons agree to a plan, whose measures these lines and tranches pay; the reintegration begins."""
    made, actor = return_of(reference), stage.who(who)
    agreed = Agreed("INDIVIDUAL", clock.today(), words, [MeasureText(dimension, key) for dimension, key in measures])
    agree_reintegration_plan(return_id=made.pk, agreed=agreed, actor=actor, at=clock.now())
    stages.begin_reintegration(return_id=made.pk, actor=actor, at=clock.now())


def asked(stage: Stage, who: str, reference: str, moment: str, answers: Mapping[str, str]) -> None:
    """The first person of the request answers the survey."""
    made = return_of(reference)
    person = made.assistance.persons.order_by("pk")[0]
    said = Asked(person.key, moment, "ANSWERED", clock.today(), answers)
    record_survey(return_id=made.pk, asked=said, actor=stage.who(who), at=clock.now())


def visited(stage: Stage, who: str, reference: str, months: int, words: str) -> None:
    """A visit took place today."""
    visit = return_of(reference).visits.get(months=months)
    record_visit(
        visit_id=visit.pk,
        result="DONE",
        visited_on=clock.today(),
        words=words,
        actor=stage.who(who),
        at=clock.now(),
    )


def concluded(stage: Stage, who: str, reference: str, outcome: str) -> None:
    """The mission says what became of the return."""
    stages.conclude_return(return_id=return_of(reference).pk, outcome=outcome, actor=stage.who(who), at=clock.now())
