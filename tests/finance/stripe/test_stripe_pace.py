"""How many calls a second Stripe gets from us: never more than were set, whatever waits, and nothing is lost by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.gateways.port import Accepted, Quote, Unknown
from finance.gateways.stripe_pace import Bucket, kept_back
from finance.models import RailPace
from gaf import clock
from tests.finance.failures.conftest import stage  # noqa: F401  # the fund with Stripe beside it
from tests.finance.stripe.conftest import NOON


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


class TestABucket:
    def test_gives_one_seconds_tokens_and_no_more(self):
        bucket = Bucket(10)

        assert [bucket.take(NOON) for _each in range(12)] == [True] * 10 + [False] * 2

    def test_fills_by_the_clock_up_to_one_seconds_tokens(self):
        bucket = Bucket(10)
        for _each in range(10):
            bucket.take(NOON)

        assert [bucket.take(after(0.25)) for _each in range(3)] == [True, True, False]
        assert sum(bucket.take(after(3600)) for _each in range(20)) == 10

    def test_gives_no_more_than_its_rate_over_any_longer_time(self):
        bucket = Bucket(20)

        taken = sum(bucket.take(after(step / 100)) for step in range(1000))

        assert taken <= 20 + 10 * 20

    def test_gains_nothing_when_the_clock_is_set_back(self):
        bucket = Bucket(2)
        bucket.take(after(10))
        bucket.take(after(10))

        assert not bucket.take(NOON)
        assert not bucket.take(NOON)

    def test_leaves_to_payments_what_questions_may_not_take(self):
        bucket = Bucket(20)
        questions = sum(bucket.take(NOON, leave=kept_back(20)) for _each in range(40))

        assert questions == 15
        assert [bucket.take(NOON) for _each in range(6)] == [True] * 5 + [False]

    @pytest.mark.parametrize(("rate", "kept"), [(1, 0), (4, 2), (20, 5), (100, 5)])
    def test_of_any_size_lets_questions_through(self, rate, kept):
        assert kept_back(rate) == kept
        assert Bucket(rate).take(NOON, leave=kept)


class TestARailWithALimit:
    def test_answers_itself_as_stripe_would_once_the_calls_are_used_up(self, make_rail, stand_in, instruction, noon):
        rail = make_rail(calls_per_second=4, network_retries=2)
        with clock.at(noon):
            answers = [rail.quote(instruction) for _each in range(3)]
        assert [type(one) for one in answers] == [Quote, Quote, Unknown]
        assert answers[2].code == "rate_limit"
        assert len(stand_in.seen) == 2

    def test_makes_the_payment_for_which_the_questions_left_room(self, make_rail, stand_in, instruction, noon):
        rail = make_rail(calls_per_second=4)
        with clock.at(noon):
            while isinstance(rail.quote(instruction), Quote):
                pass
            answer = rail.create(instruction, first_called_at=None, now=noon)

        assert isinstance(answer, Accepted)
        assert stand_in.paid_for(instruction.number) == {"usd": 25_000}

    def test_goes_on_when_a_moment_has_passed(self, make_rail, stand_in, instruction, noon):
        rail = make_rail(calls_per_second=4)
        with clock.at(noon):
            while isinstance(rail.quote(instruction), Quote):
                pass
        with clock.at(after(1)):
            assert isinstance(rail.quote(instruction), Quote)


@pytest.mark.django_db
def test_f13_a_burst_is_held_back_here_and_every_payment_is_made_once_in_the_order_of_release(stage, settings):  # noqa: F811
    settings.STRIPE_CALLS_PER_SECOND = 10
    rows = [stage.released("50.00") for _each in range(6)]

    stage.work()
    first = len(stage.stripe.seen)
    for minutes in range(1, 60):
        stage.work(minutes)

    assert first <= 10
    assert {stage.state(row) for row in rows} == {"SENT"}
    assert stage.posts("/v1/transfers") == [f"gaf:{stage.attempt(row).key}:transfer" for row in rows]
    assert [stage.stripe.paid_for(row.number) for row in rows] == [{"usd": 5_000}] * 6
    assert all(one.status != 429 for one in stage.stripe.seen)
    assert RailPace.objects.get().streak == 0
