"""The conditions under which each of J1 to J10 is walked: language, scripts, width and line, twenty-four in all.

A few are walked on every submission, all of them at night. The suite names them so: `fr-plain-phone-satellite`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.utils import translation

# On every submission. Whatever counts keys is done by keys at a desktop with scripts, and by presses elsewhere.
EACH_SUBMISSION = {
    "J1": "en-scripts-phone-lan fr-scripts-phone-lan fr-plain-phone-lan",
    "J2": "en-scripts-desktop-lan",
    "J3": "es-plain-phone-lan",
    "J4": "fr-scripts-phone-lan",
    "J5": "en-scripts-desktop-lan",
    "J6": "en-scripts-desktop-lan es-plain-desktop-lan",
    "J7": "en-scripts-desktop-lan",
    "J8": "fr-plain-desktop-lan",
    "J9": "en-scripts-desktop-lan",
    "J10": "es-scripts-phone-lan",
}


@dataclass(frozen=True)
class Conditions:
    """What somebody works with."""

    language: str = "en"
    scripts: bool = True
    phone: bool = False
    satellite: bool = False

    def __str__(self) -> str:
        scripts, width = "scripts" if self.scripts else "plain", "phone" if self.phone else "desktop"
        return f"{self.language}-{scripts}-{width}-{'satellite' if self.satellite else 'lan'}"

    @property
    def by_keys(self) -> bool:
        """Whether single keys are there: they need scripts, and a telephone has no keyboard."""
        return self.scripts and not self.phone

    @property
    def window(self) -> dict[str, Any]:
        """What the browser is asked for."""
        size = {"width": 360, "height": 740} if self.phone else {"width": 1280, "height": 800}
        return {"viewport": size, "java_script_enabled": self.scripts}

    def say(self, words: str) -> str:
        """Words of the pages, as they stand there in this language."""
        with translation.override(self.language):
            said = translation.gettext(words)
        assert self.language == "en" or said != words, f"“{words}” has no {self.language}"
        return said


ALL = tuple(
    Conditions(language, scripts, phone, satellite)
    for satellite, phone, scripts, language in product((False, True), (False, True), (True, False), ("en", "fr", "es"))
)


def under(journey: str) -> pytest.MarkDecorator:
    """Walk a journey under each of the conditions; those that are not for every submission are for the night."""
    now = EACH_SUBMISSION[journey].split()
    assert set(now) <= {str(one) for one in ALL}
    return pytest.mark.parametrize(
        "conditions",
        [pytest.param(one, id=str(one), marks=() if str(one) in now else pytest.mark.nightly) for one in ALL],
    )
