"""Translations of the frozen criteria: kept beside the set they help to read, in the moment it binds or they go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from wagtail.models import Page

from cms.models.readings import CriterionTranslation, SecondReading
from cms.queries import FAILS, PASSES, criteria_of, frozen_criteria
from cms.trees import SOURCE
from workflow.actions.criteria import CriterionText
from workflow.criteria_words import Words, register
from workflow.models import CriteriaSet
from workflow.queries import current_criteria

if TYPE_CHECKING:
    from cms.models import CriteriaPage


def keep_translation(page: CriteriaPage) -> None:
    """Keep what a published translation says of the set in force, if it follows the English that is published."""
    english = Page.objects.filter(translation_key=page.translation_key, locale__language_code=SOURCE).first()
    read = SecondReading.objects.filter(revision_id=page.live_revision_id).first()
    in_force = current_criteria()
    if english and in_force and read and read.follows_id == english.live_revision_id:
        _write(in_force, page)


def carry_over(new: CriteriaSet) -> None:
    """Give a new set the translations of whatever did not change since the set before."""
    before = CriteriaSet.objects.filter(number=new.number - 1).first()
    unchanged = set(frozen_criteria(before)) & set(frozen_criteria(new)) if before else set()
    known = CriterionTranslation.objects.filter(set_number=new.number - 1, code__in=[one.code for one in unchanged])
    CriterionTranslation.objects.bulk_create(
        CriterionTranslation(
            set_number=new.number, language=row.language, code=row.code, question=row.question, guidance=row.guidance
        )
        for row in known
    )


def translate_set(english: CriteriaPage, into: CriteriaSet) -> None:
    """Give a set the translations that went out before it and were read against the very words it was frozen from."""
    follow = SecondReading.objects.filter(follows_id=english.live_revision_id).values("revision_id")
    pages = type(english).objects.filter(translation_key=english.translation_key, live=True).exclude(pk=english.pk)
    for page in pages.filter(live_revision_id__in=follow).select_related("locale"):
        _write(into, page)


def _write(into: CriteriaSet, page: CriteriaPage) -> None:
    codes = set(into.criteria.values_list("code", flat=True))
    for criterion in criteria_of(page):
        if criterion.code in codes and criterion.question:
            CriterionTranslation.objects.update_or_create(
                set_number=into.number,
                language=page.locale.language_code,
                code=criterion.code,
                defaults={"question": criterion.question, "guidance": criterion.guidance},
            )


def translation_of(number: int, language: str) -> list[CriterionText]:
    """A set's criteria as a translation says them; none for the language that binds."""
    rows = CriterionTranslation.objects.filter(set_number=number, language=language)
    return [CriterionText(row.code, row.question, row.guidance) for row in rows]


@register
def words_of(number: int, language: str) -> dict[str, Words]:
    """What helps to read the criteria of a set in a language, by code; nothing for the language that binds."""
    if language == SOURCE:
        return {}
    rows = translation_of(number, language)
    return {row.code: Words(row.question, _in_words(row.guidance)) for row in rows}


def _in_words(guidance: str) -> str:
    """The marks before the examples, which are kept as the binding text has them, in the reader's language."""
    said = {PASSES: gettext("Passes:") + " ", FAILS: gettext("Does not pass:") + " "}
    lines = guidance.split("\n")
    for mark, words in said.items():
        lines = [words + line.removeprefix(mark) if line.startswith(mark) else line for line in lines]
    return "\n".join(lines)
