"""What editors find on the first page of their desk: what waits for a second reader, and what is not translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language_info
from wagtail.models import Page

from cms.models import CriteriaPage
from cms.models.readings import SecondReading
from cms.second_reading import writer_of
from cms.trees import OTHERS, SOURCE
from gaf.accounts.models import User
from workflow.kept_criteria import keep_their_criteria
from workflow.queries import current_criteria

MISSING, BEGUN, OLDER, SAME = "missing", "begun", "older", "same"
MOST_SHOWN = 25


@dataclass(frozen=True)
class Waiting:
    """A draft that somebody else than its writer is to read."""

    page: Page
    language: str
    writer: str
    saved_at: datetime
    is_own: bool


@dataclass(frozen=True)
class Translated:
    """How far a page is in one of the other languages."""

    language: str
    name: str
    standing: str
    page_id: int | None


@dataclass(frozen=True)
class ToTranslate:
    """An English page that is not the same in every language."""

    page: Page
    languages: list[Translated]


@dataclass(frozen=True)
class Step:
    """One step of publishing the criteria: what is done, and for a language where its draft stands."""

    name: str
    is_done: bool
    language: Translated | None = None


@dataclass(frozen=True)
class CriteriaChecklist:
    """From the draft to the day it binds, and how many open requests keep what binds now."""

    page: Page
    version: int
    steps: list[Step]
    is_waiting: bool
    keep: int


def language_name(code: str) -> str:
    """A language as an editor reads it."""
    return str(get_language_info(code)["name_translated"])


def awaiting_second_reader(person: User) -> list[Waiting]:
    """Drafts that nobody but their writer read, the oldest first."""
    drafts = _ours().filter(has_unpublished_changes=True, latest_revision__isnull=False)
    unread = drafts.filter(latest_revision__second_reading=None).select_related("latest_revision__user", "locale")
    found = []
    for page in unread.order_by("latest_revision__created_at"):
        revision = page.latest_revision
        writer = writer_of(revision)
        name = language_name(page.locale.language_code)
        found.append(Waiting(page, name, writer.name, revision.created_at, writer == person))
    return found


def to_translate() -> list[ToTranslate]:
    """English pages whose translation is missing, is only begun, or says something older, in the order of the tree."""
    english = list(_ours().filter(locale__language_code=SOURCE, live=True).order_by("path"))
    states = translations_of(english)
    rows = [ToTranslate(page, states[page.pk]) for page in english]
    return [row for row in rows if any(one.standing != SAME for one in row.languages)]


def translations_of(english: list[Page], *, of_draft: bool = False) -> dict[int, list[Translated]]:
    """How far each page is in each other language, measured by its published text, or else by its newest draft."""
    others = _ours().filter(translation_key__in=[page.translation_key for page in english])
    pages = {(page.translation_key, page.locale.language_code): page for page in others.select_related("locale")}
    read = SecondReading.objects.filter(revision_id__in=[page.live_revision_id for page in pages.values()])
    follows = dict(read.values_list("revision_id", "follows_id"))
    found: dict[int, list[Translated]] = {}
    for page in english:
        text = page.latest_revision_id if of_draft else page.live_revision_id
        found[page.pk] = [_translated(pages.get((page.translation_key, code)), code, text, follows) for code in OTHERS]
    return found


def _translated(page: Page | None, code: str, text: int | None, follows: Mapping[int, int | None]) -> Translated:
    if page is None:
        standing = MISSING
    elif not page.live:
        standing = BEGUN
    elif text is not None and follows.get(page.live_revision_id) == text:
        standing = SAME
    else:
        standing = OLDER
    return Translated(code, language_name(code), standing, page.pk if page else None)


def criteria_checklist(person: User) -> CriteriaChecklist | None:
    """How far the next criteria are; none where there is no page of criteria."""
    page = CriteriaPage.objects.filter(locale__language_code=SOURCE).select_related("latest_revision").first()
    if page is None:
        return None
    in_force, revision = current_criteria(), page.latest_revision
    is_waiting = bool(revision and page.has_unpublished_changes)
    is_read = bool(revision and SecondReading.objects.filter(revision=revision).exists())
    steps = [Step("draft", revision is not None)]
    translated = translations_of([page], of_draft=is_waiting)[page.pk]
    steps += [Step("language", one.standing == SAME, one) for one in translated]
    steps += [Step("read", is_read), Step("published", not is_waiting)]
    return CriteriaChecklist(page, in_force.number if in_force else 0, steps, is_waiting, keep_their_criteria(person))


def _ours() -> QuerySet[Page]:
    languages = [code for code, _name in settings.LANGUAGES]
    return Page.objects.filter(content_type__app_label="cms", locale__language_code__in=languages)
