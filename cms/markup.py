"""Reads the texts the site starts with: plain files a person can read and correct, turned into parts of a page.

`## ` begins a heading, `- ` a point, `1. ` a step, `= Term: ` a term, `! ` and `!! ` a callout, `Source: ` a source;
any other text is a paragraph, in which `[words](/address/)` is a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

Block = tuple[str, Any]
_LINK = re.compile(r"\[([^\]]+)\]\((/[^)\s]*)\)")
_MARKS = {
    "## ": "heading",
    "- ": "points",
    "1. ": "steps",
    "= ": "terms",
    "!! ": "warning",
    "! ": "note",
    "Source: ": "source",
}


@dataclass(frozen=True)
class Text:
    """One page as it is first published."""

    title: str
    summary: str
    belongs_to: str
    urgent: str
    you_need: list[str]
    body: list[Block]


def read_text(path: Path) -> Text:
    """The page in a file: `Title:`, `Summary:`, for guidance `Belongs to:`, an empty line, then the parts.

    The start page says `Urgent:` and `You need:` too, the things apart by bars.
    """
    head, _empty, rest = path.read_text(encoding="utf-8").partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    return Text(
        title=said["Title"],
        summary=said["Summary"],
        belongs_to=said.get("Belongs to", ""),
        urgent=said.get("Urgent", ""),
        you_need=[need.strip() for need in said.get("You need", "").split("|") if need.strip()],
        body=body_of(rest),
    )


def body_of(text: str) -> list[Block]:
    """The parts of a text in order, as a StreamField takes them."""
    body: list[Block] = []
    marked = (_marked(line) for line in text.splitlines())
    for kind, lines in groupby(marked, key=lambda line: line[0]):
        if kind:
            body.extend(_blocks(kind, [words for _kind, words in lines]))
    return body


def _marked(line: str) -> tuple[str, str]:
    for mark, kind in _MARKS.items():
        if line.startswith(mark):
            return kind, line.removeprefix(mark).strip()
    return ("paragraph", line.strip()) if line.strip() else ("", "")


def _blocks(kind: str, lines: list[str]) -> Iterator[Block]:
    if kind in {"points", "steps"}:
        yield kind, lines
    elif kind == "terms":
        yield kind, [{"term": term, "text": text} for term, text in (line.split(": ", 1) for line in lines)]
    elif kind in {"note", "warning"}:
        for line in lines:
            yield "callout", {"weight": kind, "text": line}
    elif kind == "paragraph":
        yield kind, f"<p>{_LINK.sub(_link, escape(' '.join(lines), quote=False))}</p>"
    else:
        for line in lines:
            yield kind, line


def _link(found: re.Match[str]) -> str:
    return f'<a href="{found[2]}">{found[1]}</a>'
