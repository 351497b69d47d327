"""A whole database in memory that is put back in under a millisecond, and everything random made to follow a seed."""

from __future__ import annotations

import copy
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import connection, connections

import gaf.ids
from tests.private_cluster import new_folder
from tests.template_database import SQLiteTemplate, use


class _Seeded:
    """Stands in for `secrets`, so that a schedule makes the same keys each time it is played."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.choice = self._random.choice

    def token_hex(self, length: int) -> str:
        return self._random.randbytes(length).hex()


def make_keys_follow(seed: int) -> None:
    """From here on every random key follows from this number."""
    gaf.ids.secrets = _Seeded(seed)  # type: ignore[assignment]


def snapshot() -> bytes:
    """The whole database as it is."""
    return connection.connection.serialize()


def put_back(kept: bytes) -> None:
    """The database as it was."""
    connection.connection.deserialize(kept)


@contextmanager
def database_in_memory() -> Iterator[Path]:
    """Django works on a migrated database in memory; gives a folder in memory for files. Puts all back afterwards."""
    before = {name: getattr(settings, name) for name in ("GAF_PRIVATE_FILES", "GAF_BANK_FOLDER")}
    before_name, secrets = connections.settings["default"]["NAME"], gaf.ids.secrets
    folder = new_folder("proof")
    try:
        _open_copy(folder)
        yield folder
    finally:
        connection.close()
        if connection.connection is not None:  # a database in memory is not closed by close()
            connection.connection.close()
            connection.connection = None
        use(str(before_name))
        gaf.ids.secrets = secrets
        for name, value in before.items():
            setattr(settings, name, value)
        shutil.rmtree(folder, ignore_errors=True)


def _open_copy(folder: Path) -> None:
    template = SQLiteTemplate(str(folder / "copy.sqlite3"))
    template.lend_copy()
    connections.close_all()
    with sqlite3.connect(folder / "copy.sqlite3") as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
        whole = plain.serialize()
    plain.close()
    use(":memory:")
    connection.ensure_connection()
    put_back(whole)
    connection.connection.execute("PRAGMA foreign_keys=ON")
    connection.connection.execute("PRAGMA recursive_triggers=ON")


def use_folder(folder: Path) -> None:
    """Files of one schedule: none are left from the one before."""
    shutil.rmtree(folder / "private", ignore_errors=True)
    shutil.rmtree(folder / "bank", ignore_errors=True)
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = folder / "private", folder / "bank"
    mail.outbox = []


@dataclass
class Moment:
    """Everything that a schedule has outside its own objects, as it was: database, files, mails, keys to come."""

    database: bytes
    files: dict[Path, bytes]
    mails: list[Any]
    keys: Any

    @classmethod
    def keep(cls) -> Moment:
        """As it is now."""
        files = {path: path.read_bytes() for folder in _folders() for path in folder.rglob("*") if path.is_file()}
        return cls(snapshot(), files, list(mail.outbox), copy.deepcopy(gaf.ids.secrets))

    def come_back(self) -> None:
        """Everything is as it was."""
        put_back(self.database)
        for folder in _folders():
            shutil.rmtree(folder, ignore_errors=True)
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        mail.outbox = list(self.mails)
        gaf.ids.secrets = copy.deepcopy(self.keys)


def _folders() -> list[Path]:
    return [Path(settings.GAF_PRIVATE_FILES), Path(settings.GAF_BANK_FOLDER)]
