"""The scores of a survey: a weighted mean in each dimension, and a composite with weights of its own.

Whoever prefers not to answer a question leaves it out of both sides of the division. The composite is no mean of the
three dimensions: every question brings its own weight.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

COMPOSITE = "COMPOSITE"
NO_ANSWER = "NONE"
_THOUSANDTH = Decimal("0.001")
_LOW, _HIGH = Decimal("0.33"), Decimal("0.66")


class Asked(Protocol):
    """What the scores read of a question."""

    code: str
    dimension: str
    weight: Decimal
    composite_weight: Decimal
    counts_in: list[str]


class Band(models.TextChoices):
    """How a score is read."""

    INTENSIVE = "INTENSIVE", _("needs intensive help")
    MODERATE = "MODERATE", _("needs moderate help")
    SELF_SUFFICIENT = "SELF_SUFFICIENT", _("mainly self-sufficient")


@dataclass(frozen=True)
class Scores:
    """From 0 to 1 in thousandths; nothing where no question that counts was answered."""

    economic: Decimal | None
    social: Decimal | None
    psychosocial: Decimal | None
    composite: Decimal | None


# Each scale: the share each answer stands for, and its words.
SCALES = {
    "GOOD": (
        ("1", pgettext_lazy("answer", "Very good")),
        ("0.75", pgettext_lazy("answer", "Good")),
        ("0.5", pgettext_lazy("answer", "Fair")),
        ("0.25", pgettext_lazy("answer", "Bad")),
        ("0", pgettext_lazy("answer", "Very bad")),
    ),
    "OFTEN": (
        ("1", pgettext_lazy("answer", "Never")),
        ("0.75", pgettext_lazy("answer", "Seldom")),
        ("0.5", pgettext_lazy("answer", "Sometimes")),
        ("0.25", pgettext_lazy("answer", "Often")),
        ("0", pgettext_lazy("answer", "Always")),
    ),
    "SELDOM": (
        ("1", pgettext_lazy("answer", "Always")),
        ("0.75", pgettext_lazy("answer", "Often")),
        ("0.5", pgettext_lazy("answer", "Sometimes")),
        ("0.25", pgettext_lazy("answer", "Seldom")),
        ("0", pgettext_lazy("answer", "Never")),
    ),
    "AGREES": (
        ("1", _("Agrees strongly")),
        ("0.75", pgettext_lazy("answer", "Agrees")),
        ("0.5", _("Neither agrees nor disagrees")),
        ("0.25", pgettext_lazy("answer", "Disagrees")),
        ("0", _("Disagrees strongly")),
    ),
    "YES": (("1", pgettext_lazy("answer", "Yes")), ("0", pgettext_lazy("answer", "No"))),
    "NO": (("1", pgettext_lazy("answer", "No")), ("0", pgettext_lazy("answer", "Yes"))),
}
PREFERS_NOT = (NO_ANSWER, _("Prefers not to answer"))


def possible_answers(scale: str) -> list[tuple[str, object]]:
    """What can be answered on a scale, with the words of each answer."""
    return [*SCALES[scale], PREFERS_NOT]


def scores_of(questions: Iterable[Asked], answers: Mapping[str, str]) -> Scores:
    """The scores that answers (code of the question to share, or `NONE`) come to."""
    asked = list(questions)

    def mean(part: str) -> Decimal | None:
        counted = [one for one in asked if part in one.counts_in and answers.get(one.code, NO_ANSWER) != NO_ANSWER]
        weights = {one.code: one.composite_weight if part == COMPOSITE else one.weight for one in counted}
        if not weights:
            return None
        reached = sum((weights[one.code] * Decimal(answers[one.code]) for one in counted), Decimal(0))
        return (reached / sum(weights.values())).quantize(_THOUSANDTH, ROUND_HALF_UP)

    return Scores(mean("ECONOMIC"), mean("SOCIAL"), mean("PSYCHOSOCIAL"), mean(COMPOSITE))


def band_of(score: Decimal) -> Band:
    """Below .33, up to .66, above."""
    if score < _LOW:
        return Band.INTENSIVE
    return Band.MODERATE if score <= _HIGH else Band.SELF_SUFFICIENT


def answers_of(result: Any) -> list[tuple[str, str]]:
    """Each question with the words of its answer, unsealed; nothing where nobody answered."""
    if not result.answers:
        return []
    kept = json.loads(result.answers_text)
    return [
        (one.text, str(dict(possible_answers(one.scale)).get(kept.get(one.code, NO_ANSWER), "")))
        for one in result.survey.questions.all()
    ]
