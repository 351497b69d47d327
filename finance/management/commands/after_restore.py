"""`manage.py after_restore`: to be run once, before the worker starts, when the database was put back from a backup."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from finance.restoring import take_up_after_restore
from gaf import clock


class Command(BaseCommand):
    """From here on no number is given twice, and nothing from before is sent without asking the provider first."""

    help = "Run once after putting a backup back, while the worker is stopped; the worker then looks before it pays."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was written."""
        decision = take_up_after_restore(at=clock.now())
        self.stdout.write(f"{decision.subject}: {decision.facts['left_out']} numbers of each kind are left out")
