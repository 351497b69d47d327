"""F12 to F17, F23, F24, F60: what stops a whole rail or strands money, who hears of it, and how it goes on."""

from __future__ import annotations

from django.test import Client

from finance.actions.rails import open_pause, resume_rail
from finance.actions.stripe_statement import import_stripe_statement
from finance.books import first_broken, verify
from finance.models import Disbursement, RailBalance, RailPace, RailPause, Statement, StatementLine, TopUp
from finance.stand_ins import stripe_banks
from finance.stand_ins.stripe_faults import Fault, Trouble
from finance.sweeping import sweep_stripe
from gaf import clock
from gaf.decisions.models import Decision
from gaf.outbox.models import OutboxMessage
from tests.finance.builders import usd
from tests.finance.failures.conftest import CANNOT_PAY_OUT, CANNOT_RECEIVE, GOOD_BANK, SENDS_BACK

STRIPE_RAIL = "STRIPE"


def rails_page(stage) -> str:
    """What the payer reads of the rails."""
    client = Client()
    client.force_login(stage.fund.divya)
    answer = client.get("/disbursements/rails/")
    assert answer.status_code == 200
    return answer.content.decode()


class TestARefusalThatIsDefinite:
    def test_f12_is_failed_and_paid_again_under_a_new_key_once_there_is_money(self, stage):
        row = stage.released()
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/balance", method="GET", times=99))
        stage.stripe.debit(90_000, "usd")
        stage.work()
        refused = stage.fund.now(row)
        stage.stripe.faults.clear()
        stage.stripe.top_up(90_000, "usd")
        again = stage.fund.prepare(usd("300.00"), row.payee_version, replaces=refused)
        stage.fund.release(again)
        stage.work(10)
        assert (refused.state, refused.return_code, stage.state(again)) == ("FAILED", "balance_insufficient", "SENT")
        assert stage.attempt(row).key != stage.attempt(again).key
        assert (stage.stripe.paid_for(row.number), stage.stripe.paid_for(again.number)) == ({}, {"usd": 30_000})


class TestTooManyCalls:
    def test_f13_make_the_whole_rail_wait_longer_each_time_and_keep_the_order_of_release(self, stage):
        rows = [stage.released("100.00") for _each in range(3)]
        stage.stripe.faults.add(Fault(Trouble.RATE_LIMITED, "/v1/accounts", method="GET", times=2))
        stage.work()
        waits = [RailPace.objects.get().not_before]
        assert {stage.state(row) for row in rows} == {"RELEASED"}
        assert len(stage.stripe.seen) == 1
        stage.work(1)
        waits.append(RailPace.objects.get().not_before)
        stage.work(10)
        assert {stage.state(row) for row in rows} == {"SENT"}
        assert stage.posts("/v1/transfers") == [f"gaf:{stage.attempt(row).key}:transfer" for row in rows]
        assert waits[0] < waits[1]
        assert RailPace.objects.get().streak == 0

    def test_f13_leave_nothing_lost_when_the_call_itself_was_too_much(self, stage):
        row = stage.released()
        stage.stripe.faults.add(Fault(Trouble.RATE_LIMITED, "/v1/transfers", times=1))
        stage.work()
        stage.work(10)
        assert (stage.state(row), stage.stripe.paid_for(row.number)) == ("SENT", {"usd": 30_000})
        assert len(set(stage.posts("/v1/transfers"))) == 1


