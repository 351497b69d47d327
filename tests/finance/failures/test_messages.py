"""F18 to F30: what banks and Stripe say afterwards, in any order, twice, too early, or never."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from finance.actions.messages import store_event
from finance.books import first_broken, verify
from finance.models import Commitment, GatewayEvent, Journal
from finance.stand_ins.stripe_faults import Fault, Trouble
from finance.sweeping import sweep_events, sweep_stripe
from gaf import clock
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import keep
from tests.finance.builders import NOON, usd
from tests.finance.failures.conftest import NO_ACCOUNT, SENDS_BACK

DAY = 86_400


def paid_then_failed(stage):
    """Sent at noon, paid on the second day, sent back on the fifth; and what Stripe said of it, oldest first."""
    row = stage.released(bank=SENDS_BACK)
    stage.work()
    stage.stripe.advance(2 * DAY)
    stage.stripe.book()
    return row


class TestAPayoutThatFails:
    def test_f18_after_it_was_on_its_way_reopens_the_payment_and_says_why(self, stage):
        row = stage.released(bank=NO_ACCOUNT)
        stage.work()
        stage.stripe.advance(3 * DAY)
        stage.tell(*stage.events("payout"))
        came_back = stage.fund.now(row)
        assert (came_back.state, came_back.return_code) == ("RETURNED", "no_account")
        assert Commitment.objects.get().open == usd("5000.00")
        assert Journal.objects.filter(kind="give_back").count() == 1
        assert stage.stripe.book().platform == {"usd": 100_000}
        assert OutboxMessage.objects.filter(topic="disbursement_returned").count() == 1
        assert first_broken(verify()) is None

    def test_f19_days_after_it_was_paid_is_an_ordinary_move(self, stage):
        row = paid_then_failed(stage)
        stage.tell(*stage.events("payout"))
        states = [stage.state(row)]
        stage.stripe.advance(4 * DAY)
        stage.tell(*stage.events("payout"))
        assert [*states, stage.state(row)] == ["CONFIRMED", "RETURNED"]
        assert Commitment.objects.get().open == usd("5000.00")
        assert first_broken(verify()) is None


class TestEventsInAnyOrder:
    def test_f27_every_order_ends_in_the_same_state(self, stage):
        """Four messages about one payout that was paid and failed, in all twenty-four orders."""
        row = paid_then_failed(stage)
        stage.stripe.advance(4 * DAY)
        created, *_updated, paid, failed = [one for one in stage.events("payout") if one["type"] != "payout.updated"]
        transfer = stage.events("transfer")[0]
        endings = set()
        for place, order in enumerate(itertools.permutations([transfer, created, paid, failed])):
            stage.tell(*({**one, "id": f"{one['id']}_{place}"} for one in order))
            endings.add((stage.state(row), Journal.objects.filter(kind="give_back").count()))
        assert endings == {("RETURNED", 1)}
        assert not GatewayEvent.objects.filter(handled_at=None).exists()
        assert stage.stripe.book().platform == {"usd": 100_000}

    def test_f26_two_events_about_one_change_have_one_effect(self, stage):
        row = paid_then_failed(stage)
        paid = next(one for one in stage.events("payout") if one["type"] == "payout.paid")
        stage.tell(paid, {**paid, "id": "evt_the_same_again"})
        assert stage.state(row) == "CONFIRMED"
        assert OutboxMessage.objects.filter(topic="disbursement_confirmed").count() == 1

    def test_f28_one_that_comes_before_our_own_answer_is_stored_is_not_lost(self, stage):
        """Stripe paid, the answer was lost, and the message about it is the first we hear."""
        row = stage.released()
        stage.stripe.faults.add(Fault(Trouble.DROPPED_AFTER, "/v1/payouts", times=3))
        stage.work()
        assert stage.state(row) == "UNKNOWN"
        stage.stripe.faults.clear()
        stage.stripe.advance(3 * DAY)
        stage.stripe.seen.clear()
        stage.tell(*[one for one in stage.events("payout") if one["type"] == "payout.paid"])
        assert (stage.state(row), stage.posts()) == ("CONFIRMED", [])

    def test_f28_it_is_parked_while_stripes_books_cannot_be_read(self, stage):
        row = stage.released()
        stage.stripe.faults.add(Fault(Trouble.DROPPED_AFTER, "/v1/payouts", times=3))
        stage.work()
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers", method="GET", times=3))
        stage.tell(*stage.events("payout"))
        assert (stage.state(row), GatewayEvent.objects.get().handled_at) == ("UNKNOWN", None)
        stage.stripe.faults.clear()
        with stage.at(10):
            keep("provider_event")
        assert (stage.state(row), GatewayEvent.objects.get().handled_at is None) == ("SENT", False)


class TestEventsThatAreNoneOfOurs:
    def test_f29_about_an_unknown_object_is_kept_apart_and_told(self, stage):
        stage.payee()
        paid = {"object": {"id": "po_unheard", "object": "payout"}}
        stage.tell({"id": "evt_9", "object": "event", "type": "payout.paid", "account": "acct_1Sample", "data": paid})
        event = GatewayEvent.objects.get()
        assert (event.quarantine, event.handled_at is None) == ("UNKNOWN_OBJECT", False)
        assert stage.told() == ["message_quarantined"]

    def test_f29_a_payout_the_payee_made_alone_is_not_taken_for_one_of_ours(self, stage):
        stage.payee()
        there = "balance:acct_1Sample"
        stage.stripe._book.ledger.move("own", amount=500, currency="usd", out_of="funding", into=there)
        stage.stripe._book.make_payout({"amount": 500, "currency": "usd", "metadata": {}}, "acct_1Sample")
        stage.tell(*stage.events("payout"))
        assert GatewayEvent.objects.get().quarantine == "UNKNOWN_OBJECT"


class TestWhatNeverArrived:
    def test_f30_is_found_in_the_lists_and_closes_a_gap_of_under_thirty_days(self, stage):
        """Not one message came in five days; then the lists are read, ours and the payee's."""
        row = stage.released(bank=NO_ACCOUNT)
        stage.work()
        stage.stripe.advance(5 * DAY)
        with clock.at(NOON + timedelta(days=5)):
            new, unread = sweep_events()
            keep("provider_event")
            sweep_events()  # what following them made
            again = sweep_events()
        assert (stage.state(row), unread, again) == ("RETURNED", 0, (0, 0))
        assert new == 7

    def test_f30_a_list_that_cannot_be_read_is_read_whole_the_next_time(self, stage):
        row = stage.released()
        stage.work()
        stage.stripe.advance(3 * DAY)
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/events", method="GET", times=3))
        with clock.at(NOON + timedelta(days=3)):
            first = sweep_events()
            stage.stripe.faults.clear()
            sweep_events()
            keep("provider_event")
        assert (first[1], stage.state(row)) == (1, "CONFIRMED")

    def test_f30_the_objects_themselves_are_asked_too(self, stage):
        row = stage.released()
        stage.work()
        stage.stripe.advance(3 * DAY)
        assert (sweep_stripe(), stage.state(row)) == (1, "CONFIRMED")


class TestTheSameMessageAtOneMoment:
    @pytest.mark.both
    def test_f25_is_one_row_whoever_writes_first(self, stage):
        body = b'{"id": "evt_twice", "object": "event", "type": "payout.paid"}'
        first = store_event(body=body, at=clock.now())
        second = store_event(body=body, at=clock.now())
        assert first == second
        assert GatewayEvent.objects.filter(event_id="evt_twice").count() == 1
        assert OutboxMessage.objects.filter(topic="provider_event").count() == 1
