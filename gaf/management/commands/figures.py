"""`manage.py figures`: measures pages and lives on a database of its own and prints them for docs/figures.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf import clock
from gaf.demo.figures import as_table, measure
from gaf.demo.playing import NotTheDemo, require_own_database, start_clean, the_stage


class Command(BaseCommand):
    """Figures, with the machine and the day; never asserted, since time on shared machines is noisy."""

    help = "Prints queries and bytes per page at 20 and at many requests, and whole lives per second."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--requests` is the larger number."""
        parser.add_argument("--requests", type=int, default=2000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Builds the demo's database anew, without its stories."""
        try:
            folder = require_own_database()
        except NotTheDemo as refusal:
            raise CommandError(str(refusal)) from refusal
        start_clean(folder)
        with the_stage(folder) as stage:
            stage.moment = stage.at("2026-10-06 09:00")
            figures = measure(stage, options["requests"])
        self.stdout.write(f"Measured on {clock.today().isoformat()}.\n\n{as_table(figures)}")
