"""What the harnesses found in the project itself, each as the shortest story that shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.models import Disbursement
from gaf.outbox.outbox import drain
from tests.finance.builders import usd
from tests.proof import world as acts
from tests.proof.chance import by_seed

pytestmark = pytest.mark.proof


class TestALineOfTheBalanceAtStripe:
    def test_is_a_transfer_and_does_not_say_that_the_payee_was_paid(self, stage):
        """Seed 62: matched with its transfer, a disbursement was confirmed while its payout was on the way."""
        world = stage.new_world(1)

        def match_the_transfer() -> None:
            made = world.fund.prepare(usd("100.00"), world.stage.payees["acct_1NoAccount"], reference="GAF-2026-00042")
            world.fund.release(made)
            drain()
            acts.stripe_reports(world, by_seed(1))
            for line in made.bank_account.statements.get().lines.all():
                world.fund.match(line)

        world.now(match_the_transfer)
        states = [Disbursement.objects.get().state]
        world.moment += timedelta(days=4)
        world.now(lambda: acts.sweep(world, by_seed(1)))
        states.append(Disbursement.objects.get().state)

        assert states == ["SENT", "RETURNED"]
