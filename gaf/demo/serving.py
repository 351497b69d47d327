"""Serves the demo: the site, the worker, the bank and Stripe's stand-in, until somebody presses Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from finance.models import BankAccount
from finance.stand_ins.bank import BankStandIn
from finance.stand_ins.stripe_server import StripeStandIn
from gaf import clock
from gaf.demo.banking import WRITTEN
from gaf.demo.stage import open_bank

PORT = int(os.environ.get("GAF_DEMO_PORT", "8000"))
Say = Callable[[str], object]
ADDRESS = f"http://localhost:{PORT}"


class PortTaken(Exception):
    """Somebody else listens where the demo would."""


def require_free_port(port: int = PORT) -> None:
    """Refuse before anything is built. Raises PortTaken, which says what to type instead."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as cause:
            raise PortTaken(
                f"Port {port} is taken by another program, perhaps by an earlier demo. "
                f"End that one, or choose another port: GAF_DEMO_PORT={port + 10}."
            ) from cause


def serve(folder: Path, say: Say) -> None:
    """Run everything and stop everything together; `say` gets each line for the person at the terminal."""
    call_command("collectstatic", interactive=False, verbosity=0)
    stand_in = StripeStandIn(
        api_key=settings.STRIPE_API_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRETS.split(",")[0],
        webhook_url=f"http://127.0.0.1:{PORT}/webhooks/stripe/",
        kept_in=folder / "stripe.json",
        by_itself=True,
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gaf.settings.demo",
        "STRIPE_API_BASE": stand_in.start(),
    }
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends the demo ends its children too
    running = [subprocess.Popen(command, env=environment) for command in (_site(), _worker())]
    try:
        _bank_days(open_bank(), running, say)
    except KeyboardInterrupt:
        pass
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)
        stand_in.stop()


def _site() -> list[str]:
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "gaf.wsgi:application",
        "--bind",
        f"127.0.0.1:{PORT}",
        "--workers",
        "2",
        "--threads",
        "4",
        "--no-control-socket",
        "--log-level",
        "warning",
    ]


def _worker() -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "worker"]


def _bank_days(bank: BankStandIn, running: list[subprocess.Popen[bytes]], say: Say) -> None:
    """The demo's bank answers within seconds; its statements appear in `.data/demo/bank/out`."""
    out = settings.GAF_BANK_FOLDER / "out"
    say(f"The bank's statements: {out} (upload them under Reconcile). Ctrl-C ends the demo.")
    _issue_statements(bank, say)
    while all(process.poll() is None for process in running):
        if any(received.booked for received in bank.receive(clock.now())):
            _issue_statements(bank, say)
        time.sleep(2)


def _issue_statements(bank: BankStandIn, say: Say) -> None:
    for account in BankAccount.objects.filter(rail="BANK_FILE"):
        day = _next_day(account)
        written = WRITTEN[account.statements.count() % len(WRITTEN)]
        path = bank.statement(account.number, account.opened_on, day, written)
        say(f"The bank issued a statement of {account.code}: {path}")


def _next_day(account: BankAccount) -> date:
    """The bank closes a day for each statement; in the demo a day may be as short as a file."""
    last = account.statements.order_by("-sequence").first()
    today = clock.today()
    return max(today, last.to_day + timedelta(days=1)) if last else today
