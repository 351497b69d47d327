"""`manage.py worker`: keeps what the outbox promised. `--once` drains what is due and ends."""

from __future__ import annotations

import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django_tasks_db.management.commands.db_worker import Worker

from gaf.outbox.outbox import drain
from gaf.outbox.sweeps import sweep_everything
from gaf.outbox.tasks import enqueue_due

SWEEP_EVERY_SECONDS = 60.0


class Command(BaseCommand):
    """The worker: the engine delivers messages; a sweep finds what a killed worker left."""

    help = "Delivers the outbox: mails, files for the bank, calls to Stripe, news between rooms."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` for tests and for a timer of the machine."""
        parser.add_argument("--once", action="store_true", help="Sweep, deliver what is due, and end.")
        parser.add_argument("--interval", type=float, default=1.0, help="Seconds between two looks.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Until it is told to stop; a message in hand is finished first."""
        if options["once"]:
            sweep_everything()
            self.stdout.write(f"{drain()} delivered")
            return
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._run(options["interval"])

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _run(self, interval: float) -> None:
        swept_at = 0.0
        while not self.stopping:
            if time.monotonic() - swept_at > SWEEP_EVERY_SECONDS:
                sweep_everything()
                swept_at = time.monotonic()
            if enqueue_due() == 0:
                time.sleep(interval)
            if settings.TASKS["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend":
                _run_engine()


def _run_engine() -> None:
    """Let the database engine run what is enqueued and come back; other engines have workers of their own."""
    Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="gaf",
        excluded_queue_names=[],
    ).run()
