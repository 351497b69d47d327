"""`manage.py export_disbursements --json`: every disbursement of a training database, to compare with a provider."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.models import Disbursement
from gaf.installation.rehearsal import NotForTraining, require_training


class Command(BaseCommand):
    """Reference, amount in minor units (ISO 4217), currency, destination, state."""

    help = (
        "Prints every disbursement: reference (its number, which the provider holds as metadata and transfer group), "
        "amount in minor units of ISO 4217, currency, destination, state. It names accounts in the clear, so it runs "
        "on training databases only: gaf.settings.training, gaf.settings.demo, gaf.settings.test."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json`, the only shape there is."""
        parser.add_argument("--json", action="store_true", help="As a JSON list (also when not said).")

    def handle(self, *args: Any, **options: Any) -> None:
        """One list on standard output, in the order of the numbers."""
        try:
            require_training()
        except NotForTraining as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = Disbursement.objects.select_related("payee_version__payee").order_by("number")
        self.stdout.write(
            json.dumps(
                [
                    {
                        "reference": row.number,
                        "amount": row.minor,
                        "currency": row.currency,
                        "destination": row.payee_version.account_number,
                        "state": str(row.state),
                    }
                    for row in rows
                ],
                indent=1,
            )
        )
