"""A worker may die anywhere: what it was doing is done once. Counted at the bank and at Stripe, not in our books."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from django.conf import settings
from django.db import connection

from finance import sending
from finance.books import first_broken, verify
from finance.gateways.bank_file import rail as bank_rail
from finance.gateways.stripe_connect import StripeRail
from finance.models import Attempt, Commitment, Disbursement, Journal
from finance.sending import resume_all
from finance.stand_ins import bank_books
from finance.stand_ins.stripe_faults import Fault, Trouble
from finance.stand_ins.stripe_server import StripeStandIn
from finance.sweeping import sweep_stripe
from gaf import clock
from gaf.ids import random_key
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from tests.finance.builders import NOON, Fund, committed, open_fund, usd
from tests.finance.disbursing import killing
from tests.finance.disbursing.killing import Killed, Killer, kill

GOOD_BANK, SENDS_BACK, ACCOUNT = "CH9300762011623852957", "CH0000000000000000007", "acct_1Sample"
LATER = NOON + timedelta(minutes=10)


# Putting the world back, so that one test can kill at every point


@contextmanager
def same_start() -> Iterator[Callable[[], None]]:
    """Gives a function that puts the SQLite database back as it was here, in some milliseconds."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as kept:
        connection.ensure_connection()
        connection.connection.backup(kept)

        def back() -> None:
            connection.close()
            connection.ensure_connection()
            kept.backup(connection.connection)

        yield back


def revive() -> None:
    """The next worker: the sweep promises again what was left between two phases, and everything due is done."""
    with clock.at(LATER):
        resume_all()
        drain()


def booked_at_the_bank(fund: Fund) -> list[int]:
    """What the bank took from the fund's account for orders, after reading its folder."""
    fund.bank().receive(LATER)
    entries = bank_books.load(Path(settings.GAF_BANK_FOLDER) / "ledger.json").entries
    return [entry.minor for entry in entries if entry.end_to_end]


def at_rest() -> tuple[object, ...]:
    """What must be so when all is done: state, attempts, journals, promises kept, books true."""
    return (
        Disbursement.objects.get().state,
        list(Attempt.objects.values_list("state", flat=True)),
        Journal.objects.filter(kind="send").count(),
        OutboxMessage.objects.exclude(topic="notice").exclude(state="DONE").count(),
        first_broken(verify()),
    )


ALL_DONE = ("SENT", ["SENT"], 1, 0, None)


@pytest.fixture
def signed(transactional_db, at_noon) -> Fund:
    """USD 300.00 in a file signed by two, promised to the worker and not sent."""
    fund = open_fund()
    fund.commit(usd("500.00"))
    fund.release(fund.prepare(usd("300.00"), fund.payee()))
    fund.signed_file()
    OutboxMessage.objects.filter(topic="notice").delete()
    return fund


@contextmanager
def file_written(killer: Killer) -> Iterator[None]:
    """The two points around the bytes: before they lie in the bank's folder, and just after."""
    write = bank_rail.write_whole

    def write_or_die(path: Path, content: bytes) -> None:
        killer.point("before the file")
        write(path, content)
        killer.point("after the file")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bank_rail, "write_whole", write_or_die)
        yield


@pytest.mark.django_db(transaction=True)
class TestAFileToTheBank:
    def test_is_paid_once_wherever_the_worker_dies(self, signed):
        with same_start() as back:
            points = kill(drain, 0, file_written).passed
            assert {"before commit", "after commit", "before the file", "after the file", "update"} <= set(points)
            for at in range(1, len(points) + 1):
                back()
                shutil.rmtree(settings.GAF_BANK_FOLDER, ignore_errors=True)
                kill(drain, at, file_written)
                revive()
                assert (at, booked_at_the_bank(signed), at_rest()) == (at, [-30000], ALL_DONE)

    @pytest.mark.postgres  # on SQLite the test above dies at every one of these points, and at all others
    @pytest.mark.parametrize("step", ["before commit", "after commit", "before the file", "after the file"])
    @pytest.mark.parametrize("time", [1, 2, 3])
    def test_is_paid_once_when_the_worker_dies_between_two_steps(self, signed, step, time):
        class AtStep(Killer):
            def point(self, name: str) -> None:
                self.passed.append(name)
                if name == step and self.passed.count(step) == time:
                    raise Killed(name)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(killing, "Killer", AtStep)
            kill(drain, 0, file_written)
        revive()

        assert booked_at_the_bank(signed) == [-30000]
        assert at_rest() == ALL_DONE

    def test_leaves_the_same_bytes_under_the_same_name_when_it_is_sent_twice(self, signed):
        kill(drain, 0, file_written)
        folder = Path(settings.GAF_BANK_FOLDER) / "in"
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        OutboxMessage.objects.filter(topic="send_payment_file").update(state="READY")
        revive()

        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        assert booked_at_the_bank(signed) == [-30000]


