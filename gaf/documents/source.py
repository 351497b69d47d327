"""Finds in the code where something is done: which function posts a journal, promises a message, asks a limit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

ROOMS = ("gaf", "finance", "workflow", "cms")


@dataclass(frozen=True, order=True)
class Found:
    """A call found in the code: the text it was given, the file it stands in, the function around it."""

    value: str
    file: str
    function: str


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of the rooms with its path from the top of the repository; migrations are left out."""
    found = []
    for room in ROOMS:
        for path in sorted((Path(settings.BASE_DIR) / room).rglob("*.py")):
            if "migrations" not in path.parts:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                found.append((path.relative_to(settings.BASE_DIR).as_posix(), tree))
    return tuple(found)


def calls(name: str, *, keyword: str = "") -> list[Found]:
    """Every call of `name` with a text written out as its first argument (or as the named one)."""
    found = []
    for file, function, call in _calls_by_name().get(name, []):
        value = _text_given(call, keyword)
        if value is not None:
            found.append(Found(value, file, function))
    return sorted(found)


@cache
def _calls_by_name() -> dict[str, list[tuple[str, str, ast.Call]]]:
    """Every call inside a function, by the name that is called: its file, its function, itself."""
    found: dict[str, list[tuple[str, str, ast.Call]]] = {}
    for file, tree in modules():
        for function, call in _calls_in(tree):
            found.setdefault(_name_of(call.func), []).append((file, function, call))
    return found


def _calls_in(node: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Calls below a node, each with the innermost function around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _calls_in(child, child.name)
            continue
        if isinstance(child, ast.Call) and function:
            yield function, child
        yield from _calls_in(child, function)


def _name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _text_given(call: ast.Call, keyword: str) -> str | None:
    given: list[ast.expr] = [word.value for word in call.keywords if word.arg == keyword] if keyword else call.args[:1]
    if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
        return given[0].value
    return None
