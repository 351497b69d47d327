"""Global Payouts behind the same port: one intent, held to the types Stripe ships, paid once whatever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from stripe.params.v2.money_management._payout_intent_create_params import PayoutIntentCreateParams

from finance.gateways.port import Accepted, BroughtBack, Found, NotFound, ProviderStatus, Quote, Refused, Then, Unknown
from finance.gateways.rails import rail_for
from finance.gateways.stripe_events import read_event
from finance.gateways.stripe_global import GlobalPayoutsRail
from finance.stand_ins.stripe_faults import Fault, Trouble
from finance.stand_ins.stripe_types import misfits
from gaf.money import Money

KEY, INTENTS = "sk_test_specification", "/v2/money_management/payout_intents"


@pytest.fixture
def rail(stand_in):
    rail = GlobalPayoutsRail(KEY, stand_in.address, financial_account="fa_1", network_retries=0, read_timeout=2.0)
    yield rail
    rail.close()


@pytest.fixture
def order(instruct_for):
    return instruct_for("acct_1Recipient")


def left(stand_in) -> dict[str, int]:
    return stand_in.book().platform


class TestAPayoutIntent:
    def test_fits_the_types_that_stripe_ships(self, rail, order):
        asked = rail._asked(order)

        assert misfits(asked, PayoutIntentCreateParams) == []
        for wrong in (
            {**asked, "amount": {"value": "250", "currency": "usd"}},
            {**asked, "colour": "red"},
            {name: value for name, value in asked.items() if name != "from"},
            {**asked, "recipient_notification": {"setting": "loud"}},
        ):
            assert len(misfits(wrong, PayoutIntentCreateParams)) == 1

    def test_is_made_once_and_followed_to_the_recipients_bank(self, rail, stand_in, order, noon):
        answer = rail.create(order, first_called_at=None, now=noon)
        again = rail.create(order, first_called_at=noon, now=noon, asked_before=True)
        stand_in.move_intent(answer.provider_ref, "posted")

        assert answer == again == Accepted(answer.provider_ref, {"intent": answer.provider_ref})
        assert rail.find(order) == Found(answer.provider_ref, ProviderStatus.PAID, order.money, answer.steps)
        assert rail.status(order, answer.provider_ref).status is ProviderStatus.PAID
        assert left(stand_in) == {"usd": 75_000}
        assert [seen.key for seen in stand_in.seen if seen.method == "POST"] == [f"gaf:{order.key}:intent"]

    def test_f20_posted_and_returned_weeks_later_is_failed_with_the_reason(self, rail, stand_in, order, noon):
        ref = rail.create(order, first_called_at=None, now=noon).provider_ref
        stand_in.move_intent(ref, "posted")
        before = rail.status(order, ref).status
        stand_in.move_intent(ref, "returned", "payout_method_closed")
        after = rail.status(order, ref)

        assert (before, after.status, after.failure_code) == (
            ProviderStatus.PAID,
            ProviderStatus.FAILED,
            "payout_method_closed",
        )
        assert rail.bring_back(order).code == "comes_by_statement"
        assert left(stand_in) == {"usd": 100_000}

    @pytest.mark.parametrize("trouble", [Trouble.DROPPED_BEFORE, Trouble.DROPPED_AFTER, Trouble.TRUNCATED])
    def test_whose_answer_is_lost_is_looked_for_and_paid_once(self, rail, stand_in, order, noon, trouble):
        stand_in.faults.add(Fault(trouble, path=INTENTS))

        first = rail.create(order, first_called_at=None, now=noon)
        second = rail.create(order, first_called_at=noon, now=noon, asked_before=True)

        assert (type(first), type(second)) == (Unknown, Accepted)
        assert left(stand_in) == {"usd": 75_000}

    def test_that_is_too_old_is_never_sent_again(self, rail, stand_in, order, noon):
        answer = rail.create(order, first_called_at=noon, now=noon + timedelta(hours=24), asked_before=True)

        assert (answer.code, answer.then) == ("too_old_to_resend", Then.CALL_A_PERSON)
        assert left(stand_in) == {"usd": 100_000}

    def test_without_funds_is_refused_and_may_use_its_key_again(self, rail, stand_in, instruct_for, noon):
        much = instruct_for("acct_1Recipient", "1200.00")

        refused = rail.create(much, first_called_at=None, now=noon)
        stand_in.top_up(50_000, "usd")

        assert (type(refused), refused.code) == (Refused, "insufficient_funds")
        assert isinstance(rail.create(much, first_called_at=noon, now=noon), Accepted)

    def test_that_must_be_confirmed_waits_for_a_person_and_is_confirmed_at_the_second_try(
        self, rail, stand_in, instruct_for, noon
    ):
        order = instruct_for("acct_1Confirm")
        first = rail.create(order, first_called_at=None, now=noon)
        assert (first.code, first.then, left(stand_in)) == (
            "needs_confirmation",
            Then.CALL_A_PERSON,
            {"usd": 100_000},
        )
        second = rail.create(replace(order, tries=2), first_called_at=noon, now=noon, asked_before=True)

        assert isinstance(second, Accepted)
        assert left(stand_in) == {"usd": 75_000}

    def test_that_must_be_confirmed_is_not_whole_and_is_brought_back_by_cancelling_it(
        self, rail, stand_in, instruct_for, noon
    ):
        order = instruct_for("acct_1Confirm")
        ref = rail.create(order, first_called_at=None, now=noon).steps["intent"]

        assert not rail.find(order).complete
        assert rail.bring_back(order) == BroughtBack(ref, order.money)

        after = rail.create(replace(order, tries=2), first_called_at=noon, now=noon, asked_before=True)
        assert (type(after), after.code, rail.find(order).complete) == (Refused, "canceled", True)
        assert left(stand_in) == {"usd": 100_000}

    def test_that_is_on_its_way_is_not_brought_back(self, rail, stand_in, order, noon):
        rail.create(order, first_called_at=None, now=noon)

        assert rail.bring_back(order).code == "comes_by_statement"
        assert left(stand_in) == {"usd": 75_000}

    def test_is_found_among_many_pages(self, rail, stand_in, order, instruct_for, noon):
        first = rail.create(order, first_called_at=None, now=noon)
        for place in range(12):
            other = instruct_for("acct_1Recipient", "1.00", number=f"P-2026-{place + 100:05d}", key=f"{place:032x}")
            rail.create(other, first_called_at=None, now=noon)

        assert rail.find(order).provider_ref == first.provider_ref
        assert rail.find(instruct_for("acct_1Recipient", key="e" * 32)) == NotFound()

    def test_is_stopped_only_before_it_is_on_its_way(self, rail, stand_in, order, instruct_for, noon):
        sent = rail.create(order, first_called_at=None, now=noon).provider_ref
        waiting = instruct_for("acct_1Confirm", key="c" * 32)
        ref = rail.create(waiting, first_called_at=None, now=noon).steps["intent"]

        assert rail.cancel(order, sent).status is ProviderStatus.IN_TRANSIT
        assert rail.cancel(waiting, ref).status is ProviderStatus.CANCELED


class TestTheSecondRail:
    def test_names_the_attempts_under_which_money_is_out(self, rail, stand_in, order, instruct_for, noon):
        assert rail.keys_out(order) == ()
        sent = rail.create(order, first_called_at=None, now=noon)
        rail.create(
            instruct_for("acct_1Recipient", number="P-2026-00032", key="f" * 32), first_called_at=None, now=noon
        )
        assert rail.keys_out(order) == (order.key,)
        stand_in.move_intent(sent.provider_ref, "returned", "recalled")
        assert rail.keys_out(order) == ()

    def test_says_what_it_can_spend_and_what_it_would_carry(self, rail, order, instruct_for):
        assert rail.funds("USD") == Money(100_000, "USD")
        assert rail.funds("EUR") == Money(0, "EUR")
        assert rail.quote(order) == Quote(order.money)
        assert rail.quote(instruct_for("acct_1", "10.50", "HUF")).code == "STRIPE-03"

    def test_follows_a_thin_event_to_its_intent(self, rail, order, noon):
        ref = rail.create(order, first_called_at=None, now=noon).provider_ref
        event = (
            '{"id": "evt_1", "object": "v2.core.event", "type": "v2.money_management.payout_intent.posted",'
            f' "related_object": {{"id": "{ref}", "type": "v2.money_management.payout_intent"}}}}'
        )
        about = rail.fetch_event_object(read_event(event.encode()))

        assert (about.kind, about.ref, about.attempt) == ("payout", ref, order.key)
        assert about.payout.status is ProviderStatus.IN_TRANSIT

    def test_is_chosen_by_naming_the_funds_financial_account(self, settings):
        settings.STRIPE_FINANCIAL_ACCOUNT = "fa_1"
        assert isinstance(rail_for("STRIPE"), GlobalPayoutsRail)
        settings.STRIPE_FINANCIAL_ACCOUNT = ""
        assert not isinstance(rail_for("STRIPE"), GlobalPayoutsRail)
