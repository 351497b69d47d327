"""A request as it stood at a moment, made of the versions that were kept: to be read, never to be saved.

What is not versioned is told by its own moment (documents) or not at all (for whom each line was).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models

from workflow.looking_back import Moment, version_at
from workflow.models import (
    AlternativeCheck,
    AssistanceRequest,
    BudgetLine,
    Consent,
    Criterion,
    EligibilityAnswer,
    HelpAsked,
    Person,
    Question,
)


def request_at(assistance: AssistanceRequest, moment: Moment) -> AssistanceRequest | None:
    """The whole request as it stood then, with all that its pages show; None before its first version."""
    version = version_at(_versions(AssistanceRequest, id=assistance.pk), moment)
    if version is None:
        return None
    past: AssistanceRequest = version.instance
    past.mission = assistance.mission
    _put(past, "persons", _stood(Person, assistance, moment))
    _put(past, "alternatives", _stood(AlternativeCheck, assistance, moment))
    _put(past, "help_asked", _stood(HelpAsked, assistance, moment))
    _put(past, "lines", _lines(assistance, moment))
    _put(past, "questions", _questions(assistance, moment))
    _put(past, "eligibility_answers", _answers(assistance, moment))
    _put(past, "documents", [one for one in assistance.documents.all() if one.uploaded_at <= moment.at])
    consent = _stood(Consent, assistance, moment)
    AssistanceRequest._meta.get_field("consent").set_cached_value(past, consent[0] if consent else None)
    return past


def _versions(model: Any, *related: str, **of: int) -> list[Any]:
    return list(model.history.filter(**of).select_related(*related).order_by("history_date", "history_id"))


def _stood(
    model: Any,
    assistance: AssistanceRequest,
    moment: Moment,
    *related: str,
    order: Callable[[Any], Any] = lambda row: row.pk,
) -> list[Any]:
    """The rows of one kind as they stood then, in order, with the records they name."""
    found: dict[int, list[Any]] = {}
    for version in _versions(model, *related, assistance_id=assistance.pk):
        found.setdefault(version.id, []).append(version)
    rows = []
    for versions in found.values():
        version = version_at(versions, moment)
        if version is not None:
            row = version.instance
            row.assistance = assistance
            for name in related:
                setattr(row, name, getattr(version, name))
            rows.append(row)
    return sorted(rows, key=order)


def _lines(assistance: AssistanceRequest, moment: Moment) -> list[BudgetLine]:
    lines = _stood(BudgetLine, assistance, moment, "mission", order=lambda line: line.number)
    for line in lines:
        line.persons_count = None  # not versioned
    return lines


def _questions(assistance: AssistanceRequest, moment: Moment) -> list[Question]:
    return _stood(Question, assistance, moment, "asked_by", "answered_by", order=lambda question: question.number)


def _answers(assistance: AssistanceRequest, moment: Moment) -> list[EligibilityAnswer]:
    return _stood(EligibilityAnswer, assistance, moment, "criterion", order=lambda answer: answer.criterion.position)


def criteria_of(past: AssistanceRequest) -> list[Criterion]:
    """The criteria the request was bound to then, in order; none before headquarters had it."""
    return list(Criterion.objects.filter(criteria_set=past.criteria_set_id)) if past.criteria_set_id else []


def _put(past: AssistanceRequest, name: str, rows: list[Any]) -> None:
    """Let the past answer with these rows instead of asking the present, as Django's own prefetching does."""
    model: type[models.Model] = AssistanceRequest._meta.get_field(name).related_model  # type: ignore[assignment]
    known = model._default_manager.none()
    known._result_cache, known._prefetch_done = rows, True  # type: ignore[attr-defined]
    cache: dict[str, Any] = past.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[name] = known
