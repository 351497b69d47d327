"""`manage.py forget_devices`: for somebody who lost a device, or left, and cannot forget it on the page."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf.accounts.models import User
from gaf.accounts.own_devices import forget_all
from gaf.refusals import Refusal


class Command(BaseCommand):
    """Done by a system administrator, with a reason; what the devices kept of what was typed is dead from then on."""

    help = "Forgets the devices a person called their own: nobody can open any more what they kept of what was typed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, by whom, and why."""
        parser.add_argument("person", help="E-mail address of whose devices they are; also of somebody who left.")
        parser.add_argument("--by", required=True, help="E-mail address of the system administrator.")
        parser.add_argument("--why", required=True, help="What happened, in a few words.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 1, and nothing forgotten, where somebody else must do it or there is no device."""
        person, by = self._known(options["person"]), self._known(options["by"])
        try:
            number = forget_all(person=person, by=by, why=options["why"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Forgotten: {number} of {person}'s devices")

    def _known(self, address: str) -> User:
        found = User.objects.filter(email=address.strip().lower(), is_system=False).first()
        if found is None:
            raise CommandError(f"Nobody here has the address {address}.")
        return found
