"""The list of threats in docs/threats.md: complete, and naming tests that exist."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = re.compile(r"\| (T\d\d) \| ([^|]+) \| (.+) \|")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [found.groups() for found in map(ROW.fullmatch, (ROOT / "docs/threats.md").read_text().splitlines()) if found]


@lru_cache(maxsize=64)
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


class TestTheListOfThreats:
    def test_has_every_number_once_and_in_order(self) -> None:
        assert [number for number, _threat, _shown in ROWS] == [f"T{number:02}" for number in range(1, 71)]

    def test_names_tests_that_exist(self) -> None:
        named = [one for _number, _threat, shown in ROWS for one in NAMED.findall(shown)]

        assert len(named) > 60
        assert [one for one in named if one[1] not in names_in(one[0])] == []

    def test_says_of_each_threat_what_shows_it_or_that_nothing_does_yet(self) -> None:
        silent = [number for number, _threat, shown in ROWS if not NAMED.search(shown) and "not shown yet" not in shown]

        assert silent == []
