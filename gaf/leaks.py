"""What in a free text looks as if it told who somebody is. It proposes a second look; it never decides."""

from __future__ import annotations

import re
from enum import StrEnum


class Leak(StrEnum):
    """What was seen."""

    MAIL = "mail"
    TELEPHONE = "telephone"
    DOCUMENT = "document"
    NAME = "name"


# Our own numbers, such as GAF-2026-00042 or P-2026-00001, days as the standard writes them, and plain amounts.
_OURS = re.compile(r"\b[A-Z]{1,4}-\d{4}-\d{1,6}\b|\b\d{4}-\d{2}-\d{2}\b|(?<![+\d])(?<!\d[ .])\d+[.,]\d{2}(?!\d|[ .]\d)")
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\W\d_]{2,}")
_DIALLED = re.compile(r"(?<![\w.,/])(?P<begins>\+|00)?\d(?:[ \u00a0().-]{0,2}\d){6,}(?![\w/])")
_LEAST_DIALLED = 9  # digits of a number without a country's sign in front; with one, eight
# A passport, an identity card, a refugee registration: some letters and a run of digits.
_DOCUMENT = re.compile(r"(?<![\w-])[A-Z]{1,3}[ \u00a0-]?\d{6,9}(?![\w-])")
_CALLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mme|Mlle|Monsieur|Madame|Sr|Sra|Srta|Señora?|Don|Doña)\.?[ \u00a0]+[^\W\d_a-zà-ÿ][^\W\d_]+"
    r"|(?:\b(?:named|called|name is|nommée?|prénommée?|se llama|llamad[oa])|\bs[’']appelle)[ \u00a0]+"
    r"[^\W\d_a-zà-ÿ][^\W\d_]+"
)


def leaks_in(text: str) -> set[Leak]:
    """What a text seems to hold: an e-mail address, a telephone or document number, a person's name."""
    plain = _OURS.sub(" ", text)
    found = set()
    if _MAIL.search(plain):
        found.add(Leak.MAIL)
    if any(_is_dialled(one) for one in _DIALLED.finditer(plain)):
        found.add(Leak.TELEPHONE)
    if _DOCUMENT.search(plain):
        found.add(Leak.DOCUMENT)
    if _CALLED.search(plain):
        found.add(Leak.NAME)
    return found


def _is_dialled(found: re.Match[str]) -> bool:
    digits = sum(letter.isdigit() for letter in found[0])
    least = _LEAST_DIALLED - 1 if found["begins"] else _LEAST_DIALLED
    return least <= digits <= 16