# Stripe


@pytest.fixture(autouse=True)
def quick_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe's library waits before it tries again, and tries again by itself; here each fault is to be seen."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.001)


@contextmanager
def stripe_open(settings_, *, balance: int = 100_000, bank: str = GOOD_BANK) -> Iterator[StripeStandIn]:
    """A fresh Stripe with USD 1,000.00 of the fund and one payee's account."""
    stand_in = StripeStandIn(api_key=settings_.STRIPE_API_KEY)
    settings_.STRIPE_API_BASE = stand_in.start()
    if balance:
        stand_in.top_up(balance, "usd")
    stand_in.connect_account(bank, currency="usd", ref=ACCOUNT)
    try:
        yield stand_in
    finally:
        stand_in.stop()


@pytest.fixture
def released(transactional_db, at_noon) -> Fund:
    """USD 300.00 released to a payee at Stripe, promised to the worker and not sent."""
    fund = open_fund()
    fund.commit(usd("500.00"))
    fund.release(fund.prepare(usd("300.00"), fund.stripe_payee(ACCOUNT)))
    OutboxMessage.objects.filter(topic="notice").delete()
    return fund


@contextmanager
def calls_made(killer: Killer) -> Iterator[None]:
    """The points around each call: before the transfer, between transfer and payout, after the payout."""
    transfer, pay_out = StripeRail._transfer, StripeRail._pay_out

    def transfer_or_die(rail, *args):
        killer.point("before the transfer")
        return transfer(rail, *args)

    def pay_out_or_die(rail, *args):
        killer.point("between transfer and payout")
        answer = pay_out(rail, *args)
        killer.point("after the payout")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StripeRail, "_transfer", transfer_or_die)
        patch.setattr(StripeRail, "_pay_out", pay_out_or_die)
        yield


def dead_at(step: str) -> Callable[[Killer], Any]:
    """The worker dies at one step around its calls."""

    @contextmanager
    def also(killer: Killer) -> Iterator[None]:
        killer.point = lambda name: _die(name) if name == step else None  # type: ignore[method-assign]
        with calls_made(killer):
            yield

    return also


dead_after_the_payout = dead_at("after the payout")  # made, and its answer not written


def _die(step: str) -> None:
    raise Killed(step)


def paid_at_stripe(stand_in: StripeStandIn) -> tuple[dict[str, int], dict[str, int]]:
    """What payees' banks hold for it, and what is left on the fund's balance, in Stripe's cents."""
    return stand_in.paid_for("P-2026-00001"), stand_in.book().platform


PAID_ONCE = ({"usd": 30_000}, {"usd": 70_000})


