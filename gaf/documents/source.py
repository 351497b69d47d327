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
    return sorted(found for file, tree in modules() for found in _calls_in(file, tree, name, keyword))


def _calls_in(file: str, tree: ast.Module, name: str, keyword: str) -> Iterator[Found]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _name_of(node.func) == name:
                value = _text_given(node, keyword)
                if value is not None:
                    yield Found(value, file, function.name)


def _name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _text_given(call: ast.Call, keyword: str) -> str | None:
    given: list[ast.expr] = [word.value for word in call.keywords if word.arg == keyword] if keyword else call.args[:1]
    if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
        return given[0].value
    return None


def functions() -> dict[str, set[str]]:
    """The names of the functions and methods each file defines, and of its classes."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {file: {node.name for node in ast.walk(tree) if isinstance(node, kinds)} for file, tree in modules()}
