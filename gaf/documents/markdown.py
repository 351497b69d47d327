"""Markdown, as little of it as the generated documents need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

BY_A_COMMAND = "<!-- Written by `manage.py render_docs` from the code. Change the code, then run the command. -->"


def page(title: str, introduction: str, *parts: str) -> str:
    """A whole document: its origin, its title, a paragraph that says what it is for, and its parts."""
    return "\n\n".join([BY_A_COMMAND, f"# {title}", introduction, *parts]) + "\n"


def section(title: str, *parts: str) -> str:
    """A part of a document with a heading of its own."""
    return "\n\n".join([f"## {title}", *parts])


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "–") -> str:
    """A table; a cell's own bars are written so that they do not end it, and an empty cell shows `empty`."""
    lines = [_row(heads), "|" + " --- |" * len(heads)]
    return "\n".join([*lines, *(_row([_cell(cell) or empty for cell in row]) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """A name as it stands in the code."""
    return f"`{value}`"


def codes(values: Iterable[object]) -> str:
    """Several names as they stand in the code."""
    return ", ".join(code(value) for value in values)