@pytest.mark.django_db(transaction=True)
class TestACallToStripe:
    def test_is_paid_once_wherever_the_worker_dies(self, released, settings):
        with same_start() as back:
            with stripe_open(settings):
                points = kill(drain, 0, calls_made).passed
            assert {"before the transfer", "between transfer and payout", "after the payout"} <= set(points)
            for at in range(1, len(points) + 1):
                back()
                with stripe_open(settings) as stand_in:
                    kill(drain, at, calls_made)
                    revive()
                    assert (at, paid_at_stripe(stand_in), at_rest()) == (at, PAID_ONCE, ALL_DONE)

    def test_f05_killed_between_reserving_and_calling_it_goes_on_with_the_stored_key(self, released, settings):
        with stripe_open(settings) as stand_in:
            kill(drain, 0, dead_at("before the transfer"))
            stored = Attempt.objects.get().key
            revive()
            keys = {seen.key for seen in stand_in.seen if seen.method == "POST"}

            assert keys == {f"gaf:{stored}:transfer", f"gaf:{stored}:payout"}
            assert (paid_at_stripe(stand_in), at_rest()) == (PAID_ONCE, ALL_DONE)

    def test_f06_killed_between_the_call_and_its_commit_the_result_is_the_first_one(self, released, settings):
        with stripe_open(settings) as stand_in:
            kill(drain, 0, dead_after_the_payout)
            made = next(iter(stand_in._book.things["payout"]))
            revive()

            assert Attempt.objects.get().provider_reference == made
            assert (paid_at_stripe(stand_in), at_rest()) == (PAID_ONCE, ALL_DONE)

    def test_f07_killed_before_the_queue_heard_of_the_end_the_second_run_does_nothing(self, released, settings):
        with same_start() as back:
            with stripe_open(settings):
                points = kill(drain, 0).passed
            back()
            with stripe_open(settings) as stand_in:
                kill(drain, len(points) - points[::-1].index("update"))
                assert Disbursement.objects.get().state == "SENT"
                assert OutboxMessage.objects.get(topic="send_disbursement").state == "CLAIMED"
                stand_in.seen.clear()
                revive()

                assert stand_in.seen == []
                assert (paid_at_stripe(stand_in), at_rest()) == (PAID_ONCE, ALL_DONE)

    def test_asks_again_under_the_same_stored_key_only(self, released, settings):
        with stripe_open(settings) as stand_in:
            stand_in.faults.add(Fault(Trouble.DROPPED_AFTER, path="/v1/transfers", times=9))
            drain()
            stand_in.faults.clear()
            revive()
            keys = {seen.key for seen in stand_in.seen if seen.method == "POST"}

            assert len(keys) == 2
            assert {key.split(":")[1] for key in keys} == {Attempt.objects.get().key}
            assert paid_at_stripe(stand_in) == PAID_ONCE


@pytest.mark.django_db(transaction=True)
class TestAnUnknownResult:
    def test_is_a_state_that_keeps_the_money_and_is_not_sent_again_without_looking(self, released, settings):
        with stripe_open(settings) as stand_in:
            stand_in.faults.add(Fault(Trouble.DROPPED_AFTER, path="/v1/transfers", times=9))
            drain()
            assert Disbursement.objects.get().state == "UNKNOWN"
            assert first_broken(verify()) is None
            stand_in.faults.clear()
            stand_in.seen.clear()
            revive()

            first = stand_in.seen[0]
            assert (first.method, first.path.split("?")[0]) == ("GET", "/v1/transfers")
            assert [seen.path for seen in stand_in.seen if seen.method == "POST"] == ["/v1/payouts"]
            assert (paid_at_stripe(stand_in), at_rest()) == (PAID_ONCE, ALL_DONE)

    def test_stays_unknown_while_nobody_answers_whatever_is_tried(self, released, settings):
        with stripe_open(settings) as stand_in:
            stand_in.faults.add(Fault(Trouble.DROPPED_AFTER, path="/v1/transfers", times=9))
            stand_in.faults.add(Fault(Trouble.DROPPED_BEFORE, path="/v1/", method="GET", times=99))
            drain()
            for minutes in (10, 20, 30):
                with clock.at(NOON + timedelta(minutes=minutes)):
                    drain()
            transfers = [seen for seen in stand_in.seen if (seen.method, seen.path) == ("POST", "/v1/transfers")]

            assert Disbursement.objects.get().state == "UNKNOWN"
            assert len({seen.key for seen in transfers}) == 1
            assert stand_in.book().platform == {"usd": 70_000}

    def test_is_found_by_its_own_mark_after_stripe_forgot_the_key(self, released, settings):
        with stripe_open(settings) as stand_in:
            stand_in.faults.add(Fault(Trouble.DROPPED_AFTER, path="/v1/transfers", times=9))
            drain()
            stand_in.faults.clear()
            Attempt.objects.update(first_called_at=NOON - timedelta(days=2))
            revive()

            assert (paid_at_stripe(stand_in), at_rest()) == (PAID_ONCE, ALL_DONE)

    def test_a_refusal_after_no_answer_counts_only_once_stripe_says_that_it_holds_nothing(self, released, settings):
        unheard = Fault(Trouble.DROPPED_BEFORE, path="/v1/transfers", times=9)
        blind = Fault(Trouble.DROPPED_BEFORE, path="/v1/transfers", method="GET", skip=1, times=99)
        states = []
        with stripe_open(settings) as stand_in:
            stand_in.faults.add(unheard)
            drain()
            states.append(Disbursement.objects.get().state)
            stand_in.debit(100_000, "usd")
            stand_in.faults.clear()
            stand_in.faults.add(blind)
            revive()
            states.append(Disbursement.objects.get().state)
            stand_in.faults.clear()
            with clock.at(LATER + timedelta(hours=1)):
                drain()

        failed = Disbursement.objects.get()
        assert [*states, failed.state] == ["UNKNOWN", "UNKNOWN", "FAILED"]
        assert failed.return_code == "balance_insufficient"
        assert Journal.objects.filter(kind="unsend").count() == 1
        assert Commitment.objects.get().open == usd("500.00")
        assert first_broken(verify()) is None


