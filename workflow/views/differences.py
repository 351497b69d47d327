"""The difference between what stood on a request at a moment and what stands there now, record by record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from gaf.sealing import unseal_all
from workflow.looking_back import Moment, version_at
from workflow.models import AlternativeCheck, AssistanceRequest
from workflow.views.history import Change, Names, changes_between, rows_of

SAME, GONE, NEW = "same", "gone", "new"
# So many unchanged words stand before and after a changed one; what lies between is left out.
_AROUND = 8


@dataclass(frozen=True)
class Piece:
    """Some words of a text that are as they were, are gone, or are new."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One record that is not as it was: its name, what happened to it, who wrote it last and when, and its fields."""

    record: str
    kind: str
    who: str
    at: datetime
    changes: list[Change]


@dataclass(frozen=True)
class _Pair:
    """A record as it was and as it is, either of them None where it was not there; `last` is its newest version."""

    record: str
    was: Any
    now: Any
    last: Any


def differences(assistance: AssistanceRequest, moment: Moment, reads: bool) -> list[Difference]:
    """What differs now, newest first. `reads`: the words of what is sealed are shown, else only that they changed."""
    names, found = Names(assistance), []
    for pair in _pairs(assistance, moment):
        changes = _with_words(pair, _changes(pair, names), reads)
        if changes:
            who = names.people.get(pair.last.history_user_id, "–")
            found.append(Difference(pair.record, _kind(pair), who, pair.last.history_date, changes))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _kind(pair: _Pair) -> str:
    if pair.was is None:
        return _("written")
    return _("removed") if pair.now is None else _("changed")


def _pairs(assistance: AssistanceRequest, moment: Moment) -> Iterator[_Pair]:
    """Every record that has another version now. Other help asked is written anew each time: its rows go by order."""
    again: list[_Pair] = []
    for record, versions in rows_of(assistance):
        last = versions[-1]
        was, now = version_at(versions, moment), last if last.history_type != "-" else None
        if was is now or (was is None and now is None):
            continue
        pair = _Pair(record, was, now, last)
        if last.instance_type is AlternativeCheck:
            again.append(pair)
        else:
            yield pair
    before, after = [pair for pair in again if pair.now is None], [pair for pair in again if pair.was is None]
    for old, new in zip_longest(before, after):
        one = new or old
        yield _Pair(one.record, old.was if old else None, new.now if new else None, one.last)


def _changes(pair: _Pair, names: Names) -> list[Change]:
    if pair.now is not None:
        return changes_between(pair.was, pair.now, names)
    return [replace(one, was=one.now, now=one.was) for one in changes_between(None, pair.was, names)]


def _with_words(pair: _Pair, changes: Iterable[Change], reads: bool) -> list[Change]:
    """Sealed fields that say something else now; the same words sealed anew are no change."""
    found = []
    for change in changes:
        if not change.sealed:
            found.append(change)
            continue
        was, now = unseal_all([getattr(row, change.name, "") if row else "" for row in (pair.was, pair.now)])
        if was != now:
            found.append(replace(change, pieces=pieces_of(was, now)) if reads else change)
    return found


def pieces_of(was: str, now: str) -> list[Piece]:
    """Two texts as one, word by word, with what is gone before what is new in its place."""
    before, after = was.split(), now.split()
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece(SAME, _shortened(before[a:b], first=a == 0, last=b == len(before))))
            continue
        if b > a:
            found.append(Piece(GONE, " ".join(before[a:b])))
        if d > c:
            found.append(Piece(NEW, " ".join(after[c:d])))
    return found


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    """Unchanged words, without the middle of a long stretch."""
    head, tail = 0 if first else _AROUND, 0 if last else _AROUND
    if len(words) <= head + tail + 1:
        return " ".join(words)
    return " ".join([*words[:head], "…", *(words[-tail:] if tail else [])])
