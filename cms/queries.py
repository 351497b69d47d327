"""The frozen criteria as readers see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflow.actions.criteria import CriterionText
from workflow.codelists import Section
from workflow.models import CriteriaSet

# Frozen with the words of a criterion, so in the one language that binds, whoever publishes.
PASSES = "Passes: "
FAILS = "Does not pass: "


@dataclass(frozen=True)
class ShownCriterion:
    """A criterion with its guidance apart from its examples."""

    code: str
    question: str
    guidance: str
    passes: list[str]
    fails: list[str]
    passage: str
    may_be_irrelevant: bool


@dataclass(frozen=True)
class Version:
    """A set in the list of versions, and the moment the next one took its place (None: it is in force)."""

    frozen: CriteriaSet
    replaced_at: datetime | None

    @property
    def number(self) -> int:
        """The number of the set."""
        return self.frozen.number


def versions() -> list[Version]:
    """All sets, newest first."""
    found: list[Version] = []
    replaced_at: datetime | None = None
    for frozen in CriteriaSet.objects.order_by("-number"):
        found.append(Version(frozen, replaced_at))
        replaced_at = frozen.published_at
    return found


def frozen_criteria(frozen: CriteriaSet) -> list[CriterionText]:
    """The criteria of a frozen set, in order."""
    return [
        CriterionText(row.code, row.question, row.guidance, row.passage, row.may_be_irrelevant)
        for row in frozen.criteria.order_by("position")
    ]


def for_readers(criteria: Iterable[CriterionText]) -> list[ShownCriterion]:
    """Criteria with their examples taken apart, and the part of a request by name."""
    names = dict(Section.choices)
    return [_shown(criterion, str(names.get(criterion.passage, ""))) for criterion in criteria]


def _shown(criterion: CriterionText, passage: str) -> ShownCriterion:
    lines = criterion.guidance.split("\n")
    return ShownCriterion(
        code=criterion.code,
        question=criterion.question,
        guidance="\n".join(line for line in lines if not line.startswith((PASSES, FAILS))),
        passes=[line.removeprefix(PASSES) for line in lines if line.startswith(PASSES)],
        fails=[line.removeprefix(FAILS) for line in lines if line.startswith(FAILS)],
        passage=passage,
        may_be_irrelevant=criterion.may_be_irrelevant,
    )
