"""A pattern moved in time and written as text of one database: all that is left is to fill in a copy's words."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from finance.ledger import hash_parts, journal_hash
from finance.models import Journal, JournalLine
from gaf.decisions.models import Decision
from gaf.decisions.record import FIRST, canonical, chain_hash, sha256
from gaf.demo.bulk.pattern import Number, Pattern, Row, Structure, Text
from gaf.demo.bulk.writing import Dialect, Model

Said = dict[str, str]
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_IN_JSON = re.compile(r'"@@(.+?)@@"')


@dataclass
class Chain:
    """Where the decisions and the journals have come to: the last number and the last hash of each."""

    number: int = 0
    hash: str = FIRST


@dataclass(frozen=True)
class _Decided:
    """One decision to be made anew: as it was, and what of it a copy says itself."""

    word: str
    row: Decision
    texts: dict[str, str]
    people: dict[str, str]
    facts: str


@dataclass(frozen=True)
class _Posted:
    word: str
    row: Journal
    key: str
    reference: str
    lines: list[tuple[str, str, str, int, str]]


class Compiled:
    """The rows of one pattern at one distance in time."""

    def __init__(self, pattern: Pattern, dialect: Dialect, later: timedelta) -> None:
        self._dialect, self._later = dialect, later
        self.texts: dict[bool, dict[Model, str]] = {False: {}, True: {}}
        by_kind: dict[tuple[bool, Model], list[str]] = defaultdict(list)
        for row in pattern.rows:
            by_kind[(row.shared, row.kind)].append(self._row(row))
        for (shared, kind), rows in by_kind.items():
            self.texts[shared][kind] = "".join(rows)
        self._decided = {
            shared: [self._decision(row) for row in pattern.of(Decision, shared)] for shared in (False, True)
        }
        self._posted = [self._journal(pattern, row) for row in pattern.of(Journal)]

    def chain(self, said: Said, decisions: Chain, journals: Chain, shared: bool = False) -> None:
        """Number every decision and journal of a copy, and hash each on the one before; `said` learns the results."""
        if not shared:
            for posted in self._posted:
                _post(posted, said, journals)
        for decided in self._decided[shared]:
            _number(decided, said, decisions)
        for decided in self._decided[shared]:
            _decide(decided, said, decisions)

    def _row(self, row: Row) -> str:
        written = [self._written(value) for value in row.cells.values()]
        return self._dialect.between.join(written) + self._dialect.after

    def _written(self, value: Any) -> str:
        if isinstance(value, Text):
            return self._dialect.escaped(value.words)
        if isinstance(value, Structure):
            return self._dialect.escaped(self._json(value.value))
        return self._dialect.text(self._moved(value)).replace("%", "%%")

    def _json(self, value: Any) -> str:
        """The one way to write JSON that hashes are made of, with words in it."""
        marked = canonical(self._marked(value)) if isinstance(value, dict) else json.dumps(self._marked(value))
        return _IN_JSON.sub(lambda found: f"%({found.group(1)})s", marked)

    def _marked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._marked(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._marked(one) for one in value]
        if isinstance(value, Number):
            return f"@@{value.word}@@"
        if isinstance(value, Text):
            return self._moved_text(value.words)
        return value

    def _moved_text(self, words: str) -> str:
        return (date.fromisoformat(words) + self._later).isoformat() if _DAY.match(words) else words

    def _moved(self, value: Any) -> Any:
        return value + self._later if isinstance(value, date) else value

    def _decision(self, row: Row) -> _Decided:
        cells = {name: self._moved(value) for name, value in row.cells.items()}
        names = ("subject", "reference", "related", "reason")
        plain = {name: value for name, value in cells.items() if not isinstance(value, (Text, Structure))}
        plain |= {
            name: value.words
            for name, value in cells.items()
            if name in ("role", "act", "from_state", "to_state", "reason_code")
        }
        people = {name: cells[name].words for name in ("actor_id", "on_behalf_of_id") if isinstance(cells[name], Text)}
        facts = self._json(cells["facts"].value)
        return _Decided(
            f"decisions_decision.{'s' if row.shared else 'o'}{row.place}",
            Decision(**plain),
            {name: cells[name].words for name in names},
            people,
            facts,
        )

    def _journal(self, pattern: Pattern, row: Row) -> _Posted:
        raw = pattern.raw(Journal)[row.place]
        lines = JournalLine.objects.filter(journal_id=raw["id"]).select_related("account", "stream").order_by("pk")
        names = ("kind", "at", "dated_on", "late_for", "exception_id")
        return _Posted(
            f"finance_journal.o{row.place}",
            Journal(**{name: self._moved(raw[name]) for name in names}),
            row.cells["key"].words,
            row.cells["reference"].words,
            [hash_parts(line) for line in lines],
        )


def _post(posted: _Posted, said: Said, chain: Chain) -> None:
    journal = posted.row
    journal.number, journal.previous_hash = chain.number + 1, chain.hash
    journal.key, journal.reference = posted.key % said, posted.reference % said
    chain.number, chain.hash = journal.number, journal_hash(journal, posted.lines)
    said[f"number.{posted.word}"] = str(journal.number)
    said[f"previous_hash.{posted.word}"] = journal.previous_hash
    said[f"hash.{posted.word}"] = chain.hash


def _number(decided: _Decided, said: Said, chain: Chain) -> None:
    chain.number += 1
    said[f"number.{decided.word}"] = str(chain.number)


def _decide(decided: _Decided, said: Said, chain: Chain) -> None:
    decision = decided.row
    decision.number = int(said[f"number.{decided.word}"])
    for name, words in decided.texts.items():
        setattr(decision, name, words % said)
    for name, words in decided.people.items():
        setattr(decision, name, int(words % said))
    decision.facts_hash, decision.previous_hash = sha256(decided.facts % said), chain.hash
    chain.hash = chain_hash(decision)
    said[f"facts_hash.{decided.word}"] = decision.facts_hash
    said[f"previous_hash.{decided.word}"] = decision.previous_hash
    said[f"hash.{decided.word}"] = chain.hash
