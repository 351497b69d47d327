"""The words of frozen criteria in the reader's language: a help beside the words that bind. Another room gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gaf.languages import reading_language


@dataclass(frozen=True)
class Words:
    """A criterion's question and guidance in another language."""

    question: str
    guidance: str


Provider = Callable[[int, str], dict[str, Words]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Let a room say what the criteria of a set are in a language, by their codes."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def translated(set_number: int) -> dict[str, Words]:
    """The words of a set's criteria in the reader's language, by code; empty where the binding words are in it."""
    return {code: words for provider in _providers for code, words in provider(set_number, reading_language()).items()}
