"""What the harnesses found in the project itself, each as the shortest story that shows it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings

from finance.books import first_broken, verify
from finance.models import Disbursement
from finance.restoring import GIVEN, take_up_after_restore
from gaf import clock
from gaf.outbox.outbox import drain
from gaf.refusals import Refusal
from tests.finance.builders import usd
from tests.proof import world as acts
from tests.proof.chance import by_seed
from tests.proof.memory import put_back, snapshot

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


class TestADatabaseThatWasPutBack:
    """Found by the restores: what was sent after the backup was sent again, under a new key."""

    def test_does_not_pay_through_stripe_again(self, stage):
        world = stage.new_world(1)
        world.now(lambda: _released(world, "acct_1Good"))
        backup = snapshot()
        world.now(lambda: drain())
        put_back(backup)
        world.now(lambda: take_up_after_restore(at=clock.now()))
        world.now(lambda: drain())

        assert [one.minor for one in world.outside.at_stripe()] == [10_000]
        assert Disbursement.objects.get().state == "SENT"
        assert Disbursement.objects.get().attempts.get().key == world.outside.at_stripe()[0].attempt

    def test_does_not_put_it_into_another_file(self, stage):
        world = stage.new_world(1)
        world.now(lambda: _released(world, "bank"))
        backup = snapshot()
        world.now(lambda: world.fund.signed_file())
        world.now(lambda: drain())
        put_back(backup)
        world.now(lambda: take_up_after_restore(at=clock.now()))

        with pytest.raises(Refusal) as refusal:
            world.now(lambda: world.fund.signed_file())
        world.now(lambda: world.fund.bank().receive(clock.now()))
        assert refusal.value.code == "FILE-05"
        assert [one.minor for one in world.outside.at_bank()] == [10_000]

    def test_gives_no_number_to_a_second_payment(self, stage):
        world = stage.new_world(1)
        backup = snapshot()
        lost = world.now(lambda: _released(world, "acct_1Good"))
        put_back(backup)
        world.now(lambda: take_up_after_restore(at=clock.now()))

        assert world.now(lambda: _released(world, "bank")).number != lost.number

    def test_gives_no_number_twice_when_one_backup_is_put_back_twice(self, stage):
        world = stage.new_world(1)
        backup, numbers = snapshot(), set()
        for _time in range(2):
            put_back(backup)
            world.moment += timedelta(minutes=10)
            world.now(lambda: take_up_after_restore(at=clock.now()))
            numbers.add(world.now(lambda: _released(world, "acct_1Good")).number)

        assert len(numbers) == 2

    def test_knows_every_kind_of_number_that_is_given_out(self):
        rooms = [settings.BASE_DIR / room for room in ("gaf", "finance", "workflow", "cms")]
        code = "".join(path.read_text() for room in rooms for path in room.rglob("*.py"))

        assert set(re.findall(r'issue(?:_many)?\("([A-Z]+)"[,)]', code)) == set(GIVEN)

    def test_is_taken_up_once_for_each_time_it_was_put_back(self, stage):
        world = stage.new_world(1)
        numbers = [world.now(lambda: take_up_after_restore(at=clock.now())).subject for _time in range(2)]

        assert len(set(numbers)) == 2
        assert first_broken(verify()) is None


def _released(world, payee: str) -> Disbursement:
    made = world.fund.prepare(usd("100.00"), world.stage.payees[payee], reference="GAF-2026-00042")
    world.fund.release(made)
    return made
