"""`manage.py measure`: what each page of each role costs on the database in use, for docs/figures.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf import clock
from gaf.demo.figures import machine
from gaf.demo.measuring import Measuring, as_rows
from gaf.demo.served import PLAIN, SITE, NotServed, served
from gaf.installation.rehearsal import require_training
from gaf.refusals import Refusal
from workflow.models import AssistanceRequest


class Command(BaseCommand):
    """Reads every page each role's bar leads to, and tries acts that are undone at once."""

    help = (
        "Prints statements, kB of HTML and milliseconds of CPU for every page of every role, for records and for acts, "
        "which are undone at once. CPU is this process's, or with --served that of two gunicorn workers that are asked "
        "over a wire; also as a multiple of what a plain Django page with sign-in and one query takes at that moment, "
        "asked alike; and PostgreSQL's, where it runs beside it. For training only, as load_volume."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--times`: how often each page is asked for its CPU; `--served`: of whom."""
        parser.add_argument("--times", type=int, default=5, help="How often a page is asked for; 5 when not said.")
        parser.add_argument("--served", action="store_true", help="Ask two gunicorn workers, on Linux.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints Markdown."""
        try:
            require_training()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        count = AssistanceRequest.objects.count()
        self.stdout.write(f"{clock.today().isoformat()}, {machine()}, {count:,} requests\n\n")
        if not options["served"]:
            self._measure(Measuring(options["times"]))
            return
        try:
            with served(SITE) as site, served(PLAIN) as plain:
                self._measure(Measuring(options["times"], (site, plain)))
        except NotServed as failure:
            raise CommandError(str(failure)) from failure

    def _measure(self, measuring: Measuring) -> None:
        if not {"auditor", "fund_manager"} <= set(measuring.people):
            raise CommandError("Nobody holds the roles whose pages are measured; run load_volume first.")
        self.stdout.write(as_rows([*measuring.pages(), *measuring.acts()]))
