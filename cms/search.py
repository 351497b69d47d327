"""What is searched of guidance and criteria: what everybody may read, in the reader's language or else in English.

Titles come first, then summaries, then texts.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.criteria_translations import translation_of
from cms.models import CriteriaPage, GuidancePage
from cms.queries import frozen_criteria
from cms.trees import address, each_once
from gaf.accounts.models import User
from gaf.languages import reading_language
from gaf.search import MOST_SHOWN, Found, Hit, Source, register
from workflow.queries import current_criteria

_MOST_PAGES = 300
_AROUND = 60


def _text_of(page: GuidancePage) -> str:
    return " ".join(strip_tags(str(block.value)) for block in page.body)


def _passage(text: str, words: list[str]) -> str:
    """The place in a text where the first of the words stands, with what is around it."""
    at = text.lower().find(words[0])
    start, end = max(at - _AROUND, 0), at + len(words[0]) + _AROUND
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"


def _ranked(parts: tuple[str, ...], words: list[str]) -> tuple[int, str] | None:
    """In which part all the words stand, the first part first, and what to show of it; none when nowhere together."""
    for place, part in enumerate(parts):
        if all(word in part.lower() for word in words):
            return place, parts[1] if place == 0 else _passage(part, words)
    return None


def _guidance(words: list[str]) -> Iterable[tuple[int, Hit]]:
    reader = reading_language()
    for page in each_once(GuidancePage.objects.live(), reader)[:_MOST_PAGES]:
        found = _ranked((page.title, page.summary, _text_of(page)), words)
        if found is not None:
            yield found[0], Hit(page.title, address(page, reader), found[1], page.locale.language_code)


def _criteria(words: list[str]) -> Iterable[tuple[int, Hit]]:
    in_force = current_criteria()
    reader = reading_language()
    pages = each_once(CriteriaPage.objects.live(), reader) if in_force else []
    if in_force is None or not pages:
        return
    translated = {one.code: one for one in translation_of(in_force.number, reader)}
    for place, criterion in enumerate(frozen_criteria(in_force), start=1):
        shown = translated.get(criterion.code, criterion)
        found = _ranked((shown.question, shown.guidance, shown.guidance), words)
        if found is not None:
            label = _("Criterion %(number)s: %(question)s") % {"number": place, "question": shown.question}
            yield found[0], Hit(label, f"{address(pages[0], reader)}#{criterion.code}", found[1])


def _find(person: User, text: str) -> Found | None:
    words = text.lower().split()
    ranked = sorted([*_guidance(words), *_criteria(words)], key=lambda one: one[0])
    return Found(gettext_lazy("Guidance and criteria"), [hit for _rank, hit in ranked[:MOST_SHOWN]], len(ranked))


def _words(person: User) -> Iterable[str]:
    return [page.title for page in each_once(GuidancePage.objects.live(), reading_language())[:_MOST_PAGES]]


def _nothing(person: User, text: str) -> list[str]:
    return []


register(Source(50, _nothing, _find, _words))
