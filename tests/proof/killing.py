"""Harness (d): real worker processes on a database file, killed at random; Stripe listens on a socket in the parent.

The processes are killed with SIGKILL, so nothing in them can tidy up. After each kill the books are looked at; when
enough were killed, one last worker is let finish, and the payments are counted at Stripe.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from finance.books import first_broken, verify
from finance.models import Commitment, Disbursement
from finance.stand_ins.stripe_server import StripeStandIn
from gaf import clock
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.outbox.sweeps import sweep_everything
from tests.finance.builders import NOON, usd
from tests.private_cluster import new_folder
from tests.proof.provider import PAYEES
from tests.proof.stage import Stage, build
from tests.proof.truths import QUESTIONS, Violation
from tests.template_database import SQLiteTemplate, use

WORKERS, PAYMENTS = 2, 12
_PATIENCE = 120.0


@dataclass
class Yard:
    """Where workers live and die: the database file, Stripe's socket, the folder, and how many were killed."""

    stage: Stage
    stripe: StripeStandIn
    folder: Path
    kills: int = 0
    paid: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """What a worker is told: this database, this Stripe, this folder."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "gaf.settings.test",
            "GAF_DATABASE_ENGINE": "sqlite",
            "GAF_DATABASE_NAME": str(connections["default"].settings_dict["NAME"]),
            "GAF_TEST_FILES": str(self.folder),
            "STRIPE_API_BASE": settings.STRIPE_API_BASE,
            "GAF_CLOCK_SHIFT": str(settings.GAF_CLOCK_SHIFT),
        }

    def start_worker(self) -> subprocess.Popen[bytes]:
        """One more worker that keeps promises until it is killed."""
        command = [sys.executable, "-m", "tests.proof", "worker"]
        return subprocess.Popen(command, env=self.environment(), cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL)

    def promise_payments(self, chance: random.Random, count: int = PAYMENTS) -> None:
        """People go on working while workers die: some payments are prepared and released."""
        for _payment in range(count):
            reference = f"GAF-2026-5{self.paid:05d}"
            self.stage.fund.commit(usd("50.00"), reference=reference)
            payee = self.stage.payees[chance.choice(["acct_1Good", "acct_1Second", "acct_1NoAccount"])]
            self.stage.fund.release(self.stage.fund.prepare(usd("50.00"), payee, reference=reference))
            self.paid += 1

    def look(self) -> None:
        """What holds at every moment, read by another connection while workers write. Raises Violation."""
        with connection.cursor() as cursor:
            for name, question in QUESTIONS.items():
                cursor.execute(question)
                if rows := cursor.fetchall():
                    raise Violation(f"{name}: {rows[:3]} after {self.kills} kills")
        for number in Disbursement.objects.values_list("number", flat=True):
            paid = self.stripe.paid_for(number).get("usd", 0)
            if paid > 5000:
                raise Violation(f"I4 {number} was paid {paid} cents after {self.kills} kills")


def kill_workers(yard: Yard, kills: int, seed: int, seconds: float = 10**6) -> None:
    """Kill a worker at a random moment, start another, and go on."""
    chance, ends = random.Random(seed), time.monotonic() + seconds
    yard.running = [yard.start_worker() for _worker in range(WORKERS)]
    try:
        while yard.kills < kills and time.monotonic() < ends:
            yard.promise_payments(chance, 2)
            _wait_until_busy(yard, chance)
            victim = yard.running.pop(chance.randrange(len(yard.running)))
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            yard.kills += 1
            yard.look()
            yard.running.append(yard.start_worker())
    finally:
        for worker in yard.running:
            worker.kill()
            worker.wait()


def _wait_until_busy(yard: Yard, chance: random.Random) -> None:
    """Until a worker has spoken to Stripe a few times more; then somewhere in what it does next."""
    heard, ends = len(yard.stripe.seen) + chance.randrange(1, 6), time.monotonic() + 15
    while len(yard.stripe.seen) < heard and time.monotonic() < ends:
        time.sleep(0.002)
    time.sleep(chance.random() * 0.05)


def finish(yard: Yard) -> None:
    """Nobody is killed any more: every promise is kept and every payment made once. Raises Violation."""
    for minutes in (0, 6, 12, 60):
        yard.stripe.advance(0 if minutes < 60 else 4 * 86_400)
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            sweep_everything()
            drain()
    yard.look()
    paid = [number for number in Disbursement.objects.values_list("number", flat=True) if yard.stripe.paid_for(number)]
    waiting = OutboxMessage.objects.exclude(state="DONE").exclude(topic="notice").count()
    states = set(Disbursement.objects.values_list("state", flat=True))
    broken = first_broken(verify())
    if broken is not None:
        raise Violation(f"{broken.row}: {broken.what}")
    if waiting or not states <= {"CONFIRMED", "SENT", "RETURNED"} or not paid:
        raise Violation(f"{waiting} promises wait, states {states}, {len(paid)} paid")
    if Commitment.objects.filter(reference__startswith="GAF-2026-5").count() != yard.paid:
        raise Violation("a commitment that was told as made is gone")


def open_yard(folder: Path) -> Yard:
    """The stage on its own database file, and Stripe on a socket."""
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = folder / "private", folder / "bank"
    settings.GAF_KEY_FOLDER = folder / "keys"
    stage = build()
    stage.fund.receive(usd("100000.00"), key="R-2026-MUCH")
    stripe = StripeStandIn(api_key=settings.STRIPE_API_KEY)
    settings.STRIPE_API_BASE = stripe.start()
    stripe.top_up(50_000_000, "usd")
    for ref, number in PAYEES.items():
        stripe.connect_account(number, currency="usd", ref=ref)
    return Yard(stage, stripe, folder)


def run(kills: int, seed: int, seconds: float = 10**6) -> Yard:
    """Open the yard, kill, finish, close. Raises Violation."""
    before = connections.settings["default"]["NAME"]
    folder = new_folder("kills")
    names = ("GAF_PRIVATE_FILES", "GAF_BANK_FOLDER", "GAF_KEY_FOLDER", "STRIPE_API_BASE", "GAF_CLOCK_SHIFT")
    kept = {name: getattr(settings, name) for name in names}
    settings.GAF_CLOCK_SHIFT += int((NOON - clock.now()).total_seconds())  # parent and workers live at the same hour
    SQLiteTemplate(str(folder / "killed.sqlite3")).lend_copy()
    yard = None
    try:
        yard = open_yard(folder)
        kill_workers(yard, kills, seed, seconds)
        finish(yard)
        return yard
    finally:
        if yard is not None:
            yard.stripe.stop()
        connections.close_all()
        use(str(before))
        for name, value in kept.items():
            setattr(settings, name, value)
        shutil.rmtree(folder, ignore_errors=True)


def survive(first: int, count: int, seconds: float) -> dict[str, object]:
    """The nightly run of this harness."""
    try:
        return {"survived": run(min(count, 10**6), first, seconds).kills, "violations": []}
    except Violation as violation:
        return {"survived": 0, "violations": [f"{first}: {violation}"]}
