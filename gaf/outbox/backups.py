"""Backups do not fail in silence: the worker looks for the newest one that is whole, and tells when it is old.

Making backups is the machine's work. Of a copy of a SQLite database it is tried whether it opens and is whole; of other
files only that they are not empty.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from gaf import clock
from gaf.accounts.queries import people_with
from gaf.accounts.roles import Role
from gaf.decisions.models import Threshold
from gaf.notices import tell
from gaf.outbox.models import BackupWatch
from gaf.outbox.sweeps import sweeps

WATCHED = "database"
SETTLED = timedelta(minutes=5)  # a younger file may still be written
_USUAL = 26  # hours, until the fund says otherwise
_SQLITE = b"SQLite format 3\x00"


def files() -> list[tuple[datetime, Path]]:
    """Every backup in the folder that is not being written any more, the newest first."""
    folder = Path(settings.GAF_BACKUP_FOLDER)
    if not settings.GAF_BACKUP_FOLDER or not folder.is_dir():
        return []
    found = [
        (datetime.fromtimestamp(path.stat().st_mtime, UTC), path)
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".")
    ]
    return sorted((one for one in found if one[0] <= clock.now() - SETTLED), reverse=True)


def is_whole(path: Path) -> bool:
    """Whether a backup could be put back, as far as that is seen without doing it."""
    stat = path.stat()
    return _is_whole(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _is_whole(path: Path, _changed: int, size: int) -> bool:
    """Each file is tried once."""
    with path.open("rb") as stream:
        is_sqlite = stream.read(len(_SQLITE)) == _SQLITE
    if not is_sqlite:
        return size > 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as opened:
            return opened.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False


def newest_whole() -> datetime | None:
    """When the newest backup that is whole was made."""
    return next((made_at for made_at, path in files() if is_whole(path)), None)


def trouble() -> str:
    """What is wrong with the backups in one word; empty when nothing is."""
    if not settings.GAF_BACKUP_FOLDER:
        return "not watched"
    found = files()
    if not found:
        return "missing"
    if not is_whole(found[0][1]):
        return "damaged"
    return "old" if clock.now() - found[0][0] > _most() else ""


def _most() -> timedelta:
    rows = Threshold.objects.filter(code="age_backup_hours", effective_from__lte=clock.today())
    hours = rows.order_by("-effective_from").values_list("value", flat=True).first()
    return timedelta(hours=_USUAL if hours is None else hours)


@sweeps
def look_for_backups() -> str:
    """Keep when the newest whole backup was made, and tell the system administrators once a day what is wrong."""
    if not settings.GAF_BACKUP_FOLDER:
        return ""
    with transaction.atomic():
        made_at = newest_whole()
        watch, _new = BackupWatch.objects.get_or_create(key=WATCHED, defaults={"made_at": made_at or clock.now()})
        if made_at is not None and made_at > watch.made_at:
            watch.made_at = made_at
            watch.save(update_fields=["made_at"])
        wrong = trouble()
        # A new installation has a first day to make its first backup.
        if wrong == "missing" and clock.now() - watch.made_at <= _most():
            return ""
        if wrong:
            people = people_with(Role.SYSTEM_ADMINISTRATOR)
            tell(people, "backup_failing", reference="", path="/", key=f"{wrong}:{clock.today()}", to_all=True)
    return wrong
