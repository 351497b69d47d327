"""`manage.py wrap_keys`: to be run when the ring has a new first key, before an older one is taken out of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaf.sealing import wrap_anew


class Command(BaseCommand):
    """Every key of a case gets the first key of the ring as its wrapping; no text is touched."""

    help = "Wraps the keys of all cases by the first key of the ring; afterwards the older ones can leave it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were wrapped anew; ends with 1 and their names when some do not open."""
        done, shut = wrap_anew()
        self.stdout.write(f"{done} keys are wrapped anew")
        if shut:
            raise CommandError("These do not open under any key of the ring, so keep looking: " + ", ".join(shut))
