"""Loads the United Nations' consolidated list; everybody who can be paid is screened against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.actions.screening import load_list
from gaf import clock
from gaf.refusals import Refusal


class Command(BaseCommand):
    """`manage.py load_sanctions FILE`: ends with 1 and the reason when the file is not a list that can be used."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, as the United Nations publish it (XML)."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Read the file, keep the list, and promise the screening to the worker."""
        try:
            loaded, is_new = load_list(content=file.read_bytes(), at=clock.now())
        except OSError as fault:
            raise CommandError(f"The file cannot be read: {fault.strerror}.") from None
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.what} {refusal.why} {refusal.next_step}") from None
        said = "loaded" if is_new else "known already, nothing changed"
        self.stdout.write(
            f"list of {loaded.generated_at:%Y-%m-%d %H:%M} UTC {said}: {loaded.entry_count} entries, "
            f"{loaded.name_count} names, SHA-256 {loaded.sha256}"
        )
