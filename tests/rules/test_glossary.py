"""The glossary decides what a thing is called: each term once, each code name one that the code really has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gaf.documents.source import modules

GLOSSARY = Path(__file__).resolve().parent.parent.parent / "docs" / "glossary.md"
ROW = re.compile(r"^\| ([^|]+) \| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", flags=re.MULTILINE)
ROWS = ROW.findall(GLOSSARY.read_text(encoding="utf-8"))


def names_in_the_code() -> set[str]:
    """Classes, functions, names that are given a value, and codes written as texts."""
    names: set[str] = set()
    for _file, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Name | ast.Attribute):
                names.add(node.id if isinstance(node, ast.Name) else node.attr)
    return names


class TestTheGlossary:
    def test_reads_every_row_of_its_tables(self) -> None:
        lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
        heads = [line for line in lines if line.startswith(("| Term", "| ---"))]

        assert len(ROWS) == len(lines) - len(heads)

    def test_has_each_term_once(self) -> None:
        terms = [row[0] for row in ROWS]

        assert sorted(terms) == sorted(set(terms))

    def test_has_each_code_name_once(self) -> None:
        codes = [row[1] for row in ROWS]

        assert sorted(codes) == sorted(set(codes))

    def test_names_only_what_the_code_has(self) -> None:
        assert {row[1] for row in ROWS} - names_in_the_code() == set()

    @pytest.mark.parametrize("word", ["Obligation", "Payout", "Transfer", "Beneficiary", "Invoice"])
    def test_its_avoided_words_name_nothing_of_ours(self, word: str) -> None:
        classes = {
            node.name
            for file, tree in modules()
            if "stripe" not in file
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
        }

        # A case does go from one mission to another; money does not.
        assert {name for name in classes if word in name.replace("CaseTransfer", "")} == set()
