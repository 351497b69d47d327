"""`manage.py take_off_second_factor`: for somebody whose telephone and recovery codes are gone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf.accounts.models import User
from gaf.lost_second_factor import take_off_second_factor
from gaf.refusals import Refusal


class Command(BaseCommand):
    """Done by a system administrator for somebody else, with a reason; that person hears of it by mail."""

    help = "Takes the second factor of a person off, who then turns a new one on. Its history keeps who did it and why."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, by whom, and why."""
        parser.add_argument("person", help="E-mail address of whoever lost it.")
        parser.add_argument("--by", required=True, help="E-mail address of the system administrator.")
        parser.add_argument("--why", required=True, help="How you know that it is they, in a few words.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 1, and nothing changed, where somebody else must do it or there is nothing to take off."""
        person, by = self._known(options["person"]), self._known(options["by"])
        try:
            take_off_second_factor(person=person, by=by, why=options["why"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The second factor of {person} is off; {person} is told by mail")

    def _known(self, address: str) -> User:
        found = User.objects.filter(email=address.strip().lower(), is_active=True, is_system=False).first()
        if found is None:
            raise CommandError(f"Nobody here has the address {address}.")
        return found
