"""Addresses of the public pages below `/en/`, `/fr/` and `/es/`."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.urls import re_path
from wagtail.urls import serve_pattern

from cms import views
from gaf.languages import reading_language


class Tree:
    """The language that a public address begins with, whoever reads; where one is made, the language that is spoken.

    Django's own prefix answers in the reader's language only, so that a link from a colleague would lead nowhere.
    """

    converters: dict[str, Any] = {}

    @property
    def regex(self) -> re.Pattern[str]:
        """What an address begins with in the language that is spoken; Django keeps it for each language."""
        return re.compile(re.escape(f"{reading_language()}/"))

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, str]] | None:
        """The rest of the address, and its language for the page."""
        language, slash, rest = path.partition("/")
        known = slash and language in dict(settings.LANGUAGES)
        return (rest, (), {"language": language}) if known else None

    def check(self) -> list[Any]:
        """Nothing of it can be written wrongly."""
        return []

    def describe(self) -> str:
        """How it is named in messages."""
        return f"'{self}'"

    def __str__(self) -> str:
        return "<language>/"


urlpatterns = [re_path(serve_pattern.removeprefix("^"), views.public_page, name="wagtail_serve")]
