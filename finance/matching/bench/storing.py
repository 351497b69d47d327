"""Keeping the result in a real database file, with the columns that the fund's own proposals have."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from finance.matching.shapes import Proposal

_TABLE = """
CREATE TABLE proposal (
    id INTEGER PRIMARY KEY, line INTEGER NOT NULL, items TEXT NOT NULL, tier INTEGER NOT NULL,
    automatic INTEGER NOT NULL, score INTEGER NOT NULL, scores TEXT NOT NULL, reasons TEXT NOT NULL,
    rivals TEXT NOT NULL, difference INTEGER NOT NULL, books_to TEXT NOT NULL, returns INTEGER NOT NULL
)
"""


def store(proposals: Sequence[Proposal]) -> int:
    """Write every proposal, one row a line, durably, and say how many rows stand in the file; then remove it."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "proposals.sqlite3")
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(_TABLE)
            with connection:
                connection.executemany("INSERT INTO proposal VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?)", _rows(proposals))
                connection.execute("CREATE INDEX proposal_of_line ON proposal (line)")
            return int(connection.execute("SELECT COUNT(*) FROM proposal").fetchone()[0])
        finally:
            connection.close()


def _rows(proposals: Sequence[Proposal]) -> Iterator[tuple[object, ...]]:
    for one in proposals:
        facts = (
            json.dumps(one.items),
            one.tier,
            one.automatic,
            one.score,
            json.dumps(one.scores),
            json.dumps(one.reasons),
            json.dumps(one.rivals),
            one.difference,
            one.books_to,
            one.returns,
        )
        for line in one.lines:
            yield (line, *facts)