class TestAKeyThatWasWithdrawn:
    def test_f14_pauses_the_rail_and_goes_on_with_the_new_key_and_the_same_idempotency_keys(self, stage, settings):
        rows = [stage.released("100.00") for _each in range(3)]
        stage.stripe.faults.add(Fault(Trouble.DROPPED_AFTER, "/v1/payouts", times=3))
        stage.work()
        under_way = stage.attempt(rows[0]).key
        later = stage.released("50.00")
        stage.stripe.faults.clear()
        good, settings.STRIPE_API_KEY = settings.STRIPE_API_KEY, "sk_test_withdrawn"
        stage.work(10)
        states = [stage.state(row) for row in (rows[0], later)]
        assert (states, open_pause(STRIPE_RAIL).code, stage.told()) == (
            ["UNKNOWN", "RELEASED"],
            "key_refused",
            ["rail_paused"],
        )
        settings.STRIPE_API_KEY = good
        stage.work(20)
        assert {stage.state(row) for row in (*rows, later)} == {"SENT"}
        assert stage.attempt(rows[0]).key == under_way
        assert len(set(stage.posts("/v1/transfers"))) == 4
        assert stage.stripe.book().platform == {"usd": 65_000}

    def test_f14_the_pause_and_its_end_are_decisions(self, stage, settings):
        stage.released()
        good, settings.STRIPE_API_KEY = settings.STRIPE_API_KEY, "sk_test_withdrawn"
        stage.work()
        settings.STRIPE_API_KEY = good
        stage.work(10)
        pause = RailPause.objects.get()
        made = Decision.objects.filter(subject=pause.key).order_by("number")
        assert [(one.act, one.to_state) for one in made] == [("pause_rail", "PAUSED"), ("resume_rail", "RESUMED")]
        assert first_broken(verify()) is None


class TestABalanceThatIsTooLow:
    def test_f15_stops_before_a_part_of_the_batch_leaves_and_names_what_waits(self, stage):
        rows = [stage.released("400.00") for _each in range(3)]
        stage.work()
        pause = open_pause(STRIPE_RAIL)
        assert {stage.state(row) for row in rows} == {"RELEASED"}
        assert stage.posts() == []
        assert (pause.code, pause.facts["needed"], pause.facts["available"]) == ("balance_too_low", 120_000, 100_000)
        page = rails_page(stage)
        assert all(row.number in page for row in rows)
        stage.stripe.top_up(20_000, "usd")
        stage.work(10)
        assert {stage.state(row) for row in rows} == {"SENT"}
        assert stage.stripe.book().platform == {"usd": 0}

    def test_f15_does_not_keep_what_left_already_from_being_looked_for(self, stage):
        first = stage.released("600.00")
        stage.stripe.faults.add(Fault(Trouble.DROPPED_AFTER, "/v1/transfers", times=3))
        stage.work()
        stage.stripe.faults.clear()
        second = stage.released("500.00")
        stage.work(1)
        assert (stage.state(first), stage.state(second)) == ("UNKNOWN", "RELEASED")
        stage.work(10)
        stage.stripe.top_up(20_000, "usd")
        stage.work(20)
        assert (stage.state(first), stage.state(second)) == ("SENT", "SENT")


class TestAnAccountThatCannotBePaid:
    def test_f16_is_found_before_anything_is_transferred(self, stage):
        for bank, account in ((CANNOT_RECEIVE, "acct_1NoTransfers"), (CANNOT_PAY_OUT, "acct_1NoPayouts")):
            row = stage.released("100.00", bank, account)
            stage.work()
            assert (stage.state(row), stage.fund.now(row).return_code) == ("FAILED", "requirements.past_due")
        assert stage.posts() == []

    def test_f17_transferred_and_not_paid_out_is_shown_and_ends_in_the_payout_never_in_a_second_transfer(
        self, stage, monkeypatch
    ):
        row = stage.released(bank=CANNOT_PAY_OUT)
        monkeypatch.setattr("finance.gateways.stripe_connect.StripeRail.quote", lambda *_: None)
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers/", times=3))
        stage.work()
        assert (stage.state(row), set(stage.attempt(row).steps)) == ("UNKNOWN", {"transfer"})
        stage.stripe._book.numbers["acct_1Sample"] = GOOD_BANK
        stage.stripe._keys._kept.clear()
        stage.stripe.faults.clear()
        stage.work(10)
        assert (stage.state(row), stage.stripe.paid_for(row.number)) == ("SENT", {"usd": 30_000})
        assert len(stage.posts("/v1/transfers")) == 1
        assert stage.stripe.book().platform == {"usd": 70_000}

    def test_f17_money_that_can_neither_be_paid_out_nor_brought_back_waits_for_a_person_who_tries_anew(
        self, stage, monkeypatch
    ):
        from finance.actions.rails import look_again

        row = stage.released(bank=CANNOT_PAY_OUT)
        monkeypatch.setattr("finance.gateways.stripe_connect.StripeRail.quote", lambda *_: None)
        ledger, there = stage.stripe._book.ledger, "balance:acct_1Sample"
        monkeypatch.setattr(stage.stripe._book, "_check_step", _take_it_away_before_the_payout(ledger, there))
        stage.work()
        assert (stage.state(row), stage.attempt(row).held_code) == ("UNKNOWN", "held_at_account")
        assert "Transferred, not paid out" in rails_page(stage)
        ledger.move("back", amount=30_000, currency="usd", out_of="funding", into=there)
        monkeypatch.undo()
        stage.stripe._book.numbers["acct_1Sample"] = GOOD_BANK
        with stage.at(10) as at:
            look_again(number=row.number, reason="The account is in order.", actor=stage.fund.divya, at=at)
        stage.work(11)
        assert (stage.state(row), stage.stripe.paid_for(row.number)) == ("SENT", {"usd": 30_000})
        assert len(stage.posts("/v1/transfers")) == 1


