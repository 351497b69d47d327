"""When Stripe's answer does not come: the outcome is unknown, never a failure, and asking again pays once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.gateways.port import (
    Accepted,
    BroughtBack,
    Found,
    NotFound,
    ProviderStatus,
    RailSilent,
    Refused,
    Then,
    Unknown,
)
from finance.stand_ins.stripe_faults import Fault, Trouble, seeded_faults
from gaf.money import Money

DONE = {Trouble.DROPPED_AFTER, Trouble.ERROR_AFTER, Trouble.TRUNCATED, Trouble.SLOW}


def fault(trouble, path):
    return Fault(trouble, path=path, seconds=1.0)


def waits_for(trouble):
    """Only an answer that comes too late needs a short wait; any other fault must not be taken for a busy machine."""
    return 0.2 if trouble is Trouble.SLOW else 5.0


class TestAnOutcomeThatIsUnknown:
    @pytest.mark.parametrize("path", ["/v1/transfers", "/v1/payouts"])
    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_is_paid_once_when_asked_again(self, make_rail, stand_in, instruction, noon, trouble, path):
        stand_in.faults.add(fault(trouble, path))

        first = make_rail(read_timeout=waits_for(trouble)).create(instruction, first_called_at=None, now=noon)
        second = make_rail(read_timeout=5.0).create(instruction, first_called_at=noon, now=noon, asked_before=True)

        assert isinstance(first, Unknown)
        assert first.then is Then.ASK_AGAIN
        assert isinstance(second, Accepted)
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}
        assert stand_in.book().platform == {"usd": 75_000}
        assert stand_in.refused_key_reuses == 0

    @pytest.mark.parametrize("trouble", sorted(DONE))
    def test_is_found_where_stripe_had_carried_it_out(self, make_rail, stand_in, instruction, noon, trouble):
        stand_in.faults.add(fault(trouble, "/v1/payouts"))

        make_rail(read_timeout=waits_for(trouble)).create(instruction, first_called_at=None, now=noon)
        found = make_rail(read_timeout=5.0).find(instruction)

        assert (found.status, found.money, found.complete) == (ProviderStatus.PENDING, Money(25_000, "USD"), True)

    @pytest.mark.parametrize("trouble", sorted(DONE))
    def test_is_found_half_done_after_the_transfer_alone(self, make_rail, stand_in, instruction, noon, trouble):
        stand_in.faults.add(fault(trouble, "/v1/transfers"))

        make_rail(read_timeout=waits_for(trouble)).create(instruction, first_called_at=None, now=noon)
        found = make_rail(read_timeout=5.0).find(instruction)

        assert (found.status, set(found.steps), found.complete) == (ProviderStatus.PENDING, {"transfer"}, False)

    def test_names_the_transfer_that_is_already_made(self, rail, stand_in, instruction, noon):
        stand_in.faults.add(fault(Trouble.DROPPED_BEFORE, "/v1/payouts"))

        answer = rail.create(instruction, first_called_at=None, now=noon)

        assert set(answer.steps) == {"transfer"}

    def test_stays_unknown_while_stripe_cannot_be_reached_at_all(self, rail, stand_in, instruction, noon):
        stand_in.stop()

        assert isinstance(rail.create(instruction, first_called_at=None, now=noon), Unknown)
        assert isinstance(rail.create(instruction, first_called_at=noon, now=noon, asked_before=True), Unknown)
        assert isinstance(rail.find(instruction), Unknown)
        assert isinstance(rail.status(instruction, "po_any"), Unknown)
        with pytest.raises(RailSilent, match="STRIPE-10"):
            rail.balance()

    def test_is_mended_inside_the_library_with_the_same_key(self, make_rail, stand_in, instruction, noon):
        stand_in.faults.add(
            Fault(Trouble.DROPPED_AFTER, "/v1/transfers"),
            Fault(Trouble.UNAVAILABLE, "/v1/transfers", skip=1),
            Fault(Trouble.IN_PROGRESS, "/v1/payouts"),
        )

        answer = make_rail(network_retries=2).create(instruction, first_called_at=None, now=noon)

        assert isinstance(answer, Accepted)
        assert [seen.key.rsplit(":", 1)[1] for seen in stand_in.seen] == ["transfer"] * 3 + ["payout"] * 2
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}

    def test_f13_is_left_to_the_caller_when_stripe_asks_to_slow_down(self, make_rail, stand_in, instruction, noon):
        """The library never retries a 429 and ignores Retry-After: the queue has to wait."""
        stand_in.faults.add(Fault(Trouble.RATE_LIMITED, "/v1/transfers"))

        answer = make_rail(network_retries=2).create(instruction, first_called_at=None, now=noon)

        assert (type(answer), answer.code) == (Unknown, "rate_limit")
        assert len(stand_in.seen) == 1

    def test_f14_pauses_the_rail_when_our_key_is_refused(self, make_rail, stand_in, instruction, noon):
        answer = make_rail(api_key="sk_withdrawn").create(instruction, first_called_at=None, now=noon)

        assert (answer.code, answer.then) == ("key_refused", Then.PAUSE_RAIL)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_f11_calls_a_person_when_the_key_was_used_for_another_amount(
        self, rail, stand_in, instruction, instruct_for, noon
    ):
        rail.create(instruction, first_called_at=None, now=noon)
        changed = instruct_for(instruction.destination, "999.00")

        answer = rail.create(changed, first_called_at=noon, now=noon)

        assert (answer.code, answer.then) == ("idempotency_error", Then.CALL_A_PERSON)
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}


class TestAskingAgainLate:
    """Stripe forgets a key after a day. The stand-in does so too, so the same key alone would pay twice here."""

    def test_looks_before_it_pays_once_the_first_call_is_over_twenty_hours_old(self, rail, stand_in, instruction, noon):
        stand_in.faults.add(fault(Trouble.DROPPED_AFTER, "/v1/payouts"))
        rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(25 * 3600)
        stand_in.seen.clear()

        answer = rail.create(instruction, first_called_at=noon, now=noon + timedelta(hours=25))

        assert isinstance(answer, Accepted)
        assert {seen.method for seen in stand_in.seen} == {"GET"}
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}
        assert stand_in.book().platform == {"usd": 75_000}

    def test_would_pay_twice_with_the_key_alone(self, rail, stand_in, instruction, noon):
        """The control of the test above: the danger is real in the stand-in."""
        rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(25 * 3600)

        rail.create(instruction, first_called_at=None, now=noon)

        assert stand_in.book().platform == {"usd": 50_000}

    def test_f09_is_not_sent_again_after_twenty_three_hours_when_nothing_is_found(
        self, rail, stand_in, instruction, noon
    ):
        late = rail.create(instruction, first_called_at=noon, now=noon + timedelta(hours=23, minutes=1))
        in_time = rail.create(instruction, first_called_at=noon, now=noon + timedelta(hours=22, minutes=59))

        assert (late.code, late.then) == ("too_old_to_resend", Then.CALL_A_PERSON)
        assert isinstance(in_time, Accepted)
        assert stand_in.book().platform == {"usd": 75_000}

    def test_goes_on_from_a_transfer_without_payout(self, rail, stand_in, instruction, noon):
        stand_in.faults.add(fault(Trouble.DROPPED_AFTER, "/v1/transfers"))
        rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(25 * 3600)

        answer = rail.create(instruction, first_called_at=noon, now=noon + timedelta(hours=25))

        assert isinstance(answer, Accepted)
        assert stand_in.book().platform == {"usd": 75_000}
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}

    def test_does_not_pay_when_looking_fails(self, rail, stand_in, instruction, noon):
        stand_in.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers", method="GET"))

        answer = rail.create(instruction, first_called_at=noon, now=noon + timedelta(hours=25))

        assert isinstance(answer, Unknown)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_is_left_to_a_person_when_stripe_holds_the_attempt_twice(self, rail, stand_in, instruction, noon):
        rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(25 * 3600)
        rail.create(instruction, first_called_at=None, now=noon)

        answer = rail.create(instruction, first_called_at=noon, now=noon, asked_before=True)

        assert (answer.code, answer.then) == ("found_twice", Then.CALL_A_PERSON)


class TestARefusalAfterAnUnknownOutcome:
    def test_counts_when_stripes_books_hold_nothing(self, rail, stand_in, instruct_for, payee, noon):
        too_much = instruct_for(payee, "5000.00")
        stand_in.faults.add(fault(Trouble.DROPPED_BEFORE, "/v1/transfers"))

        first = rail.create(too_much, first_called_at=None, now=noon)
        second = rail.create(too_much, first_called_at=noon, now=noon, asked_before=True)

        assert isinstance(first, Unknown)
        assert (type(second), second.code) == (Refused, "balance_insufficient")

    def test_stays_unknown_while_those_books_cannot_be_read(self, rail, stand_in, instruct_for, payee, noon):
        too_much = instruct_for(payee, "5000.00")
        stand_in.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers", method="GET", skip=1))

        answer = rail.create(too_much, first_called_at=noon, now=noon, asked_before=True)

        assert isinstance(answer, Unknown)


class TestAnyOrderOfTroubles:
    @pytest.mark.parametrize("ending", ["0000", "0009"])
    @pytest.mark.parametrize("seed", range(25))
    def test_ends_paid_once_or_with_the_money_back(self, rail, stand_in, instruct_for, noon, seed, ending):
        payee = stand_in.connect_account(f"CH93007620116238{ending}", currency="usd")
        instruction = instruct_for(payee)
        stand_in.faults.add(*seeded_faults(seed, 12, one_in=2))

        answer = Unknown("")
        for round_ in range(20):
            if round_ == 14:
                stand_in.advance(25 * 3600)  # an error kept under a key is repeated until Stripe forgets the key
            answer = rail.create(instruction, first_called_at=noon, now=noon, asked_before=round_ > 0)
            if not isinstance(answer, Unknown):
                break
        books = stand_in.book()

        assert books.is_balanced
        assert stand_in.refused_key_reuses == 0
        if ending == "0000":
            assert isinstance(answer, Accepted)
            assert (books.platform, stand_in.paid_for("P-2026-00031")) == ({"usd": 75_000}, {"usd": 25_000})
        else:
            assert isinstance(answer, Refused)
            assert (books.platform, stand_in.paid_for("P-2026-00031")) == ({"usd": 100_000}, {})


class TestBringingBackInTrouble:
    @pytest.mark.parametrize("trouble", sorted(set(Trouble) - {Trouble.SLOW}))
    def test_takes_the_money_back_once(self, rail, stand_in, instruct_for, noon, trouble):
        payee = stand_in.connect_account("CH9300762011623850007", currency="usd")
        instruction = instruct_for(payee)
        rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(6 * 86400)
        stand_in.faults.add(fault(trouble, "/v1/transfers/"))

        first = rail.bring_back(instruction)
        second = rail.bring_back(instruction)

        assert isinstance(first, Unknown)
        assert isinstance(second, BroughtBack)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_finds_nothing_to_bring_back_where_nothing_was_sent(self, rail, instruction):
        assert rail.bring_back(instruction).code == "nothing_to_bring_back"
        assert rail.find(instruction) == NotFound()
        assert not isinstance(rail.find(instruction), Found)
