"""`manage.py demo`: build, play the stories, tell what the database says, serve the site and the worker."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf.accounts.models import User
from gaf.demo.playing import PASSWORD, NotTheDemo, play_everything, require_own_database, start_clean
from gaf.demo.serving import ADDRESS, PortTaken, require_free_port, serve
from gaf.demo.telling import tell, tell_books


class Command(BaseCommand):
    """The demo, from nothing to a site one can sign in to."""

    help = "Builds the demo's own database, plays its stories through the real actions, and serves the site."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--no-serve` ends after the stories."""
        parser.add_argument("--no-serve", action="store_true", help="Play and tell the stories, then end.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 only when everything is as the stories say."""
        try:
            folder = require_own_database()
            if not options["no_serve"]:
                require_free_port()
        except (NotTheDemo, PortTaken) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("Building the demo's database and playing its stories …")
        start_clean(folder)
        problems = self._tell(play_everything(folder))
        if problems:
            for problem in problems:
                self.stderr.write(problem)
            sys.exit(1)
        if options["no_serve"]:
            return
        self._who_can_sign_in()
        serve(folder, self.stdout.write)

    def _tell(self, stories: list[Any]) -> list[str]:
        problems = []
        for told in stories:
            line = tell(told)
            self.stdout.write(line.text)
            problems += [f"{told.code}: {problem}" for problem in line.problems]
        books = tell_books()
        self.stdout.write(books.text)
        return problems + books.problems

    def _who_can_sign_in(self) -> None:
        self.stdout.write(f"\nOpen {ADDRESS}/ and sign in; everybody's password is {PASSWORD}")
        people = User.objects.filter(is_system=False).prefetch_related("assignments__mission").order_by("pk")
        for somebody in people:
            held = ", ".join(
                f"{a.get_role_display()}{', ' + a.mission.name if a.mission else ''}"
                for a in somebody.assignments.all()
            )
            self.stdout.write(f"  {somebody.email:28} {held}")
