"""Paying through Stripe: a transfer to the payee's account, then a payout to the bank, and no word about anybody."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

from finance.gateways.port import Accepted, Found, NotFound, ProviderStatus
from finance.gateways.stripe_client import API_VERSION
from finance.gateways.stripe_reading import AccountState
from gaf.money import Money


class TestPayingThroughStripe:
    def test_makes_one_transfer_and_one_payout_and_names_both(self, rail, stand_in, instruction, noon):
        answer = rail.create(instruction, first_called_at=None, now=noon)

        assert isinstance(answer, Accepted)
        assert set(answer.steps) == {"transfer", "payout"}
        assert answer.provider_ref == answer.steps["payout"]
        assert stand_in.book().platform == {"usd": 75_000}
        assert stand_in.book().on_the_way == {"usd": 25_000}
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}

    def test_sends_only_what_the_payment_needs(self, rail, stand_in, instruction, noon):
        rail.create(instruction, first_called_at=None, now=noon)

        transfer, payout = (parse_qs(seen.form) for seen in stand_in.seen)
        assert transfer == {
            "amount": ["25000"],
            "currency": ["usd"],
            "destination": [instruction.destination],
            "transfer_group": ["P-2026-00031"],
            "metadata[disbursement]": ["P-2026-00031"],
            "metadata[attempt]": [instruction.key],
        }
        assert payout == {
            "amount": ["25000"],
            "currency": ["usd"],
            "statement_descriptor": ["GAF P-2026-00031"],
            "metadata[disbursement]": ["P-2026-00031"],
            "metadata[attempt]": [instruction.key],
        }

    def test_derives_every_key_from_the_stored_one_and_pins_the_version(self, rail, stand_in, instruction, noon):
        rail.create(instruction, first_called_at=None, now=noon)

        assert [(seen.key, seen.account) for seen in stand_in.seen] == [
            (f"gaf:{instruction.key}:transfer", ""),
            (f"gaf:{instruction.key}:payout", instruction.destination),
        ]
        assert {seen.version for seen in stand_in.seen} == {API_VERSION}

    def test_sends_no_telemetry_and_touches_all_four_hosts_of_the_stand_in(self, rail, stand_in, instruction, noon):
        import stripe

        rail.create(instruction, first_called_at=None, now=noon)

        assert stripe.enable_telemetry is False
        assert set(rail.client._requestor._options.base_addresses.values()) == {stand_in.address}

    def test_called_twice_with_one_key_pays_once(self, rail, stand_in, instruction, noon):
        first = rail.create(instruction, first_called_at=None, now=noon)
        second = rail.create(instruction, first_called_at=noon, now=noon)

        assert first == second
        assert stand_in.paid_for("P-2026-00031") == {"usd": 25_000}
        assert stand_in.book().platform == {"usd": 75_000}

    def test_reports_the_way_from_pending_to_paid(self, rail, stand_in, instruction, noon):
        ref = rail.create(instruction, first_called_at=None, now=noon).provider_ref

        seen = [rail.status(instruction, ref).status]
        stand_in.advance(3600)
        seen.append(rail.status(instruction, ref).status)
        stand_in.advance(2 * 86400)
        paid = rail.status(instruction, ref)

        assert seen == [ProviderStatus.PENDING, ProviderStatus.IN_TRANSIT]
        assert paid.status is ProviderStatus.PAID
        assert paid.money == Money(25_000, "USD")
        assert paid.arrival == date(2026, 11, 25)
        assert stand_in.book().banks == {instruction.destination: {"usd": 25_000}}

    def test_f21_is_cancelled_while_pending_and_not_after(self, rail, stand_in, instruction, instruct_for, noon):
        pending = rail.create(instruction, first_called_at=None, now=noon).provider_ref
        other = instruct_for(instruction.destination, number="P-2026-00032", key="f" * 32)
        sent = rail.create(other, first_called_at=None, now=noon).provider_ref

        assert rail.cancel(instruction, pending).status is ProviderStatus.CANCELED
        stand_in.advance(3600)
        assert rail.cancel(other, sent).status is ProviderStatus.IN_TRANSIT


class TestLookingForAPayment:
    def test_finds_nothing_that_was_never_sent(self, rail, instruction):
        assert rail.find(instruction) == NotFound()
        assert rail.status(instruction, "po_unheard") == NotFound()

    def test_finds_what_was_sent_by_its_own_key(self, rail, instruction, noon):
        answer = rail.create(instruction, first_called_at=None, now=noon)

        assert rail.find(instruction) == Found(
            answer.provider_ref, ProviderStatus.PENDING, Money(25_000, "USD"), answer.steps
        )

    def test_does_not_take_another_attempt_of_the_disbursement_for_its_own(self, rail, instruction, instruct_for, noon):
        rail.create(instruction, first_called_at=None, now=noon)

        assert rail.find(instruct_for(instruction.destination, key="f" * 32)) == NotFound()

    def test_turns_every_page(self, rail, stand_in, instruction, instruct_for, noon):
        """Over a hundred later payments to one payee's account lie before the one looked for."""
        first = rail.create(instruction, first_called_at=None, now=noon)
        for place in range(105):
            other = instruct_for(
                instruction.destination, "1.00", number=f"P-2026-{place + 100:05d}", key=f"{place:032x}"
            )
            rail.create(other, first_called_at=None, now=noon)
        stand_in.seen.clear()

        assert rail.find(instruction).provider_ref == first.provider_ref
        pages = [seen for seen in stand_in.seen if seen.path == "/v1/payouts"]
        assert len(pages) == 2
        assert {page.account for page in pages} == {instruction.destination}


