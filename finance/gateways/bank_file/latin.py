"""The character set that every bank can carry (SWIFT's Latin set), and how other letters are written in it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ALLOWED = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")

_WRITTEN_AS: Final = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "ŋ": "n", "Ŋ": "N", "ħ": "h", "Ħ": "H",
        "ɓ": "b", "Ɓ": "B", "ɗ": "d", "Ɗ": "D", "ƙ": "k", "Ƙ": "K", "ƴ": "y", "Ƴ": "Y", "ɛ": "e", "Ɛ": "E", "ɔ": "o",
        "Ɔ": "O", "ɲ": "n", "Ɲ": "N", "ə": "e", "Ə": "E", "ʼ": "'", "‘": "'", "’": "'", "‛": "'", "′": "'", "`": "'",
        "´": "'", "“": "'", "”": "'", "„": "'", "«": "'", "»": "'", '"': "'", "‐": "-", "‑": "-", "‒": "-", "–": "-",
        "—": "-", "−": "-", "_": "-", "&": "+", ";": ",", "\\": "/", "[": "(", "]": ")", "{": "(", "}": ")",
        "\u00a0": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ",
    }
)  # fmt: skip


def in_latin(written: str) -> str:
    """The text in the bank's Latin character set: accents taken off, special letters spelt out, spaces made single.

    Raises ValueError with the first character that has no agreed Latin spelling: a guess could change a name.
    """
    letters = unicodedata.normalize("NFKD", written.translate(_WRITTEN_AS)).translate(_WRITTEN_AS)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for letter in plain:
        if not _ALLOWED.fullmatch(letter):
            raise ValueError(letter)
    return " ".join(plain.split())


def is_latin(written: str) -> bool:
    """Whether the text can be sent as it is."""
    return _ALLOWED.fullmatch(written) is not None
