"""`manage.py start_training`: a database to practise on, marked for good, with a mission and people for every role."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.content import load_content
from gaf import clock
from gaf.demo.playing import PASSWORD, PLAN
from gaf.demo.screening import fetch_list
from gaf.installation.install import install, person, start_of
from gaf.installation.plan import Plan
from gaf.refusals import Refusal
from gaf.training import mark_for_training, open_training_mission


class Command(BaseCommand):
    """A training installation, ready to be signed in to."""

    help = (
        "Marks an empty database for training, and sets it up from a plan: the mission Training with a case worker, a "
        "head of unit and a finance officer, and the plan's people (those of the demo, unless you name another plan "
        "whose addresses are all invented). The mark is never taken away, and no real person can be added any more. "
        "For gaf.settings.training; with GAF_ROLE_SWITCHER=1 people change roles at /demo/."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Another plan, if one is wanted."""
        parser.add_argument("--from", dest="plan", default=str(PLAN), help="A plan as for `setup`; the demo's if none.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Mark, set up, and say who can sign in."""
        plan = Plan.read(Path(settings.BASE_DIR) / options["plan"], timedelta(0))
        try:
            mark_for_training()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        with clock.at(start_of(plan)):
            install(plan, PASSWORD)
            mission = open_training_mission(plan.starts_on, PASSWORD)
            load_content(person(plan.signer("criteria")), clock.now())
        fetch_list()
        self.stdout.write(f"Ready. The mission {mission.name} and everybody of the plan sign in with {PASSWORD}.")
        for one in mission.assignments.select_related("person"):
            self.stdout.write(f"  {one.person.email:28} {one.get_role_display()}")
