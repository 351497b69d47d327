"""`manage.py sweep_stripe`: asks Stripe for what never arrived, its messages and the payments themselves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.actions.events import watch_funds
from finance.gateways.rails import stripe_rail
from finance.leaving import resume_what_is_mended
from finance.states import Rail
from finance.sweeping import currencies, sweep_events, sweep_stripe
from gaf.outbox.outbox import keep
from gaf.refusals import Refusal


class Command(BaseCommand):
    """Closes gaps of up to thirty days. Harmless at any time; nothing is sent by it."""

    help = (
        "Reads Stripe's list of events since the last time (at most 30 days, ours and each payee's account), follows "
        "the new ones, then asks about every disbursement that is on its way or was paid in the last 30 days. Paused "
        "rails whose cause is mended go on. Nothing new is paid by this command: that is the worker's."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Says how many messages were new, how many lists could not be read, how many payments were asked about."""
        try:
            stripe_rail()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        new, unread = sweep_events()
        followed = keep("provider_event")
        asked = sweep_stripe()
        watch_funds(Rail.STRIPE, currencies())
        resumed = resume_what_is_mended()
        self.stdout.write(
            f"{new} new messages ({unread} lists could not be read), {followed} followed, "
            f"{asked} payments asked about, {resumed} rails resumed"
        )
