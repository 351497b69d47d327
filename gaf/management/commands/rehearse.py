"""`manage.py rehearse --payments N --accounts acct_…,acct_…`: released disbursements to try a rail with."""

from __future__ import annotations

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.models import Disbursement
from gaf.installation.rehearsal import NotForTraining, rehearse, require_training
from gaf.refusals import Refusal

MOST_PAYMENTS = 10_000


class Command(BaseCommand):
    """Makes what a rehearsal needs, then so many released disbursements; they leave with the worker."""

    help = (
        "Makes N released disbursements through the real actions, to connected accounts in turn, and everything they "
        "need (people, account, stream, receipt, payees). Run it as often as you like. For training only: it runs "
        "where the settings say TRAINING, which gaf.settings.training (the database of GAF_DATABASE_…, else "
        ".data/training/training.sqlite3), gaf.settings.demo and gaf.settings.test do, and where nobody's address "
        "could be real; gaf.settings.production never says it. Send them with: manage.py worker --once"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, to which accounts, in which currency."""
        parser.add_argument("--payments", type=int, required=True, help="How many disbursements.")
        parser.add_argument("--accounts", required=True, help="Connected accounts (acct_…), comma-separated.")
        parser.add_argument("--currency", default="USD", help="Their currency; USD when not said.")
        parser.add_argument("--json", action="store_true", help="Print what was made as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints each disbursement that was made: number, amount in minor units, currency, account."""
        accounts = [one.strip() for one in options["accounts"].split(",") if one.strip()]
        if not 1 <= options["payments"] <= MOST_PAYMENTS or not accounts:
            raise CommandError(f"Give 1 to {MOST_PAYMENTS} payments and at least one account.")
        call_command("migrate", verbosity=0, interactive=False)
        try:
            require_training()
            made = rehearse(payments=options["payments"], accounts=accounts, currency=options["currency"].upper())
        except (NotForTraining, Refusal) as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = [
            {
                "reference": one.number,
                "amount": one.money.minor,
                "currency": one.money.currency,
                "destination": one.account,
                "state": "RELEASED",
            }
            for one in made
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=1))
            return
        for row in rows:
            self.stdout.write("{reference} {amount} {currency} {destination} {state}".format(**row))
        self.stdout.write(f"{len(rows)} released now, {Disbursement.objects.count()} in this database")
