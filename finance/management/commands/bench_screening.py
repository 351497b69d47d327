"""Measures screening on a consolidated list: names found although distorted, honest names stopped, names a second."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from finance.screening.bench import measure


class Command(BaseCommand):
    """`manage.py bench_screening FILE [--seed N] [--json]`: reads the file, keeps nothing of it."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The list, the seed of the names that are asked, and JSON for machines."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, seed: int, **options: Any) -> None:
        """Measure and print."""
        figures = measure(file.read_bytes(), seed=seed)
        told = {**asdict(figures), "recall": figures.recall, "alerts": figures.alerts}
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(
            f"{figures.individuals} people, {figures.entities} entities, {figures.names} names; "
            f"read in {figures.read_seconds:.2f} s, indexed in {figures.index_seconds:.3f} s\n"
            f"found {figures.found} of {figures.distorted} distorted names ({figures.recall:.1%})\n"
            f"stopped {figures.stopped} of {figures.honest} honest names ({figures.alerts:.1%})\n"
            f"{figures.names_a_second:.0f} names a second"
        )
