"""`manage.py render_docs`: writes the documents that tell what the code says. `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gaf.documents.library import shelf, stale, write_all


class Command(BaseCommand):
    """State machines, permissions, postings, settings, topics, addresses, thresholds, guards; no database needed."""

    help = "Writes docs/generated from the code; --check exits with 1 and names what is not fresh."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` for machines; `--folder` for somewhere else."""
        parser.add_argument("--check", action="store_true", help="Change nothing; name what is not fresh.")
        parser.add_argument("--folder", type=Path, default=shelf(), help="Where the documents stand.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare; exit code 1 only when something compared is not fresh."""
        if not options["check"]:
            changed = write_all(options["folder"])
            self.stdout.write(f"written: {', '.join(changed)}" if changed else "everything was fresh")
            return
        not_fresh = stale(options["folder"])
        for name in not_fresh:
            self.stderr.write(f"{options['folder'].name}/{name} is not what the code says; run: manage.py render_docs")
        if not_fresh:
            sys.exit(1)
        self.stdout.write("the generated documents are fresh")
