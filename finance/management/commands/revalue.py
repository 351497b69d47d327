"""Revalues what is held in other currencies at a month's end, and takes it back on the first of the next."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.actions.revaluation import positions, revalue
from finance.periods import last_day_of
from gaf import clock
from gaf.accounts.models import User
from gaf.refusals import Refusal


class Command(BaseCommand):
    """`manage.py revalue 2026-11 --by marie@gaf.example`; `--check` only says what would be booked."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The month and the person."""
        parser.add_argument("month", type=lambda text: date.fromisoformat(f"{text}-01"), help="such as 2026-11")
        parser.add_argument("--by", required=True, help="e-mail address of the person who answers for it")
        parser.add_argument("--check", action="store_true", help="book nothing")

    def handle(self, *args: Any, month: date, by: str, check: bool, **options: Any) -> None:
        """Print each position, then book."""
        person = User.objects.filter(email=by).first()
        if person is None:
            raise CommandError(f"Nobody has the address {by}.")
        try:
            for one in positions(last_day_of(month)):
                self.stdout.write(f"{one.held}: booked {one.booked}, worth {one.worth}, difference {one.difference}")
            if check:
                return
            booked = revalue(month=month, actor=person, at=clock.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"journal {booked.number}" if booked else "nothing to book")
