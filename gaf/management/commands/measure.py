"""`manage.py measure`: what each page of each role costs on the database in use, for docs/figures.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf import clock
from gaf.demo.figures import machine
from gaf.demo.measuring import Measuring, as_rows
from gaf.installation.rehearsal import require_training
from gaf.refusals import Refusal
from workflow.models import AssistanceRequest


class Command(BaseCommand):
    """Reads every page each role's bar leads to, and tries acts that are undone at once."""

    help = (
        "Prints statements, kB of HTML and milliseconds of CPU for every page of every role, for records and for acts, "
        "which are undone at once. CPU is this process's, also as a multiple of what a plain Django page with sign-in "
        "and one query takes at that moment, and PostgreSQL's, where it runs beside it. For training only, as "
        "load_volume."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--times`: how often each page is asked for its CPU."""
        parser.add_argument("--times", type=int, default=5, help="How often a page is asked for; 5 when not said.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints Markdown."""
        try:
            require_training()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        measuring = Measuring(options["times"])
        if not {"auditor", "fund_manager"} <= set(measuring.people):
            raise CommandError("Nobody holds the roles whose pages are measured; run load_volume first.")
        count = AssistanceRequest.objects.count()
        self.stdout.write(f"{clock.today().isoformat()}, {machine()}, {count:,} requests\n\n")
        self.stdout.write(as_rows([*measuring.pages(), *measuring.acts()]))