@pytest.mark.django_db(transaction=True)
class TestAPayoutThatComesBack:
    def test_is_whole_in_its_commitment_at_once_and_takes_nothing_from_another_request(self, released, settings):
        """Days later the payee's bank sends it back, and it is paid again before any statement shows either."""
        released.commit(usd("300.00"), reference="GAF-2026-00043")
        with stripe_open(settings, bank=SENDS_BACK) as stand_in:
            drain()
            stand_in.advance(30 * 86_400)
            with clock.at(LATER):
                sweep_stripe()
                sweep_stripe()
            returned = Disbursement.objects.get()
            promised = [committed(released.stream)]
            again = released.prepare(usd("300.00"), returned.payee_version, replaces=returned)
            released.release(again)
            drain()
            promised.append(committed(released.stream))

        assert (returned.state, released.now(again).state) == ("RETURNED", "SENT")
        assert promised == [usd("800.00"), usd("500.00")]
        assert first_broken(verify()) is None

    def test_f19_is_noticed_after_it_was_confirmed_even_when_no_message_comes(self, released, settings):
        states = []
        with stripe_open(settings, bank=SENDS_BACK) as stand_in:
            drain()
            for days in (3, 3):
                stand_in.advance(days * 86_400)
                with clock.at(LATER):
                    sweep_stripe()
                states.append(Disbursement.objects.get().state)

            assert states == ["CONFIRMED", "RETURNED"]
            assert stand_in.book().platform == {"usd": 100_000}
        assert first_broken(verify()) is None

    def test_that_cannot_be_fetched_back_yet_does_not_keep_others_waiting(self, released, settings):
        with stripe_open(settings, bank=SENDS_BACK) as stand_in:
            stand_in.connect_account(GOOD_BANK, currency="usd", ref="acct_1Other")
            other = released.prepare(usd("100.00"), released.stripe_payee("acct_1Other"))
            released.release(other)
            drain()
            stand_in.advance(10 * 86_400)
            stand_in.faults.add(Fault(Trouble.DROPPED_BEFORE, path="/v1/transfers/", times=9))
            with clock.at(LATER):
                assert sweep_stripe() == 2

        assert released.now(other).state == "CONFIRMED"
        assert Disbursement.objects.get(number="P-2026-00001").state == "SENT"


@pytest.mark.django_db(transaction=True)
class TestTheCountAtStripe:
    def test_would_see_a_worker_that_forgets_its_key(self, released, settings, monkeypatch):
        """The control: with a new key at each try, and no look before it, the same death pays twice."""
        told, create = sending.instruction, StripeRail.create
        monkeypatch.setattr(sending, "instruction", lambda *each: replace(told(*each), key=random_key()))
        monkeypatch.setattr(
            StripeRail, "create", lambda rail, order, **_said: create(rail, order, first_called_at=None, now=NOON)
        )
        with stripe_open(settings) as stand_in:
            kill(drain, 0, dead_after_the_payout)
            revive()

            assert stand_in.paid_for("P-2026-00001") == {"usd": 60_000}
