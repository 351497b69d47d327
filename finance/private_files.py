"""Files nobody may guess or fetch by address: stored under random names, outside anything the web server serves."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from gaf import ids


def _path(name: str) -> Path:
    root = Path(settings.GAF_PRIVATE_FILES).resolve()
    path = (root / name).resolve()
    if root not in path.parents:
        raise ValueError("a stored name stays inside the private folder")
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the machine stops in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{ids.random_key()[:8]}")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def store_private(folder: str, content: bytes) -> str:
    """Store bytes under a new random name; returns the name."""
    name = f"{folder}/{ids.random_key()}"
    write_whole(_path(name), content)
    return name


def read_private(name: str) -> bytes:
    """The bytes stored under a name."""
    return _path(name).read_bytes()