def _take_it_away_before_the_payout(ledger, there):
    """Something else empties the payee's account at Stripe between the transfer and the payout."""

    def check(amount, currency, steps):
        if ledger.total(there, "usd") >= 30_000:
            ledger.move("taken", amount=30_000, currency="usd", out_of=there, into="funding")

    return check


class TestMoneyThatCannotBeBroughtBackYet:
    def test_f23_is_shown_and_tried_again_under_a_new_key_until_it_comes(self, stage):
        row = stage.released(bank=SENDS_BACK)
        stage.work()
        stage.stripe.advance(10 * 86_400)
        ledger, there = stage.stripe._book.ledger, "balance:acct_1Sample"
        stage.stripe._book.settle()
        ledger.move("taken", amount=30_000, currency="usd", out_of=there, into="funding")
        with stage.at(30):
            sweep_stripe()
        assert (stage.state(row), stage.attempt(row).code) == ("SENT", "stranded:balance_insufficient")
        assert (stage.told(), row.number in rails_page(stage)) == (["money_stranded"], True)
        ledger.move("back", amount=30_000, currency="usd", out_of="funding", into=there)
        with stage.at(120):
            sweep_stripe()
        assert stage.state(row) == "RETURNED"
        assert stage.stripe.book().platform == {"usd": 100_000}


class TestABalanceBelowZero:
    def test_f60_a_top_up_that_is_taken_back_after_it_was_spent_is_shown_and_pauses_the_rail(self, stage):
        ref = next(iter(stage.stripe._book.things["topup"]))
        sent = stage.released("900.00")
        stage.work()
        stage.stripe.reverse_top_up(ref)
        stage.tell(*stage.events("topup"))
        waiting = stage.released("10.00")
        stage.work(10)
        pause = open_pause(STRIPE_RAIL)
        assert (pause.code, TopUp.objects.get().status) == ("balance_negative", "reversed")
        assert RailBalance.objects.get().money == usd("-900.00")
        assert (stage.state(sent), stage.state(waiting)) == ("SENT", "RELEASED")
        assert "Below zero." in rails_page(stage)
        stage.stripe.top_up(100_000, "usd")
        stage.work(20)
        assert stage.state(waiting) == "RELEASED"
        with stage.at(30) as at:
            resume_rail(pause_id=pause.pk, actor=stage.fund.divya, at=at, reason="Covered.")
        stage.work(31)
        assert stage.state(waiting) == "SENT"

    def test_f24_money_stripe_takes_by_itself_is_imported_without_any_message(self, stage):
        stage.stripe.debit(120_000, "usd")
        import_stripe_statement(bank_account=stage.fund.stripe, actor=stage.fund.esi, at=clock.now())
        lines = [line.money for line in StatementLine.objects.order_by("number")]
        assert (lines, Statement.objects.get().closing) == ([usd("1000.00"), usd("-1200.00")], usd("-200.00"))
        assert OutboxMessage.objects.filter(topic="provider_event").count() == 0


class TestTheNumbersOfBanks:
    def test_are_the_ones_these_failures_are_made_with(self):
        assert GOOD_BANK[-4:] not in vars(stripe_banks).values()
        assert CANNOT_PAY_OUT.endswith(stripe_banks.CANNOT_PAY_OUT)
        assert Disbursement._meta.get_field("state").protected
