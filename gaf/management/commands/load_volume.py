"""`manage.py load_volume --requests N`: many consistent requests on a training database, to measure speed with."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf.demo.bulk.loading import load
from gaf.demo.playing import PASSWORD
from gaf.refusals import Refusal
from workflow.models import AssistanceRequest

MOST = 5_000_000


class Command(BaseCommand):
    """Plays twenty requests through the real actions, and writes the others as copies of them in bulk."""

    help = (
        "Makes N requests in every state, a third of them with payments, with their decisions, versions, journals, "
        "files and statements; run again, it makes N more. verify_books says that they are true. For training only, "
        "as `rehearse`: it runs where the settings say TRAINING and where nobody's address could be real. The people "
        f"are those of the demo; their password is {PASSWORD}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, and the seed of everything invented that is not secret."""
        parser.add_argument("--requests", type=int, required=True, help="How many requests.")
        parser.add_argument("--seed", type=int, default=1, help="Seed of keys of cases and persons; 1 when not said.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how far it is, and in the end how many a second were written."""
        wanted = options["requests"]
        if not 1 <= wanted <= MOST:
            raise CommandError(f"Give 1 to {MOST} requests.")
        call_command("migrate", verbosity=0, interactive=False)
        try:
            loaded = load(wanted, options["seed"], self._tell)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{loaded.played} played in {loaded.playing:.1f} s, {loaded.copied} copied in {loaded.copying:.1f} s "
            f"({loaded.rate:.0f} a second), {AssistanceRequest.objects.count()} in this database"
        )

    def _tell(self, done: int) -> None:
        self.stderr.write(f"{done} copied")
