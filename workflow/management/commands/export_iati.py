"""`manage.py export_iati YEAR`: a year of the fund as an IATI 2.03 file, on standard output."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workflow.iati.activities import iati_file
from workflow.iati.year import funds_year


class Command(BaseCommand):
    """What the ledger says until the last quarter that is over, added up by region; nobody can be seen in it."""

    help = (
        "Prints a year of the fund as IATI 2.03: one activity for the fund, one below it for each region where enough "
        "people were helped. Its sums are the ledger's, until the year's end or the last quarter that is over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The year, such as 2026."""
        parser.add_argument("year", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """The file, as bytes in UTF-8."""
        self.stdout.write(iati_file(funds_year(options["year"])).decode())
