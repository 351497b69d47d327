"""Reading ISO 11649 references out of what banks and people make of them; the check digits decide.

Spacing, case, punctuation and look-alikes (0/O, 1/I) are forgiven, in this order; a wrong digit never is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

_LETTERS = {"0": "O", "1": "I", "O": "0", "I": "1"}
_START = re.compile(r"R[\W_]*F(?=[\W_]*[0-9OI][\W_]*[0-9OI])", re.IGNORECASE)
_SEPARATOR = re.compile(r"[\W_]+")
_SHORTEST, _LONGEST = 5, 25
_MOST_LOOK_ALIKES = 14


def _remainder(compact: str) -> int:
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97


@lru_cache(maxsize=4096)
def holds(compact: str) -> bool:
    """Whether a compact reference (capital letters and digits, no spaces) has the right check digits."""
    if not (_SHORTEST <= len(compact) <= _LONGEST and compact.isascii() and compact.isalnum()):
        return False
    return compact[:2] == "RF" and compact[2:4].isdigit() and _remainder(compact) == 1


def compacted(text: str) -> str:
    """Capital letters and digits only."""
    return _SEPARATOR.sub("", text).upper()


def folded(compact: str) -> str:
    """The same for every way of misreading it: O as 0, I as 1. Two references that fold alike need check digits."""
    return compact.replace("O", "0").replace("I", "1")


class References:
    """Every reference we gave, ready to be found in a text. `find` gives the compact references a text names."""

    def __init__(self, given: set[str]) -> None:
        self.given = given
        self.lengths = sorted({len(reference) for reference in given}, reverse=True)
        self._by_fold: dict[str, str] = {}
        twice: set[str] = set()
        for reference in given:
            fold = folded(reference)
            if fold in self._by_fold:
                twice.add(fold)
            self._by_fold[fold] = reference
        for fold in twice:
            del self._by_fold[fold]
        self._sorted: list[str] | None = None

    def exactly(self, text: str) -> str:
        """The reference a field holds and nothing else, spacing and case forgiven; empty when it is none of ours."""
        if text in self.given:
            return text
        compact = compacted(text)
        return compact if compact in self.given else ""

    def find(self, text: str) -> list[str]:
        """Every reference of ours that a text names, in the order it names them."""
        found: list[str] = []
        for start in _START.finditer(text):
            reference = self._at(compacted(text[start.start() : start.start() + 60]))
            if reference and reference not in found:
                found.append(reference)
        return found

    def _at(self, compact: str) -> str:
        """The reference that begins here. One of ours has its own check digits, so a misread digit names no other."""
        for length in self.lengths:
            piece = compact[:length]
            if len(piece) < length:
                continue
            if piece in self.given:
                return piece
            known = self._by_fold.get(folded(piece))
            if known is not None and _only_look_alikes(piece, known) and holds(known):
                return known
        return ""

    def cut(self, text: str) -> list[str]:
        """References of ours that begin with what is left of one in a text (at least ten characters of it)."""
        if self._sorted is None:
            self._sorted = sorted(self.given)
        found: list[str] = []
        for start in _START.finditer(text):
            compact = compacted(_SEPARATOR.split(text[start.start() :].strip(), maxsplit=1)[0])
            if len(compact) >= 10:
                found += [r for r in self._beginning(compact) if r not in found]
        return found

    def _beginning(self, prefix: str) -> list[str]:
        ordered = self._sorted or []
        found: list[str] = []
        place = bisect_left(ordered, prefix)
        while place < len(ordered) and ordered[place].startswith(prefix) and len(found) < 3:
            found.append(ordered[place])
            place += 1
        return found


def _only_look_alikes(piece: str, known: str) -> bool:
    differ = [(a, b) for a, b in zip(piece, known, strict=True) if a != b]
    return len(differ) <= _MOST_LOOK_ALIKES and all(_LETTERS.get(a) == b for a, b in differ)


def valid_readings(text: str) -> list[str]:
    """Every reference with right check digits that a field can be read as, ours or not; for a form and for tests."""
    compact = compacted(text)
    if not compact.startswith("RF") or len(compact) > _LONGEST:
        return []
    head = folded(compact[2:4])
    places = [n for n, character in enumerate(compact) if n >= 4 and character in _LETTERS][:8]
    found = []
    for choice in range(2 ** len(places)):
        letters = list("RF" + head + compact[4:])
        for bit, place in enumerate(places):
            if choice >> bit & 1:
                letters[place] = _LETTERS[letters[place]]
        reading = "".join(letters)
        if holds(reading):
            found.append(reading)
    return found
