"""A story told once is not acted out again: what it wrote is written again, statement by statement.

Most specifications begin with the same few stories, and acting them out through the real actions took most of the
suite's time. So the first telling on a worker records every statement that wrote something, the files it left and the
mails it sent; the next telling *from exactly the same state* replays them, triggers and constraints included, and
returns an equal answer. The state is known by a digest of all that was written since the test began. Where it cannot
be known (PostgreSQL, whose sequences do not go back, real commits, something rolled back before) the story is simply
acted out.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.core import mail
from django.db import connection

from gaf import clock

P = ParamSpec("P")
R = TypeVar("R")
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_STEPS = ("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "EXPLAIN")


@dataclass(frozen=True)
class Telling:
    """What one telling left: statements in order, files by their path, mails, and the answer."""

    statements: list[tuple[str, Any]]
    files: dict[Path, bytes]
    keys: dict[Path, bytes]
    mails: list[Any]
    answer: bytes


class Watch:
    """Follows what this process writes to its database, from the beginning of each test."""

    def __init__(self) -> None:
        """Nothing is known until a test begins."""
        self.begin()

    def begin(self) -> None:
        """A test begins, from the template's state."""
        self.digest = hashlib.sha256()
        self.is_known = True
        self.written: list[tuple[str, Any]] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict) -> Any:
        """See one statement on its way to the database."""
        word = sql.lstrip()[:9].upper()
        if word.startswith(_WRITES) and not many:
            params = tuple(params) if params is not None else None
            self.digest.update(f"{sql}|{params!r}\n".encode())
            self.written.append((sql, params))
        elif not word.startswith(_STEPS):
            self.is_known = False  # rolled back, or nothing this watch understands
        return execute(sql, params, many, context)


_watch = Watch()
_tellings: dict[tuple[Any, ...], Telling] = {}
# The keys that stories told again have given since the test began, in their order.
_given: list[tuple[Path, bytes]] = []


def watch_from_here() -> None:
    """A test begins: whatever it writes from here on is followed."""
    _watch.begin()
    _given.clear()
    if connection.vendor == "sqlite" and _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def watch_no_more() -> None:
    """What is written from here on is no story: until the next test begins nothing is followed."""
    _watch.is_known = False
    if _watch in connection.execute_wrappers:
        connection.execute_wrappers.remove(_watch)


def told_once(story: Callable[P, R]) -> Callable[P, R]:
    """Act the story out the first time from a state, and write what it wrote whenever it is told from there again."""

    @functools.wraps(story)
    def tell(*args: P.args, **kwargs: P.kwargs) -> R:
        if not (_watch.is_known and connection.in_atomic_block and _watch in connection.execute_wrappers):
            return story(*args, **kwargs)
        key = (story.__qualname__, repr(args), repr(sorted(kwargs.items())), *_where_we_stand())
        if key in _tellings:
            return _tell_again(_tellings[key])
        return _tell_first(key, lambda: story(*args, **kwargs))

    return tell


def _where_we_stand() -> tuple[Any, ...]:
    files = tuple(sorted((str(path), len(content)) for path, content in _files().items()))
    return _watch.digest.hexdigest(), clock.now(), files, settings.GAF_SEALING_KEYS


def _folders() -> list[Path]:
    return [Path(settings.GAF_PRIVATE_FILES), Path(settings.GAF_BANK_FOLDER)]


def _files() -> dict[Path, bytes]:
    """Every file of the fund and its bank, named from the folder they share with the test."""
    found: dict[Path, bytes] = {}
    for place, folder in enumerate(_folders()):
        for path in folder.rglob("*") if folder.is_dir() else ():
            if path.is_file():
                found[Path(str(place)) / path.relative_to(folder)] = path.read_bytes()
    return found


def _keys() -> dict[Path, bytes]:
    """Every key of a case. They are no part of where we stand: none of them is asked for by its neighbours."""
    return {path: path.read_bytes() for path in Path(settings.GAF_KEY_FOLDER).glob("*.key")}


def _tell_first(key: tuple[Any, ...], story: Callable[[], R]) -> R:
    keys, given = _keys(), len(_given)
    begun, sent = len(_watch.written), len(getattr(mail, "outbox", []))
    answer = story()
    if _watch.is_known:
        mails = list(getattr(mail, "outbox", []))[sent:]
        # A story told again within this one gave its keys anew, and they may lie there from a test before.
        used = {**dict(_given[given:]), **_keys_since(keys)}
        _tellings[key] = Telling(_watch.written[begun:], _files(), used, mails, pickle.dumps(answer))
    return answer


def _keys_since(before: dict[Path, bytes]) -> dict[Path, bytes]:
    return {path: key for path, key in _keys().items() if path not in before}


def _tell_again(telling: Telling) -> Any:
    with connection.cursor() as cursor:
        for sql, params in telling.statements:
            cursor.execute(sql, params)
    _given.extend(telling.keys.items())
    for path, key in telling.keys.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(key)
        path.with_suffix(".shut").unlink(missing_ok=True)  # a test before this one erased a case of the same name
    before = _files()
    for path, content in telling.files.items():
        if before.get(path) != content:
            target = _folders()[int(path.parts[0])].joinpath(*path.parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for path in before.keys() - telling.files.keys():
        _folders()[int(path.parts[0])].joinpath(*path.parts[1:]).unlink()
    getattr(mail, "outbox", []).extend(telling.mails)
    return pickle.loads(telling.answer)
