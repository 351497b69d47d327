"""Guidance beside a form: for each part of the work the pages that help with it, as another room has them published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gaf.languages import reading_language

MINUTES = 5  # after which every process has what was published meanwhile


@dataclass(frozen=True)
class Helping:
    """A page that helps: its title, where it is, and the language it is written in."""

    title: str
    url: str
    language: str


Helps = dict[str, list[Helping]]
Provider = Callable[[str], Helps]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Let a room say for a language which pages help with which part."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def help_in(language: str) -> Helps:
    """The pages by part of the work, kept for some minutes; a part without a page is not there."""
    found: Helps | None = cache.get(_key(language))
    if found is None:
        found = _asked(language)
        cache.set(_key(language), found, MINUTES * 60)
    return found


def forget(language: str) -> None:
    """Ask anew: something was published or withdrawn."""
    cache.delete(_key(language))


def for_page(request: HttpRequest) -> dict[str, Any]:
    """Template context `help_for`; nothing is asked of the database unless a page shows some of it."""
    return {"help_for": SimpleLazyObject(lambda: help_in(reading_language()))}


def _asked(language: str) -> Helps:
    return {part: pages for provider in _providers for part, pages in provider(language).items()}


def _key(language: str) -> str:
    return f"guidance beside forms, {language}".replace(" ", "-")
