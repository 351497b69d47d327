"""The frozen criteria as readers see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.actions.criteria import CriterionText
from workflow.codelists import Section
from workflow.models import CriteriaSet

if TYPE_CHECKING:
    from cms.models import CriteriaPage

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


@dataclass(frozen=True)
class Beside:
    """A criterion with its number; `words` are its translation, where there is one."""

    number: int
    binding: ShownCriterion
    words: ShownCriterion | None


def criteria_of(page: CriteriaPage) -> list[CriterionText]:
    """The criteria as they stand on a page, in order, ready to be frozen."""
    return [
        CriterionText(
            code=str(block.value["code"]).strip(),
            question=str(block.value["question"]).strip(),
            guidance=_guidance(block.value),
            passage=str(block.value["passage"]),
            may_be_irrelevant=bool(block.value["may_be_irrelevant"]),
        )
        for block in page.criteria
    ]


def _guidance(value: Any) -> str:
    """What the reviewer reads under a question: the guidance, then each example on its own line."""
    guidance = "\n".join(line.rstrip() for line in str(value["guidance"]).strip().splitlines())
    examples = [PASSES + example for example in value["passes"]] + [FAILS + example for example in value["fails"]]
    return "\n".join(part for part in (guidance, *examples) if part)


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


def side_by_side(binding: Sequence[CriterionText], words: Iterable[CriterionText]) -> list[Beside]:
    """Each criterion in its order, with its number and with what helps to read it."""
    helping = {shown.code: shown for shown in for_readers(words)}
    shown = enumerate(for_readers(binding), start=1)
    return [Beside(number, criterion, helping.get(criterion.code)) for number, criterion in shown]


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
