"""Names as they are compared: without case, accents, points and titles of no weight; every script keeps its letters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

# Letters that take no accent apart, and forms of one Arabic letter that are written for each other.
_ALIKE: Final = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ı": "i",
        "þ": "th",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ة": "ه",
        "ـ": "",
        "’": "",
        "‘": "",
        "'": "",
        "`": "",
        "ʼ": "",
        "ʿ": "",
        "ʾ": "",
    }
)


@lru_cache(maxsize=4096)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, normalised: lower case, no accents, no punctuation; apostrophes join what they part."""
    lowered = unicodedata.normalize("NFC", name).casefold().translate(_ALIKE)
    apart = unicodedata.normalize("NFKD", lowered)
    kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return tuple("".join(letter if letter.isalnum() else " " for letter in kept).split())
