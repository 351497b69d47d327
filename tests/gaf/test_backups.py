"""Backups that are missing, old or damaged are told, wherever somebody may look (T65)."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail

from gaf import clock
from gaf.accounts.roles import Role
from gaf.ages import Overdue
from gaf.checks import backups_are_watched
from gaf.outbox.backups import look_for_backups
from gaf.outbox.outbox import drain
from tests import stories
from tests.cast import people
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.pages.headquarters.visits import signed_in, text_of

pytestmark = pytest.mark.usefixtures("house")

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    people("Tunde", "Omar")
    settings.GAF_BACKUP_FOLDER = str(tmp_path)
    return tmp_path


def make_backup(folder: Path, ago: timedelta, name: str = "whole.sqlite3") -> Path:
    path = folder / name
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("CREATE TABLE kept (word TEXT)")
        copy.executemany("INSERT INTO kept VALUES (?)", [("x" * 3000,) for _ in range(20)])
        copy.commit()
    return made(path, ago)


def made(path: Path, ago: timedelta) -> Path:
    moment = (clock.now() - ago).timestamp()
    os.utime(path, (moment, moment))
    return path


def seen_by_who_watches(client) -> str:
    return client.get("/healthz").content.decode()


class TestABackup:
    def test_t65_that_is_whole_and_new_is_not_spoken_of(self, folder, client):
        make_backup(folder, HOUR)

        assert look_for_backups() == ""
        assert seen_by_who_watches(client) == "ok\nbackups: good\n"
        assert stories.told("backup_failing") == set()
        assert Overdue().counts().get(Role.SYSTEM_ADMINISTRATOR, 0) == 0

    def test_t65_is_told_once_a_day_until_there_is_one_again(self, folder):
        make_backup(folder, HOUR)
        look_for_backups()

        with clock.at(clock.now() + 2 * DAY):
            assert [look_for_backups(), look_for_backups()] == ["old", "old"]
            drain()
        assert [one.to for one in mail.outbox] == [["tunde@gaf.example"]]
        with clock.at(clock.now() + 3 * DAY):
            assert look_for_backups() == "old"
            drain()
            make_backup(folder, HOUR, "next.sqlite3")
            assert look_for_backups() == ""
        assert len(mail.outbox) == 2

    def test_t65_that_was_never_made_is_told_after_the_first_day(self, folder):
        assert look_for_backups() == ""

        with clock.at(clock.now() + 2 * DAY):
            assert look_for_backups() == "missing"
        assert stories.told("backup_failing") == {"Tunde"}

    @pytest.mark.parametrize("harm", ["cut", "overwritten", "empty"])
    def test_t65_that_does_not_open_is_told_at_once(self, folder, harm):
        make_backup(folder, DAY)
        newest = make_backup(folder, HOUR, "newest.sqlite3")
        content = newest.read_bytes()
        half = len(content) // 2
        newest.write_bytes({"cut": content[:half], "overwritten": content[:100] + b"\0" * half, "empty": b""}[harm])
        made(newest, HOUR)

        assert look_for_backups() == "damaged"
        assert stories.told("backup_failing") == {"Tunde"}

    def test_t65_that_is_still_being_written_is_not_judged(self, folder):
        make_backup(folder, HOUR)
        made(folder / "whole.sqlite3", HOUR)
        (folder / "next.sqlite3").write_bytes(b"SQLite format 3\x00 and no more yet")
        made(folder / "next.sqlite3", timedelta(minutes=1))

        assert look_for_backups() == ""

    def test_t65_stands_among_what_is_overdue_with_its_owner(self, folder):
        make_backup(folder, HOUR)
        look_for_backups()

        with clock.at(clock.now() + 2 * DAY):
            found = [one for one in Overdue().oldest(50) if one.kind.name == "backup"]
            page = text_of(signed_in("Omar").get("/overdue/"))

        assert [(one.subject, one.age.owner) for one in found] == [("database", Role.SYSTEM_ADMINISTRATOR)]
        assert "See why no backup was made since" in page

    def test_t65_is_seen_by_who_watches_the_site_and_before_a_deployment(self, folder, client, settings):
        assert seen_by_who_watches(client) == "ok\nbackups: missing\n"
        assert [one.id for one in backups_are_watched(None)] == ["GAF-W002"]
        make_backup(folder, HOUR)
        assert backups_are_watched(None) == []
        settings.GAF_BACKUP_FOLDER = ""
        assert [one.id for one in backups_are_watched(None)] == ["GAF-W001"]
        assert seen_by_who_watches(client) == "ok\nbackups: not watched\n"
