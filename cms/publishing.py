"""Publishing criteria: the page and the frozen set that binds requests change together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from cms.queries import FAILS, PASSES, frozen_criteria
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.refusals import Refusal
from workflow.actions.criteria import CriterionText, publish_criteria_set
from workflow.models import CriteriaSet
from workflow.queries import current_criteria

if TYPE_CHECKING:
    from wagtail.models import Revision

    from cms.models import CriteriaPage


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


def publish_in_one_piece(
    page: CriteriaPage, revision: Revision, *, user: User | None, publish: Callable[[], None]
) -> None:
    """Let Wagtail publish a revision of the criteria page, and freeze its criteria in the same transaction.

    Without a person it is the timetable that publishes, and the system is the actor. A revision that is only put on
    the timetable freezes nothing yet. Raises Refusal CRIT-05 for a criterion without a question, and what
    `publish_criteria_set` raises; then nothing was published.
    """
    with transaction.atomic():
        publish()
        published = type(page).objects.get(pk=page.pk)
        if published.live and published.live_revision_id == revision.pk:
            freeze(published, actor=user or system_actor(), at=clock.now())


def freeze(page: CriteriaPage, *, actor: User, at: datetime) -> CriteriaSet:
    """The set that holds the page's criteria: a new one with the next number, or the one in force if nothing changed."""
    criteria = criteria_of(page)
    if not all(criterion.question for criterion in criteria):
        raise Refusal(
            "CRIT-05",
            _("The criteria were not published."),
            _("A criterion has no question."),
            _("Write it on the page, then publish the page again."),
        )
    current = current_criteria()
    if current is not None and frozen_criteria(current) == criteria:
        return current
    source = f"Criteria page, revision {page.live_revision_id}"
    return publish_criteria_set(criteria=criteria, source=source, actor=actor, at=at)
