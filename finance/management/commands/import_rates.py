"""Imports a published list of UN operational rates from a file; a second person approves it on its page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.actions.rate_lists import import_rates
from finance.models import RateList
from gaf import clock
from gaf.accounts.models import User
from gaf.refusals import Refusal


class Command(BaseCommand):
    """`manage.py import_rates FILE --by marie@gaf.example --source "Circular 12/2026"`."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, who imports it, and what it is."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="e-mail address of the certifying officer who imports it")
        parser.add_argument("--source", required=True, help="where it was published: circular and date")
        parser.add_argument("--partial", action="store_true", help="a mid-month list of what changed")
        parser.add_argument("--counts-from", type=date.fromisoformat, help="for a list whose day has passed")

    def handle(self, *args: Any, file: Path, by: str, source: str, **options: Any) -> None:
        """Import it or say what is wrong with it and leave with 1."""
        kind = RateList.Kind.PARTIAL if options["partial"] else RateList.Kind.FULL
        try:
            made = import_rates(
                content=file.read_bytes(),
                kind=kind,
                source=source,
                file_name=file.name,
                counts_from=options["counts_from"],
                actor=_person(by),
                at=clock.now(),
            )
        except (OSError, Refusal) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{made.key}: {len(made.rows)} rates, SHA-256 {made.file_sha256}; waits for a second person")


def _person(email: str) -> User:
    found = User.objects.filter(email=email).first()
    if found is None:
        raise CommandError(f"Nobody has the address {email}.")
    return found
