"""One migrated database per set of migrations, and a copy of it for every worker.

Migrating everything takes about ten seconds, so it is done once: the migrated *template* is kept in `.cache/`, named
for what it was made from. Each worker works on a copy. A test that really commits gives its copy back by replacing it:
emptying tables would fail, because decisions and journals are append-only by trigger.
"""

from __future__ import annotations

import ast
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

CACHE = settings.BASE_DIR / ".cache" / "test-databases"
OUR_ROOMS = ("gaf", "workflow", "finance", "cms")
KEPT_FOR_SECONDS = 7 * 24 * 3600


class TemplateDatabase(ABC):
    """A migrated database that is never worked on, and the copy that this process works on."""

    lock: Path

    def __init__(self, name: str) -> None:
        """Call the copy `name`."""
        self.name = name

    def lend_copy(self) -> None:
        """Point Django at a fresh copy, migrating the template first where nobody has."""
        CACHE.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(self.lock):
            self.ensure_template()
        self.replace_copy()

    @abstractmethod
    def ensure_template(self) -> None:
        """Make the migrated template, unless there is one."""

    @abstractmethod
    def replace_copy(self) -> None:
        """Throw this process's copy away and copy the template again."""

    @abstractmethod
    def take_back(self) -> None:
        """Remove this process's copy."""


class SQLiteTemplate(TemplateDatabase):
    """The template is a file, and so is the copy."""

    def __init__(self, name: str) -> None:
        """Whoever wants the same template waits for the one who makes it."""
        super().__init__(name)
        self.lock = CACHE / f"{fingerprint()}.lock"

    @property
    def template(self) -> Path:
        """The migrated file."""
        return CACHE / f"{fingerprint()}.sqlite3"

    def ensure_template(self) -> None:
        """Migrate a file beside this worker's copy and move it here, so that a template is always whole."""
        if self.template.exists():
            os.utime(self.template)
            return
        _remove_old_templates()
        use(f"{self.name}.template")
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        unfinished = self.template.with_suffix(".unfinished")
        shutil.move(f"{self.name}.template", unfinished)
        unfinished.rename(self.template)

    def replace_copy(self) -> None:
        """A new file in the old one's place: whoever still holds the old one open can no longer harm the new."""
        use(self.name)
        self._remove(Path(self.name))
        shutil.copyfile(self.template, self.name)

    def take_back(self) -> None:
        """Remove the file and its journals."""
        connections.close_all()
        self._remove(Path(self.name))

    @staticmethod
    def _remove(database: Path) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{database}{ending}").unlink(missing_ok=True)


class PostgreSQLTemplate(TemplateDatabase):
    """The template is a database of the private cluster, restored from a dump kept between runs."""

    template = "gaf_template"

    def __init__(self, name: str) -> None:
        """Remember the cluster's address; Django is about to be pointed elsewhere."""
        super().__init__(name)
        self.server = dict(connections.settings["default"])
        self.lock = Path(self.server["HOST"]) / "template.lock"
        self.copies: list[str] = []

    def ensure_template(self) -> None:
        """Restore the kept dump; where there is none, migrate and keep one."""
        if self._rows("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [self.template]):
            return
        self._do(f"DROP DATABASE IF EXISTS {self.template}", f"CREATE DATABASE {self.template}")
        release = self._rows("SHOW server_version_num", [])[0][0]
        dump = CACHE / f"{fingerprint()}.postgresql-{release}"
        if dump.exists():
            os.utime(dump)
            self._call("pg_restore", "--no-owner", "--exit-on-error", "--dbname", self.template, str(dump))
        else:
            _remove_old_templates()
            use(self.template)
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            unfinished = dump.with_suffix(f".unfinished-{os.getpid()}")
            self._call("pg_dump", "--format=custom", "--file", str(unfinished), self.template)
            unfinished.rename(dump)
        self._do(f"ALTER DATABASE {self.template} IS_TEMPLATE true")

    def replace_copy(self) -> None:
        """Copy the template's files under a new name; the copy before goes when its last connections have ended.

        Dropping it at once would wait a tenth of a second and more for them, after each test.
        """
        self.copies.append(f"{self.name}_{len(self.copies)}")
        use(self.copies[-1])
        drops = [f"DROP DATABASE {name} WITH (FORCE)" for name in self.copies[-3:-2]]
        self._do(*drops, f"CREATE DATABASE {self.copies[-1]} TEMPLATE {self.template}")

    def take_back(self) -> None:
        """Drop the last two copies; the cluster itself goes with the run."""
        connections.close_all()
        self._do(*(f"DROP DATABASE {name} WITH (FORCE)" for name in self.copies[-2:]))

    def _connect(self):
        import psycopg

        server = self.server
        return psycopg.connect(
            host=server["HOST"], port=server["PORT"], user=server["USER"], dbname="postgres", autocommit=True
        )

    def _do(self, *commands: str) -> None:
        with self._connect() as admin:
            for command in commands:
                admin.execute(command)

    def _rows(self, question: str, values: list[str]) -> list[tuple]:
        with self._connect() as admin:
            return admin.execute(question, values).fetchall()

    def _call(self, program: str, *words: str) -> None:
        folder = os.environ.get("GAF_TEST_POSTGRESQL_PROGRAMS", "")
        address = ["--host", self.server["HOST"], "--port", self.server["PORT"], "--username", self.server["USER"]]
        outcome = subprocess.run(
            [os.path.join(folder, program), *address, *words], capture_output=True, text=True, check=False
        )
        if outcome.returncode:
            raise RuntimeError(f"{program} failed: {outcome.stderr}")


def use(name: str) -> None:
    """Point Django's default connection, in every thread, at the database called `name`."""
    connections.close_all()
    connections.settings["default"]["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


@functools.cache
def fingerprint() -> str:
    """A digest of what a migrated database is made from: settings, fixtures, migrations, guards, what those import."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(f"{path}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> set[Path]:
    found = set((settings.BASE_DIR / "gaf" / "settings").glob("*.py"))
    found |= set((settings.BASE_DIR / "fixtures").rglob("*.*"))
    for app in apps.get_app_configs():
        folder = Path(app.path)
        migrations = {path for path in (folder / "migrations").rglob("*") if path.suffix in {".py", ".sql", ".json"}}
        found |= migrations
        if app.name.split(".")[0] in OUR_ROOMS:  # ours also install triggers after migrating
            own = migrations | {path for name in ("apps.py", "guards.py") if (path := folder / name).exists()}
            found |= own.union(*(_own_modules_imported_by(path) for path in own))
    return found


def _own_modules_imported_by(path: Path) -> set[Path]:
    """Files of our own that a migration or a guard takes its SQL or its rows from."""
    if path.suffix != ".py":
        return set()
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    own = {name.replace(".", "/") for name in names if name.split(".")[0] in OUR_ROOMS}
    candidates = {settings.BASE_DIR / f"{name}.py" for name in own}
    return {path for path in candidates if path.exists()}


def _remove_old_templates() -> None:
    for path in CACHE.iterdir():
        if time.time() - path.stat().st_mtime > KEPT_FOR_SECONDS:
            path.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
