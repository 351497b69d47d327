"""Measures screening on a list: how many distorted names of it are found, and how many honest ones are stopped.

Distorted as people distort them: reordered, a word left out, two words joined, a letter missing, doubled or replaced.
Honest names are put together from given and family names common in the missions' countries. All by a seed.
"""

from __future__ import annotations

import random  # noqa: TID251  # a seed makes the same names again; nothing secret comes of it
import time
from collections.abc import Callable
from dataclasses import dataclass

from finance.screening.consolidated_list import ENTITY, INDIVIDUAL, STRONG, read_list
from finance.screening.matching import NameIndex
from finance.screening.names import tokens

_GIVEN = (
    "Amina Moussa Ibrahim Fatima Ahmed Mohamed Ali Hassan Maria Juan Carlos Joseph Jean Pierre Ousmane Aminata Sofia "
    "Elena Ivan Olga Wei Thi Siti Abdul Rahman Yusuf Omar Khalid Layla Noor Grace Peter John David Samuel Mariam Adama "
    "Kofi Kwame"
)
_FAMILY = (
    "Diallo Traore Keita Garcia Hernandez Lopez Martinez Silva Santos Ivanov Petrov Nguyen Tran Li Wang Kumar Singh "
    "Khan Hussein Abdullah Mwangi Otieno Okafor Adeyemi Mensah Conteh Kamara Haddad Khoury Dubois Martin Smith Brown"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class ScreeningFigures:
    """What was measured. Times are processor seconds of this machine."""

    individuals: int
    entities: int
    names: int
    read_seconds: float
    index_seconds: float
    distorted: int
    found: int
    honest: int
    stopped: int
    names_a_second: float

    @property
    def recall(self) -> float:
        """Share of the distorted names that were found."""
        return self.found / self.distorted

    @property
    def alerts(self) -> float:
        """Share of the honest names that were stopped."""
        return self.stopped / self.honest


def _swapped(words: list[str], chance: random.Random) -> list[str]:
    return chance.sample(words, len(words))


def _shortened(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words))
    return words[:place] + words[place + 1 :] if len(words) > 2 else words


def _joined(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words) - 1)
    return [*words[:place], words[place] + words[place + 1], *words[place + 2 :]]


def _misspelt(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words))
    word = words[place]
    at = chance.randrange(len(word))
    wrong = chance.choice(["", word[at] * 2, chance.choice(_LETTERS)])
    return [*words[:place], word[:at] + wrong + word[at + 1 :], *words[place + 1 :]]


_WAYS: tuple[Callable[[list[str], random.Random], list[str]], ...] = (
    _swapped,
    _shortened,
    _joined,
    _misspelt,
    _misspelt,
)


def distorted(name: str, chance: random.Random) -> str:
    """A name of two words or more as somebody might write it."""
    return " ".join(chance.choice(_WAYS)(list(tokens(name)), chance))


def honest_names(number: int, chance: random.Random) -> list[str]:
    """Invented names of people whom nobody has listed."""
    given, family = _GIVEN.split(), _FAMILY.split()
    made: dict[str, None] = {}
    while len(made) < number:
        middle = [chance.choice(given)] if chance.random() < 0.3 else []
        made[" ".join([chance.choice(given), *middle, chance.choice(family)])] = None
    return list(made)


def measure(content: bytes, *, seed: int, distort: int = 400, honest: int = 1000) -> ScreeningFigures:
    """Read a list and ask it many names. The same seed asks the same names."""
    chance = random.Random(seed)  # noqa: S311  # figures, not secrets
    begun = time.process_time()
    read = read_list(content)
    has_read = time.process_time()
    index = NameIndex(read.entries)
    indexed = time.process_time()
    pool = [
        (one, name)
        for one in read.entries
        for name in one.names
        if name.quality == STRONG and len(tokens(name.text)) > 1
    ]
    wanted = [(one.number, distorted(name.text, chance)) for one, name in chance.sample(pool, min(distort, len(pool)))]
    asked = honest_names(honest, chance)
    started = time.process_time()
    found = sum(number in {hit.entry.number for hit in index.candidates(name)} for number, name in wanted)
    stopped = sum(bool(index.candidates(name)) for name in asked)
    took = time.process_time() - started
    kinds = [one.kind for one in read.entries]
    return ScreeningFigures(
        individuals=kinds.count(INDIVIDUAL),
        entities=kinds.count(ENTITY),
        names=read.name_count,
        read_seconds=has_read - begun,
        index_seconds=indexed - has_read,
        distorted=len(wanted),
        found=found,
        honest=len(asked),
        stopped=stopped,
        names_a_second=(len(wanted) + len(asked)) / took if took else 0.0,
    )
