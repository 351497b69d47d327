"""Runs the whole suite on SQLite, on a private PostgreSQL and in a browser; the last line says how many ran on each."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand

from tests.private_cluster import NoServer, PrivateCluster, new_folder

NOTHING_SELECTED = 5  # pytest's own exit code


@dataclass(frozen=True)
class Part:
    """One run of pytest: which tests, on what."""

    name: str
    title: str
    selection: str
    in_parallel: bool = True
    also_at_night: str = ""

    @property
    def at_night(self) -> Part:
        """The same with what takes too long for every submission, and nothing else."""
        slow = self.selection.replace("not nightly", "nightly")
        return replace(self, selection=f"({slow}) or ({self.also_at_night})" if self.also_at_night else slow)


PARTS = (
    Part("sqlite", "SQLite", "not postgres and not browser and not pages and not proof and not nightly"),
    Part("pages", "SQLite pages", "pages and not postgres and not browser and not nightly"),
    Part("postgresql", "PostgreSQL", "(both or postgres) and not proof and not nightly", also_at_night="both_at_night"),
    Part("proof", "proof", "proof and not postgres and not nightly"),
    Part("races-on-postgresql", "races on PostgreSQL", "proof and postgres and not nightly"),
    Part("browser", "browser", "browser and not nightly", in_parallel=False),
)


@dataclass(frozen=True)
class Outcome:
    """How many tests of one part passed, failed, were skipped, or could not run on this machine at all."""

    title: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    not_run: int = 0
    seconds: float = 0
    asked: bool = True
    broken: bool = False

    @property
    def in_words(self) -> str:
        """The part as the last line names it: `SQLite 800`, or `browser 12 NOT RUN`."""
        if not self.asked:
            return f"{self.title} not asked for"
        if self.broken:
            return f"{self.title} BROKE OFF"
        return f"{self.title} {self.not_run} NOT RUN" if self.not_run else f"{self.title} {self.passed + self.failed}"


class Command(BaseCommand):
    """`manage.py test [--only PART] [--nightly] [anything pytest understands]`; `--help` names the parts."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        """Keep `--only`, `--nightly` and `-m`, hand every other word to pytest as it is."""
        parser = argparse.ArgumentParser(prog="manage.py test", description=__doc__, allow_abbrev=False)
        parser.add_argument("--only", choices=[part.name for part in PARTS], help="run one part only")
        parser.add_argument("-m", dest="marked", default="", help="as in pytest; joined to each part's own selection")
        parser.add_argument("--nightly", action="store_true", help="run what is for the night instead")
        own, for_pytest = parser.parse_known_args(argv[2:])
        self.handle(*for_pytest, **vars(own))

    def handle(
        self, *for_pytest: str, only: str | None = None, marked: str = "", nightly: bool = False, **options: Any
    ) -> NoReturn:
        """Run the parts one after another, say what happened, and leave with 0 only when all is well."""
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it otherwise
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        outcomes: list[Outcome] = []
        try:
            for part in PARTS:
                asked = only in (None, part.name)
                chosen = part.at_night if nightly else part
                outcomes.append(_run(chosen, for_pytest, marked) if asked else Outcome(part.title, asked=False))
        except KeyboardInterrupt:
            outcomes.append(Outcome(part.title, broken=True))
        self.stdout.write(_table(outcomes))
        self.stdout.write(last_line(outcomes))
        self.stdout.flush()
        sys.exit(0 if is_well(outcomes) else 1)


def last_line(outcomes: Sequence[Outcome]) -> str:
    """`1234 passed, 0 failed (SQLite 800, PostgreSQL 300, browser 12)`."""
    passed, failed, skipped = (sum(getattr(one, name) for one in outcomes) for name in ("passed", "failed", "skipped"))
    skips = f", {skipped} skipped" if skipped else ""
    return f"{passed} passed, {failed} failed{skips} ({', '.join(one.in_words for one in outcomes)})"


def is_well(outcomes: Sequence[Outcome]) -> bool:
    """Nothing failed, something ran, and under CI nothing was left out because the machine could not run it."""
    if any(one.failed or one.broken for one in outcomes) or not any(one.passed for one in outcomes):
        return False
    return not (os.environ.get("CI") and any(one.not_run for one in outcomes))


def _run(part: Part, for_pytest: Sequence[str], marked: str) -> Outcome:
    print(f"\n── {part.title} ──", flush=True)  # noqa: T201
    selection = f"({part.selection}) and ({marked})" if marked else part.selection
    workers = str(os.cpu_count() or 1) if part.in_parallel else "0"
    command = [sys.executable, "-m", "pytest", "-m", selection, "-n", workers, "--dist", "worksteal", *for_pytest]
    started = time.monotonic()
    with _folder() as folder, _databases(part) as environment:
        tally = folder / "tally.json"
        code = _wait_for(command, {**environment, "TMPDIR": str(folder), "GAF_TEST_TALLY": str(tally)})
        counts = json.loads(tally.read_text()) if tally.exists() else {}
    broken = code not in (0, 1, NOTHING_SELECTED) or (code == 1 and not counts.get("failed"))
    return Outcome(part.title, **counts, seconds=time.monotonic() - started, broken=broken)


@contextmanager
def _folder() -> Iterator[Path]:
    """Where a part keeps its databases and files while it runs."""
    folder = new_folder("suite")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _databases(part: Part) -> Iterator[dict[str, str]]:
    """The environment of one part. No database that the caller's own environment names is ever touched."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GAF_DATABASE_")}
    if not part.name.endswith("postgresql"):
        yield environment
        return
    try:
        cluster = PrivateCluster()
    except NoServer as reason:
        yield {**environment, "GAF_TEST_NOT_RUN": str(reason)}
        return
    with cluster:
        yield {**environment, **cluster.environment()}


def _wait_for(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run pytest to its end; on Ctrl-C let it close its own database and browser before going on."""
    with subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def _table(outcomes: Sequence[Outcome]) -> str:
    """One row a part, for people."""
    rows = [f"\n{'':<22}{'passed':>8}{'failed':>8}{'skipped':>9}{'not run':>9}{'seconds':>9}"]
    for one in outcomes:
        counts = f"{one.passed:>8}{one.failed:>8}{one.skipped:>9}{one.not_run:>9}{one.seconds:>9.0f}"
        rows.append(f"{one.title:<22}{counts if one.asked else 'not asked for':>8}")
    return "\n".join(rows) + "\n"
