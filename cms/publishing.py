"""Publishing criteria: the page and the frozen set that binds requests change together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import get_active_log_context

from cms.criteria_translations import carry_over, keep_translation, translate_set
from cms.queries import criteria_of, frozen_criteria
from cms.trees import SOURCE
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.refusals import Refusal
from workflow.actions.criteria import publish_criteria_set
from workflow.models import CriteriaSet
from workflow.queries import current_criteria

if TYPE_CHECKING:
    from cms.models import CriteriaPage


def save_and_freeze(page: CriteriaPage, save: Callable[[], None]) -> None:
    """Save a criteria page and, where it is live now and binds, freeze the criteria it holds; both or neither.

    Those in English bind; a translation helps to read them, and freezes nothing.

    Every way of publishing ends in saving the page: the editor's button, the timetable, bulk publishing, Wagtail's API.
    Raises Refusal CRIT-05 for a criterion without a question, and what `publish_criteria_set` raises; then the page
    that readers see, and the criteria in force, are as before.
    """
    with transaction.atomic():
        save()
        saved = type(page).objects.get(pk=page.pk)
        if saved.live and saved.locale.language_code == SOURCE:
            translate_set(saved, freeze(saved, at=clock.now()))
        elif saved.live:
            keep_translation(saved)


def publisher() -> User:
    """Who is publishing: the person at the editors' desk; where there is none, it is the timetable, so the system."""
    person: User | None = get_active_log_context().user
    return person or system_actor()


def freeze(page: CriteriaPage, *, at: datetime) -> CriteriaSet:
    """The set that holds the page's criteria: a new one with the next number, or the one in force if nothing changed.

    Raises as `save_and_freeze` says.
    """
    criteria = criteria_of(page)
    current = current_criteria()
    if current is not None and frozen_criteria(current) == criteria:
        return current
    if not all(criterion.question for criterion in criteria):
        raise Refusal(
            "CRIT-05",
            _("The criteria were not published."),
            _("A criterion has no question."),
            _("Write it on the page, then publish the page again."),
        )
    source = f"Criteria page, revision {page.live_revision_id}"
    new = publish_criteria_set(criteria=criteria, source=source, actor=publisher(), at=at)
    carry_over(new)
    return new
