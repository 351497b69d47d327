"""F01 to F04, F08 to F11: no answer, or none that can be believed. Sent once, or left to a person."""

from __future__ import annotations

import pytest

from finance.actions.rails import declare_unsent, look_again
from finance.books import first_broken, verify
from finance.gateways.stripe_connect import StripeRail
from finance.models import Commitment, Journal
from finance.stand_ins.stripe_faults import Fault, Trouble
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import deliver
from tests.finance.builders import refuses, usd

DAY = 24 * 60


def unanswered(stage, trouble, *, path="/v1/transfers"):
    """Released, called, and no answer; then answered ten minutes later."""
    row = stage.released()
    stage.stripe.faults.add(Fault(trouble, path=path, times=3))
    stage.work()
    states = [stage.state(row)]
    stage.stripe.faults.clear()
    return row, states


def paid_once(stage, row, states, *, minutes=10.0):
    """It was unknown, is sent now, under one key for each step, and Stripe holds it once."""
    stage.work(minutes)
    assert [*states, stage.state(row)] == ["UNKNOWN", "SENT"]
    key = stage.attempt(row).key
    assert set(stage.posts()) == {f"gaf:{key}:transfer", f"gaf:{key}:payout"}
    assert stage.stripe.paid_for(row.number) == {"usd": 30_000}
    assert stage.stripe.book().platform == {"usd": 70_000}
    assert Journal.objects.filter(kind="send").count() == 1


class TestACallThatIsNotAnswered:
    def test_f01_connection_refused_is_unknown_and_sent_once_under_the_same_key(self, stage):
        paid_once(stage, *unanswered(stage, Trouble.DROPPED_BEFORE))

    def test_f02_a_break_after_stripe_acted_is_replayed_with_the_same_key(self, stage):
        paid_once(stage, *unanswered(stage, Trouble.DROPPED_AFTER))

    @pytest.mark.parametrize("path", ["/v1/transfers", "/v1/payouts"])
    def test_f03_a_kept_500_stays_unknown_and_is_found_in_stripes_books(self, stage, path):
        paid_once(stage, *unanswered(stage, Trouble.ERROR_AFTER, path=path))

    def test_f04_half_an_answer_is_none(self, stage):
        paid_once(stage, *unanswered(stage, Trouble.TRUNCATED))

    def test_f10_a_key_in_use_is_waited_for(self, stage):
        paid_once(stage, *unanswered(stage, Trouble.IN_PROGRESS))


class TestTwoWorkers:
    def test_f08_make_one_call_when_they_take_the_same_promise(self, stage, monkeypatch):
        row = stage.released()
        number = OutboxMessage.objects.get(topic="send_disbursement").pk
        seconds, transfer = [], StripeRail._transfer

        def while_another_looks(rail, order):
            seconds.append(deliver(number))
            return transfer(rail, order)

        monkeypatch.setattr(StripeRail, "_transfer", while_another_looks)
        assert deliver(number)
        assert (seconds, stage.state(row), len(stage.posts("/v1/transfers"))) == ([False], "SENT", 1)


class TestATryThatIsTooOld:
    @pytest.fixture
    def too_old(self, stage):
        """Called once without an answer, nothing at Stripe; and asked again a day later."""
        row, _states = unanswered(stage, Trouble.DROPPED_BEFORE)
        stage.stripe.seen.clear()
        stage.stripe.advance(25 * 3600)
        stage.work(DAY)
        return row

    def test_f09_is_looked_for_and_never_sent_again_but_left_to_a_person(self, stage, too_old):
        stage.work(DAY + 60)
        assert (stage.state(too_old), stage.attempt(too_old).held_code) == ("UNKNOWN", "too_old_to_resend")
        assert (stage.posts(), stage.told()) == ([], ["disbursement_held"])
        assert {one.method for one in stage.stripe.seen} == {"GET"}

    def test_f09_twenty_hours_are_looked_at_before_the_same_key_is_sent(self, stage):
        row, states = unanswered(stage, Trouble.DROPPED_BEFORE)
        stage.stripe.seen.clear()
        paid_once(stage, row, states, minutes=21 * 60)
        assert stage.stripe.seen[0].method == "GET"

    def test_f09_is_over_once_a_person_says_that_it_never_left(self, stage, too_old):
        with stage.at(DAY + 30) as at:
            declared = declare_unsent(number=too_old.number, reason="Asked Stripe.", actor=stage.fund.esi, at=at)
        assert (declared.state, declared.return_code) == ("FAILED", "never_arrived")
        assert Commitment.objects.get().open == usd("5000.00")
        assert first_broken(verify()) is None

    def test_f09_nobody_says_so_long_after_anybody_looked(self, stage, too_old):
        with stage.at(DAY + 120) as at, refuses("RAIL-03"):
            declare_unsent(number=too_old.number, reason="I think so.", actor=stage.fund.esi, at=at)

    def test_f09_whoever_released_it_does_not_say_that_it_never_left(self, stage, too_old):
        with stage.at(DAY + 30) as at, pytest.raises(Exception, match="ROLE-02"):
            declare_unsent(number=too_old.number, reason="It never left.", actor=stage.fund.divya, at=at)
        assert stage.state(too_old) == "UNKNOWN"

    def test_f09_is_found_after_all_when_a_person_looks_again(self, stage):
        row, _states = unanswered(stage, Trouble.DROPPED_AFTER)
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers", method="GET", times=1))
        stage.work(DAY)
        stage.work(DAY + 10)
        assert (stage.state(row), stage.stripe.book().platform) == ("SENT", {"usd": 70_000})


class TestAKeyThatStripeKnowsWithOtherParameters:
    def test_f11_is_a_hard_stop_that_people_hear_of(self, stage, monkeypatch):
        row, _states = unanswered(stage, Trouble.DROPPED_BEFORE)
        key = stage.attempt(row).key
        stage.stripe._keys.begin("", f"gaf:{key}:transfer", "POST /v1/transfers amount=1", stage.stripe._book.now())
        stage.work(10)
        stage.stripe.seen.clear()
        for minutes in (20, 60, 600):
            stage.work(minutes)
        assert (stage.state(row), stage.attempt(row).held_code) == ("UNKNOWN", "idempotency_error")
        assert (stage.stripe.seen, stage.told()) == ([], ["disbursement_held"])

    def test_f11_is_asked_again_only_when_a_person_says_so(self, stage):
        row, _states = unanswered(stage, Trouble.DROPPED_BEFORE)
        key = stage.attempt(row).key
        stage.stripe._keys.begin("", f"gaf:{key}:transfer", "POST /v1/transfers amount=1", stage.stripe._book.now())
        stage.work(10)
        stage.stripe._keys.forget("", f"gaf:{key}:transfer")
        with stage.at(20) as at:
            look_again(number=row.number, reason="Cleared with Stripe.", actor=stage.fund.divya, at=at)
        stage.work(21)
        assert (stage.state(row), stage.stripe.paid_for(row.number)) == ("SENT", {"usd": 30_000})
