"""Finds names that may be on the list. It only ever says “look at this”; a person says whether it is the same.

A listed name is a candidate when the sets of words are alike (token_set ratio of 90 or more) and every word of the
shorter name has a partner in the other (ratio of 85 or more, or one wrong letter in a long word), or when both are
alike once the blanks are taken away. A weak alias must be there whole, and one of a single word must be the whole name.
A year of birth that cannot be is told beside the hit; nothing is cleared by a score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from finance.screening.consolidated_list import WEAK, Listed, ListedName
from finance.screening.names import tokens

SET_AT_LEAST: Final = 90.0
WORD_AT_LEAST: Final = 85.0
CLOSED_AT_LEAST: Final = 90.0
# One wrong letter in a word of this length is forgiven; the ratio alone would count it as two.
FORGIVEN_FROM: Final = 5
# A name of one word says little: it counts only where few entries of the list have that word.
MOST_ENTRIES_OF_ONE_WORD: Final = 3
YEARS_OF_GRACE: Final = 2


@dataclass(frozen=True)
class Candidate:
    """An entry that a name may be, the listed name that is alike, how much (0 to 100), and why in codes."""

    entry: Listed
    listed_name: str
    score: int
    reasons: dict[str, object]


@dataclass(frozen=True)
class _Known:
    entry: Listed
    name: ListedName
    words: tuple[str, ...]
    closed: str


@dataclass
class NameIndex:
    """A list made ready for questions: its names by the words they are made of."""

    entries: Iterable[Listed]
    names: list[_Known] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_word: dict[str, set[int]] = defaultdict(set)
        entries_of: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            for name in entry.names:
                words = tokens(name.text)
                if words:
                    place = len(self.names)
                    self.names.append(_Known(entry, name, words, "".join(sorted(words))))
                    for word in words:
                        self._by_word[word].add(place)
                        entries_of[word].add(entry.number)
        self._words = list(self._by_word)
        self._of_length: dict[int, list[str]] = defaultdict(list)
        for word in self._words:
            for length in (len(word) - 1, len(word), len(word) + 1):
                self._of_length[length].append(word)
        self._rare = {word for word, of in entries_of.items() if len(of) <= MOST_ENTRIES_OF_ONE_WORD}
        self._closed = ["".join(known.words) for known in self.names]
        self._closed_sorted = [known.closed for known in self.names]

    def candidates(self, name: str, born: int | None = None) -> list[Candidate]:
        """Every entry this name may be, the likeliest first, each with its likeliest name."""
        words = tokens(name)
        if not words:
            return []
        best: dict[str, Candidate] = {}
        for place in self._near(words):
            found = self._compare(words, self.names[place], born)
            if found is not None and found.score > best.get(found.entry.number, _NOTHING).score:
                best[found.entry.number] = found
        return sorted(best.values(), key=lambda one: (-one.score, one.entry.reference))

    def _near(self, words: tuple[str, ...]) -> set[int]:
        """Places of the names that share a word, more or less, or that are alike without blanks."""
        places: set[int] = set()
        for word in set(words):
            for alike, _score, _place in process.extract(
                word, self._words, scorer=fuzz.ratio, score_cutoff=WORD_AT_LEAST, limit=None
            ):
                places |= self._by_word[alike]
            if len(word) >= FORGIVEN_FROM:
                for alike, _distance, _place in process.extract(
                    word, self._of_length[len(word)], scorer=Levenshtein.distance, score_cutoff=1, limit=None
                ):
                    places |= self._by_word[alike]
        for closed, choices in (("".join(words), self._closed), ("".join(sorted(words)), self._closed_sorted)):
            hits = process.extract(closed, choices, scorer=fuzz.ratio, score_cutoff=CLOSED_AT_LEAST, limit=None)
            places.update(place for _text, _score, place in hits)
        return places

    def _compare(self, words: tuple[str, ...], known: _Known, born: int | None) -> Candidate | None:
        whole = fuzz.token_set_ratio(" ".join(words), " ".join(known.words))
        closed = max(fuzz.ratio("".join(words), "".join(known.words)), fuzz.ratio("".join(sorted(words)), known.closed))
        weakest = _weakest_word(words, known.words)
        aligned = whole >= SET_AT_LEAST and weakest >= WORD_AT_LEAST and self._says_enough(words, known.words)
        if not aligned and closed < CLOSED_AT_LEAST:
            return None
        said_whole = closed == 100 or (aligned and whole == 100 and 1 < len(known.words) <= len(words))
        if known.name.quality == WEAK and not said_whole:
            return None
        score = int(max(whole if aligned else 0.0, closed))
        reasons: dict[str, object] = {
            "words_alike": int(whole),
            "weakest_word": int(weakest),
            "without_blanks": int(closed),
            "name_is": known.name.quality,
            "born": _born_says(known.entry, born),
        }
        if known.name.quality == WEAK:
            score -= 10
        return Candidate(known.entry, known.name.text, score, reasons)

    def _says_enough(self, words: tuple[str, ...], listed: tuple[str, ...]) -> bool:
        shorter, longer = sorted((words, listed), key=len)
        if len(shorter) > 1:
            return True
        return len(longer) == 1 or shorter[0] in self._rare


_NOTHING = Candidate(Listed("", "", "", ()), "", -1, {})


def _weakest_word(words: tuple[str, ...], listed: tuple[str, ...]) -> float:
    """How alike the worst pair is when each word of the shorter name takes its best free partner in the other."""
    shorter, longer = sorted((words, listed), key=len)
    free, weakest = list(longer), 100.0
    for word in sorted(shorter, key=len, reverse=True):
        scores = [_alike(word, other) for other in free]
        best = max(scores)
        weakest = min(weakest, best)
        free.pop(scores.index(best))
    return weakest


def _alike(word: str, other: str) -> float:
    """How alike two words are; a single wrong letter in a long one counts as just alike enough."""
    ratio = fuzz.ratio(word, other)
    if ratio < WORD_AT_LEAST and min(len(word), len(other)) >= FORGIVEN_FROM:
        return WORD_AT_LEAST if Levenshtein.distance(word, other, score_cutoff=1) <= 1 else ratio
    return ratio


def _born_says(entry: Listed, born: int | None) -> str:
    """Whether the year of birth speaks for or against the same person; it never decides alone."""
    if born is None or not entry.born:
        return "not_known"
    near = any(first - YEARS_OF_GRACE <= born <= last + YEARS_OF_GRACE for first, last in entry.born)
    return "agrees" if near else "differs"
