"""`manage.py protection_figures`: how well people are protected, printed for docs/figures.md."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf import clock
from gaf.demo.figures import machine
from gaf.demo.playing import NotTheDemo, require_own_database, start_clean, the_stage
from gaf.demo.protection import Times, as_rows, attack_many, time_answers
from gaf.demo.screening import fetch_list
from gaf.demo.shown import Shown, show_everything
from gaf.demo.shown import as_rows as shown_as_rows
from gaf.demo.stage import Stage
from gaf.demo.volume import a_payee, live_until
from workflow.actions.privacy import restrict
from workflow.models import AssistanceRequest


class Command(BaseCommand):
    """Figures with seed, machine and day; the time of an answer is told with its spread and never asserted."""

    help = (
        "Publishes random tables of persons and attacks each with a linear programme; then asks, in turn, for a "
        "request of another mission and for one that never was, and prints how their times lie; and runs what shows "
        "that each threat of docs/threats.md is held off (about a quarter of an hour). Replaces the demo's database, "
        "unless --pairs is 0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many of each, and the seed of both."""
        parser.add_argument("--tables", type=int, default=10_000, help="How many tables; 10,000 when not said.")
        parser.add_argument("--pairs", type=int, default=600, help="How many pairs of answers; 0 measures none.")
        parser.add_argument("--quick", action="store_true", help="Run no specifications: tables and times only.")
        parser.add_argument("--seed", type=int, default=1, help="Seed of tables and orders; 1 when not said.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints Markdown, and ends with 1 when a table gave a figure away."""
        found = attack_many(options["tables"], options["seed"])
        timed = self._timed(options["pairs"], options["seed"]) if options["pairs"] else {}
        self.stdout.write(f"{clock.today().isoformat()}, {machine()}, seed {options['seed']}\n\n")
        self.stdout.write(as_rows(found, timed))
        shown = Shown() if options["quick"] else show_everything()
        if not options["quick"]:
            self.stdout.write("\n" + shown_as_rows(shown))
        if shown.failed:
            raise CommandError(f"{len(shown.failed)} specifications failed.")
        if found.small_shown or found.recovered or found.narrowed:
            raise CommandError("A table gave a figure away.")

    def _timed(self, pairs: int, seed: int) -> dict[str, Times]:
        try:
            folder = require_own_database()
        except NotTheDemo as refusal:
            raise CommandError(str(refusal)) from refusal
        start_clean(folder)
        logging.getLogger("django.request").setLevel(logging.ERROR)  # each answer is “not found”, and meant to be
        with the_stage(folder) as stage:
            stage.moment = stage.at("2026-10-09 09:00")
            return _of_the_stage(stage, pairs, seed)


def _of_the_stage(stage: Stage, pairs: int, seed: int) -> dict[str, Times]:
    """Two requests of Niger, one kept to named people, asked for by somebody in Mexico beside one that never was."""
    never, timed = "GAF-2026-99999", {}
    with clock.at(stage.moment):
        fetch_list()
    payee = a_payee(stage)
    theirs, kept = (live_until(stage, payee, "taken") for _request in range(2))
    with clock.at(stage.moment):
        restrict(request_id=AssistanceRequest.objects.get(reference=kept).pk, actor=stage.who("idriss"), at=clock.now())
        for words, reference in ("of another mission", theirs), ("kept to named people", kept):
            timed[words] = time_answers(stage.who("sofia"), reference, never, pairs, seed)
    return timed
