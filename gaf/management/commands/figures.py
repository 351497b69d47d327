"""`manage.py figures`: measures pages and lives on a database of its own and prints them for docs/figures.md."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from gaf import clock
from gaf.demo.figures import as_table, measure
from gaf.demo.playing import NotTheDemo, require_own_database, start_clean, the_stage


class Command(BaseCommand):
    """Figures, with the machine and the day; never asserted, since time on shared machines is noisy."""

    help = "Prints queries and bytes per page at 20 and at many requests, and whole lives per second."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--requests` is the larger number; `--on postgresql` measures on a private cluster."""
        parser.add_argument("--requests", type=int, default=2000)
        parser.add_argument("--on", choices=["sqlite", "postgresql", "empty-database"], default="sqlite")

    def handle(self, *args: Any, **options: Any) -> None:
        """Builds the demo's database anew, without its stories; or does the same on PostgreSQL."""
        if options["on"] == "postgresql":
            _on_a_private_cluster(options["requests"])
            return
        folder = self._empty_database() if options["on"] == "empty-database" else self._demo_database()
        with the_stage(folder) as stage:
            stage.moment = stage.at("2026-10-09 09:00")
            figures = measure(stage, options["requests"])
        self.stdout.write(f"Measured on {clock.today().isoformat()}.\n\n{as_table(figures)}")

    def _demo_database(self) -> Path:
        try:
            folder = require_own_database()
        except NotTheDemo as refusal:
            raise CommandError(str(refusal)) from refusal
        start_clean(folder)
        return folder

    def _empty_database(self) -> Path:
        if connection.introspection.table_names():
            raise CommandError("This database is not empty; figures are measured on one of their own.")
        call_command("migrate", verbosity=0, interactive=False)
        return Path(settings.GAF_PRIVATE_FILES).parent


def _on_a_private_cluster(requests: int) -> None:
    """Start a PostgreSQL of our own, measure there in a second process, and stop it."""
    from tests.private_cluster import PrivateCluster

    with PrivateCluster() as cluster, TemporaryDirectory(prefix="gaf-figures-") as files:
        environment = {
            **os.environ,
            **cluster.environment(),
            "DJANGO_SETTINGS_MODULE": "gaf.settings.test",
            "GAF_TEST_FILES": files,
        }
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "figures"]
        subprocess.run([*command, "--on", "empty-database", "--requests", str(requests)], env=environment, check=True)
