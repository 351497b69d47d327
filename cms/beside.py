"""Which guidance page helps with which part of the work; shown beside the forms, and bettered without a release."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished

from cms.models import GuidancePage
from cms.trees import SOURCE
from gaf.guidance import Helping, Helps, forget, register
from gaf.languages import public_address

MOST_BESIDE = 2


@register
def beside_forms(language: str) -> Helps:
    """The first pages of each part in the language, or else in English, in the order of the tree."""
    live = GuidancePage.objects.live().filter(locale__language_code__in={language, SOURCE}).order_by("path")
    rows = list(live.values("translation_key", "belongs_to", "title", "url_path", "locale__language_code"))
    own = {row["translation_key"]: row for row in rows if row["locale__language_code"] == language}
    helps: Helps = {}
    for row in rows:
        if row["locale__language_code"] == SOURCE:
            pages = helps.setdefault(row["belongs_to"], [])
            if len(pages) < MOST_BESIDE:
                pages.append(_helping(own.get(row["translation_key"], row), language))
    return helps


def _helping(row: dict[str, Any], language: str) -> Helping:
    _root, _start, path = row["url_path"].split("/", 2)
    return Helping(row["title"], public_address(path, language), row["locale__language_code"])


@receiver([page_published, page_unpublished, post_delete], sender=GuidancePage)
def ask_anew(**said: object) -> None:
    """What was published or withdrawn shows at once in this process, and in the others some minutes later."""
    for language, _name in settings.LANGUAGES:
        forget(language)
