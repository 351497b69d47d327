"""Whatever the language, a text keeps every value and tag of the English one, and ends as it ends."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from gaf.texts import said_in

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
VALUE = re.compile(r"%\(\w+\)[sd]|%%|</?[a-zA-Z][^>]*>")


def pairs(language: str) -> list[tuple[str, str]]:
    """Each English form beside the one in this language."""
    return [pair for text in said_in(language).values() for pair in zip(text.english, text.said, strict=True)]


@pytest.mark.parametrize("language", LANGUAGES)
class TestATranslatedText:
    def test_keeps_every_value_and_tag(self, language):
        lost = [pair for pair in pairs(language) if sorted(VALUE.findall(pair[0])) != sorted(VALUE.findall(pair[1]))]

        assert lost == []

    def test_ends_as_the_english_ends(self, language):
        assert [pair for pair in pairs(language) if pair[0][-1] in ".:?" and pair[0][-1] != pair[1][-1:]] == []