class TestReadingStripesBooks:
    def test_shows_the_balance_per_currency(self, rail, stand_in, instruction, noon):
        stand_in.top_up(3_000, "xof")
        rail.create(instruction, first_called_at=None, now=noon)

        assert rail.balance() == {"USD": Money(75_000, "USD"), "XOF": Money(3_000, "XOF")}
        assert rail.balance(instruction.destination) == {"USD": Money(0, "USD")}

    def test_lists_movements_with_their_fees_oldest_first(self, make_rail, instruction, noon):
        from finance.stand_ins.stripe_server import StripeStandIn

        stand_in = StripeStandIn(api_key="sk_fees", clock=lambda: noon, payout_fee={"usd": 25})
        with stand_in as address:
            rail = make_rail(api_key="sk_fees", api_base=address)
            stand_in.top_up(100_000, "usd")
            stand_in.connect_account("CH9300762011623852957", currency="usd", ref=instruction.destination)
            answer = rail.create(instruction, first_called_at=None, now=noon)
            movements = rail.balance_transactions(noon)

            assert [(movement.type, movement.net.minor) for movement in movements] == [
                ("topup", 100_000),
                ("transfer", -25_000),
                ("stripe_fee", -25),
            ]
            assert sum(movement.net.minor for movement in movements) == rail.balance()["USD"].minor == 74_975
            assert movements[1].source == answer.steps["transfer"]
            assert (movements[1].created, movements[1].available_on) == (noon, noon.date())

    def test_reads_every_page_of_movements(self, rail, stand_in, noon):
        for _ in range(120):
            stand_in.top_up(100, "usd")

        movements = rail.balance_transactions(noon)

        assert len(movements) == 121
        assert len({movement.id for movement in movements}) == 121

    def test_says_whether_a_payees_account_can_be_paid(self, rail, stand_in, payee):
        blocked = stand_in.connect_account("CH0000000000000000009", currency="usd")

        assert rail.account_state(payee) == AccountState(payee, True, "", "USD")
        assert rail.account_state(blocked) == AccountState(blocked, False, "requirements.past_due", "USD")
        assert rail.account_state("acct_unheard") == NotFound()
