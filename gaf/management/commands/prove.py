"""Proves that no payment is lost, doubled or unexplained: plays schedules, faults, races and kills, all night.

`manage.py prove` is the nightly run and adds to docs/odometer.json; `--tier submission` is what each submission runs;
`--replay SEED` plays one schedule again and tells its story; `--bugs` puts each known mistake in and hunts it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from gaf import clock
from tests.private_cluster import NoServer, PrivateCluster
from tests.proof import odometer

# What part of the time each harness gets.
SHARES = {"schedules": 0.45, "crash points": 0.15, "pairs": 0.1, "restores": 0.15, "interleavings": 0.1, "kills": 0.05}


class Command(BaseCommand):
    """`manage.py prove [--seconds N] [--seeds N] [--tier submission] [--replay SEED] [--bugs]`."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """How long, how many, or which one."""
        parser.add_argument("--seconds", type=float, default=7200, help="How long, in all (two hours).")
        parser.add_argument("--seeds", type=int, default=10**9, help="At most so many of each kind.")
        parser.add_argument("--tier", choices=["nightly", "submission"], default="nightly")
        parser.add_argument("--replay", type=int, help="Play this seed once more and tell its story.")
        parser.add_argument("--forgets", action="store_true", help="With --replay: a seed of the restores.")
        parser.add_argument("--bugs", action="store_true", help="Hunt each known mistake; print when it was found.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Leave with 1 when anything was violated or a mistake was not found."""
        if options["replay"] is not None:
            sys.exit(_replay(options["replay"], options["forgets"]))
        if options["bugs"]:
            sys.exit(_hunt_all(options["seeds"]))
        if options["tier"] == "submission":
            sys.exit(_submission())
        sys.exit(self._nightly(options["seconds"], options["seeds"]))

    def _nightly(self, seconds: float, most: int) -> int:
        before = odometer.read()["survived"]
        survived: dict[str, int] = {}
        violations: list[str] = []
        for harness, share in SHARES.items():
            for outcome in _side_by_side(harness, before.get(harness, 0), seconds * share, most):
                survived[harness] = survived.get(harness, 0) + outcome["survived"]
                violations += [f"{harness}, seed {one}" for one in outcome["violations"]]
        kept = odometer.add(survived, len(violations), clock.today().isoformat())
        self.stdout.write(f"{'':<16}{'tonight':>10}{'by this code':>14}")
        for harness in SHARES:
            self.stdout.write(f"{harness:<16}{survived.get(harness, 0):>10}{kept['survived'].get(harness, 0):>14}")
        for one in violations:
            self.stdout.write(f"VIOLATION {one}")
        self.stdout.write(f"{sum(survived.values())} survived, {len(violations)} violations (code {kept['code']})")
        return 1 if violations else 0


def _environment() -> dict[str, str]:
    """The suite's own settings, and no database that the caller's environment names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GAF_DATABASE_")}
    return {**kept, "DJANGO_SETTINGS_MODULE": "gaf.settings.test"}


@contextmanager
def _database_of(harness: str) -> Iterator[dict[str, str]]:
    """Races are run on a private PostgreSQL where the machine has one; everything else brings its own SQLite."""
    if harness != "interleavings":
        yield {}
        return
    try:
        cluster = PrivateCluster()
    except NoServer:
        yield {}
        return
    with cluster:
        yield cluster.environment()


def _side_by_side(harness: str, first: int, seconds: float, most: int) -> list[dict[str, Any]]:
    """One process for each core, each with seeds of its own; one only where the machine itself is what races."""
    cores = 1 if harness in ("interleavings", "kills") else (os.cpu_count() or 1)
    each = max(1, most // cores)
    with _database_of(harness) as database:
        running = []
        for place in range(cores):
            begin = first + place * min(each, 10**6)
            words = [harness, "--first", str(begin), "--count", str(each), "--seconds", str(seconds)]
            command = [sys.executable, "-m", "tests.proof", "nightly", *words]
            environment = {**_environment(), **database}
            running.append(
                subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
            )
        return [_outcome(harness, process) for process in running]


def _outcome(harness: str, process: subprocess.Popen[str]) -> dict[str, Any]:
    said, _nothing = process.communicate()
    if process.returncode:
        return {"survived": 0, "violations": [f"none: {harness} broke off with {process.returncode}"]}
    outcome: dict[str, Any] = json.loads(said.splitlines()[-1])
    return outcome


def _own_process(words: Sequence[str]) -> int:
    return subprocess.run([sys.executable, *words], env=_environment(), cwd=settings.BASE_DIR, check=False).returncode


def _replay(seed: int, forgets: bool) -> int:
    return _own_process(["-m", "tests.proof", "replaying", str(seed), *(["--forgets"] if forgets else [])])


def _hunt_all(budget: int) -> int:
    return _own_process(["-m", "tests.proof", "hunting", str(min(budget, 2000))])


def _submission() -> int:
    return _own_process(["manage.py", "test", "--only", "proof"])
