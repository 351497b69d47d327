"""The key store: one small file for each owner, in a folder of its own outside the database and outside its backups.

A copy of the database therefore holds no key at all, wrapped or not; once a file is gone from here, every copy of the
text it sealed is unreadable, however old. A key is on the disc before anything is sealed with it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from django.conf import settings

from gaf import ids

_ENDING = ".key"
_SHUT = ".shut"


class Shut(Exception):
    """This owner's key was destroyed for good; no other one is made."""


@dataclass(frozen=True)
class WrappedKey:
    """The key of one owner, such as case `C-7KQ2MXHA`, wrapped by the ring's key of this name."""

    owner: str
    wrapped: str
    wrapped_by: str


def _folder() -> Path:
    return Path(settings.GAF_KEY_FOLDER)


def _place(owner: str, ending: str = _ENDING) -> Path:
    return _folder() / (quote(owner, safe="") + ending)


def get(owner: str) -> WrappedKey | None:
    """The key of an owner, or None when there is none (any more)."""
    try:
        held = json.loads(_place(owner).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return WrappedKey(owner, held["wrapped"], held["wrapped_by"])


def get_or_put(fresh: WrappedKey) -> WrappedKey:
    """Keep a fresh key unless its owner has one, and give the one that counts; two at once get the same.

    Raises Shut where the owner's key was destroyed for good, also while this was going on.
    """
    known = get(fresh.owner)
    if known is not None:
        return known
    if is_shut(fresh.owner):
        raise Shut(fresh.owner)
    written = _written(fresh)
    try:
        os.link(written, _place(fresh.owner))
    except FileExistsError:
        pass
    finally:
        written.unlink()
    _settle()
    if is_shut(fresh.owner):
        destroy(fresh.owner)
        raise Shut(fresh.owner)
    kept = get(fresh.owner)
    return fresh if kept is None else kept


def put_all(fresh: Iterable[WrappedKey]) -> None:
    """Keep the first keys of many owners, all on the disc when this returns. Raises FileExistsError for an owner who
    has a key, and Shut for one whose key was destroyed for good."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for key in fresh:
        if is_shut(key.owner):
            raise Shut(key.owner)
        with os.fdopen(os.open(_place(key.owner), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(json.dumps({"wrapped": key.wrapped, "wrapped_by": key.wrapped_by}).encode())
    os.sync()


def replace(key: WrappedKey) -> None:
    """The same key in another wrapping, in the place of the old file."""
    written, place = _written(key), _place(key.owner)
    if place.exists():
        written.replace(place)
        _settle()
    else:
        written.unlink()


def destroy(owner: str) -> bool:
    """Write noughts over an owner's key and remove it. False when there was none."""
    place = _place(owner)
    try:
        with place.open("r+b") as held:
            held.write(bytes(place.stat().st_size))
            held.flush()
            os.fsync(held.fileno())
        place.unlink()
    except FileNotFoundError:
        return False
    _settle()
    return True


def shut(owner: str) -> None:
    """Destroy an owner's key for good: the name stays behind, so that no other key is ever made under it."""
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(_place(owner, _SHUT), os.O_WRONLY | os.O_CREAT, 0o600))
    _settle()
    destroy(owner)


def is_shut(owner: str) -> bool:
    """Whether an owner's key was destroyed for good."""
    return _place(owner, _SHUT).exists()


def shut_owners() -> Iterator[str]:
    """Everybody whose key was destroyed for good, in order."""
    for path in sorted(_folder().glob(f"*{_SHUT}")):
        yield unquote(path.name.removesuffix(_SHUT))


def owners() -> Iterator[str]:
    """Everybody who has a key, in order."""
    for path in sorted(_folder().glob(f"*{_ENDING}")):
        yield unquote(path.name.removesuffix(_ENDING))


def _written(key: WrappedKey) -> Path:
    """The key on the disc under a name nobody looks for yet."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{ids.random_key()}.part"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"wrapped": key.wrapped, "wrapped_by": key.wrapped_by}, file)
        file.flush()
        os.fsync(file.fileno())
    return path


def _settle() -> None:
    """A name that appeared or vanished is on the disc as well."""
    folder = os.open(_folder(), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
