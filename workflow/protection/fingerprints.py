"""What a person is recognised by: keyed hashes of what a mission types once, and nothing of what was typed.

Four hashes: the whole, the sound of the name with the year of birth, the sound of the family name with year, sex and
nationality, and the telephone number. Names are first written in Latin letters and reduced to what their spellings
have in common, so that “Muhammad” and “محمد” sound alike.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from anyascii import anyascii
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaf.sealing import person_fingerprint

_SHORTEST_NUMBER, _COMPARED_DIGITS = 7, 9
# Little words that stand in one spelling of a name and not in the other.
_PARTICLES = frozenset(
    {"al", "el", "ul", "bin", "ben", "ibn", "bint", "bte", "ould", "mint"}
    | {"de", "del", "la", "las", "los", "da", "do", "dos", "du", "van", "von"}
)
# Letters for one sound, the longer first; what is left of the name are its consonants.
_SOUNDS = (
    ("tch", "x"),
    ("sch", "x"),
    ("ch", "x"),
    ("sh", "x"),
    ("kh", "k"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("dj", "j"),
    ("dz", "z"),
    ("ck", "k"),
    ("qu", "k"),
    ("gu", "g"),
    ("ce", "se"),
    ("ci", "si"),
    ("q", "k"),
    ("c", "k"),
    ("z", "s"),
    ("v", "b"),
)
_NOT_HEARD = re.compile(r"[aeiouyhw']")


class Sign(models.TextChoices):
    """By what two persons look alike; the stronger first."""

    WHOLE = "WHOLE", _("Everything that was asked is the same")
    PHONE = "PHONE", _("The same telephone number")
    SOUND = "SOUND", _("Names that sound alike, about the same year of birth")
    FAMILY = "FAMILY", _("A family name that sounds alike, with the same year, sex and nationality")


@dataclass(frozen=True)
class Details:
    """What the mission types to make a fingerprint. Nothing keeps it, and nothing prints it."""

    given: str = field(repr=False)
    family: str = field(repr=False)
    year: int = field(repr=False)
    month: int | None = field(default=None, repr=False)
    mother: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True)
class Hashes:
    """What is kept. A year of birth is often an estimate: the sounds with the years around it are there to look for."""

    whole: str
    sound: str
    sound_before: str
    sound_after: str
    family: str
    phone: str


def words_of(name: str) -> list[str]:
    """The words of a name in Latin letters, without case, accents and signs, in one order."""
    plain = anyascii(unicodedata.normalize("NFC", name).casefold()).lower().replace("'", "").replace("`", "")
    return sorted("".join(sign if sign.isalnum() else " " for sign in plain).split())


def heard(word: str) -> str:
    """What different spellings of a word have in common: its consonants, each sound by one letter, none twice."""
    sound = word
    for written, spoken in _SOUNDS:
        sound = sound.replace(written, spoken)
    kept = _NOT_HEARD.sub("", sound)
    single = "".join(one for place, one in enumerate(kept) if place == 0 or one != kept[place - 1])
    return single or word[:1]


def sound_of(name: str) -> str:
    """What is heard of all the words of a name that weigh something."""
    every = words_of(name)
    heavy = [word for word in every if word not in _PARTICLES] or every
    return " ".join(sorted(heard(word) for word in heavy))


def _joined(*parts: object) -> str:
    return "|".join(str(part) for part in parts)


def _digits(number: str) -> str:
    """The end of a telephone number, as it is the same with and without the code of the country."""
    found = "".join(str(unicodedata.decimal(sign)) for sign in number if sign.isdecimal())
    return found[-_COMPARED_DIGITS:] if len(found) >= _SHORTEST_NUMBER else ""


def hashes_of(details: Details, sex: str, nationality: str) -> Hashes:
    """The hashes of a person, from what was typed and the sex and nationality on file."""
    names, number = f"{details.given} {details.family}", _digits(details.phone)
    everything = (" ".join(words_of(names)), " ".join(words_of(details.mother)))
    whole = _joined(*everything, details.year, details.month or "", sex, nationality)
    family = _joined(sound_of(details.family), details.year, sex, nationality)
    return Hashes(
        whole=person_fingerprint(Sign.WHOLE, whole),
        sound=_sound(names, details.year),
        sound_before=_sound(names, details.year - 1),
        sound_after=_sound(names, details.year + 1),
        family=person_fingerprint(Sign.FAMILY, family),
        phone=person_fingerprint(Sign.PHONE, number) if number else "",
    )


def _sound(names: str, year: int) -> str:
    return person_fingerprint(Sign.SOUND, _joined(sound_of(names), year))
