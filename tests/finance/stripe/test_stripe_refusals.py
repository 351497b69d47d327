"""When Stripe says no, or a bank does later: no money is out, or it is brought back, or a person is called."""

from __future__ import annotations

import pytest

from finance.gateways.port import BroughtBack, Found, ProviderStatus, Refused, Then, Unknown
from finance.stand_ins.stripe_faults import Fault, Trouble
from gaf.money import Money


class TestAPaymentThatStripeRefuses:
    def test_leaves_everything_where_it_was_without_funds(self, rail, stand_in, instruct_for, payee, noon):
        answer = rail.create(instruct_for(payee, "1000.01"), first_called_at=None, now=noon)

        assert (type(answer), answer.code, dict(answer.steps)) == (Refused, "balance_insufficient", {})
        assert stand_in.book().platform == {"usd": 100_000}

    def test_f12_stays_refused_under_its_key_and_is_paid_under_a_new_one(
        self, rail, stand_in, instruct_for, payee, noon
    ):
        """Stripe repeats a refusal for a day under the same key, funded or not."""
        rail.create(instruct_for(payee, "1200.00"), first_called_at=None, now=noon)
        stand_in.top_up(50_000, "usd")

        again = rail.create(instruct_for(payee, "1200.00"), first_called_at=noon, now=noon)
        anew = rail.create(instruct_for(payee, "1200.00", key="f" * 32), first_called_at=None, now=noon)

        assert again.code == "balance_insufficient"
        assert set(anew.steps) == {"transfer", "payout"}
        assert stand_in.book().platform == {"usd": 30_000}

    @pytest.mark.parametrize(
        ("destination", "code"), [("acct_unheard", "resource_missing"), ("", "insufficient_capabilities_for_transfer")]
    )
    def test_is_refused_to_an_account_that_cannot_take_it(self, rail, stand_in, instruct_for, noon, destination, code):
        destination = destination or stand_in.connect_account("CH0000000000000000005", currency="usd")

        answer = rail.create(instruct_for(destination), first_called_at=None, now=noon)

        assert (type(answer), answer.code) == (Refused, code)
        assert stand_in.book().platform == {"usd": 100_000}

    @pytest.mark.parametrize(
        "text", ["", "12345678901234567890123", "GAF <aid>", "GAF *7", "GAF\nP", "Sécours", "2026 00031"]
    )
    def test_is_refused_here_for_a_statement_text_that_stripe_would_refuse(
        self, rail, stand_in, instruct_for, payee, noon, text
    ):
        answer = rail.create(instruct_for(payee, statement_text=text), first_called_at=None, now=noon)

        assert (type(answer), answer.code) == (Refused, "STRIPE-06")
        assert stand_in.seen == []

    @pytest.mark.parametrize(
        ("amount", "currency", "code"),
        [
            ("0.00", "USD", "STRIPE-05"),
            ("-5.00", "USD", "STRIPE-05"),
            ("1.234", "KWD", "STRIPE-03"),
            ("10.50", "HUF", "STRIPE-03"),
        ],
    )
    def test_is_refused_here_for_an_amount_stripe_cannot_carry(
        self, rail, stand_in, instruct_for, payee, noon, amount, currency, code
    ):
        answer = rail.create(instruct_for(payee, amount, currency), first_called_at=None, now=noon)

        assert (type(answer), answer.code) == (Refused, code)
        assert stand_in.seen == []


class TestAPayoutThatIsRefusedAfterItsTransfer:
    @pytest.fixture
    def stranded(self, stand_in, instruct_for):
        """The payee's account takes transfers and does not pay out."""
        return instruct_for(stand_in.connect_account("CH9300762011623850009", currency="usd"))

    def test_brings_the_money_back_and_says_no(self, rail, stand_in, stranded, noon):
        answer = rail.create(stranded, first_called_at=None, now=noon)

        assert (type(answer), answer.code) == (Refused, "payouts_not_allowed")
        assert set(answer.steps) == {"transfer", "reversal"}
        assert stand_in.book().platform == {"usd": 100_000}
        assert stand_in.book().accounts == {stranded.destination: {"usd": 0}}

    def test_says_the_same_when_asked_again_and_moves_nothing_more(self, rail, stand_in, stranded, noon):
        rail.create(stranded, first_called_at=None, now=noon)

        same_key = rail.create(stranded, first_called_at=noon, now=noon)
        looked = rail.create(stranded, first_called_at=noon, now=noon, asked_before=True)

        assert (same_key.code, looked.code) == ("payouts_not_allowed", "brought_back")
        assert rail.find(stranded).status is ProviderStatus.CANCELED
        assert stand_in.book().platform == {"usd": 100_000}

    def test_never_pays_out_from_money_of_another_payment_afterwards(self, rail, stand_in, stranded, noon):
        """The transfer is back, but the account holds as much from elsewhere and can pay out again."""
        rail.create(stranded, first_called_at=None, now=noon)
        stand_in._book.numbers[stranded.destination] = "CH9300762011623852957"
        rail.client.v1.transfers.create({"amount": 25_000, "currency": "usd", "destination": stranded.destination})

        answer = rail.create(stranded, first_called_at=noon, now=noon, asked_before=True)

        assert isinstance(answer, Refused)
        assert stand_in.paid_for("P-2026-00031") == {}

    def test_is_unknown_while_the_bringing_back_is(self, rail, stand_in, stranded, noon):
        stand_in.faults.add(Fault(Trouble.DROPPED_BEFORE, "/v1/transfers/"))

        first = rail.create(stranded, first_called_at=None, now=noon)
        found = rail.find(stranded)
        second = rail.create(stranded, first_called_at=noon, now=noon, asked_before=True)

        assert (type(first), set(first.steps)) == (Unknown, {"transfer"})
        assert (type(found), found.complete) == (Found, False)
        assert isinstance(second, Refused)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_calls_a_person_when_it_cannot_be_brought_back(self, rail, stand_in, stranded, noon):
        """Something else emptied the payee's account between the two steps."""
        real_payout = rail._pay_out

        def emptied_first(instruction, transfer_ref):
            stand_in._book.ledger.move(
                "taken", amount=25_000, currency="usd", out_of=f"balance:{instruction.destination}", into="funding"
            )
            return real_payout(instruction, transfer_ref)

        rail._pay_out = emptied_first
        answer = rail.create(stranded, first_called_at=None, now=noon)

        assert (answer.code, answer.then) == ("held_at_account", Then.CALL_A_PERSON)
        assert set(answer.steps) == {"transfer"}


class TestAPaymentThatTheBankSendsBack:
    @pytest.fixture
    def returned(self, rail, stand_in, instruct_for, noon):
        """Paid on the second day, sent back on the fifth: the account is closed."""
        instruction = instruct_for(stand_in.connect_account("CH9300762011623850007", currency="usd"))
        answer = rail.create(instruction, first_called_at=None, now=noon)
        return instruction, answer.provider_ref

    def test_is_paid_first_and_failed_days_later(self, rail, stand_in, returned):
        instruction, ref = returned

        stand_in.advance(2 * 86400)
        paid = rail.status(instruction, ref)
        stand_in.advance(3 * 86400)
        failed = rail.status(instruction, ref)

        assert paid.status is ProviderStatus.PAID
        assert (failed.status, failed.failure_code) == (ProviderStatus.FAILED, "account_closed")
        assert rail.find(instruction).status is ProviderStatus.FAILED

    def test_comes_back_to_the_fund_by_reversal(self, rail, stand_in, returned):
        instruction, _ = returned
        stand_in.advance(5 * 86400)

        back = rail.bring_back(instruction)

        assert (type(back), back.money) == (BroughtBack, Money(25_000, "USD"))
        assert stand_in.book().platform == {"usd": 100_000}
        assert stand_in.book().banks == {instruction.destination: {"usd": 0}}

    def test_is_not_brought_back_while_it_is_paid(self, rail, stand_in, returned):
        instruction, _ = returned
        stand_in.advance(2 * 86400)

        answer = rail.bring_back(instruction)

        assert (type(answer), answer.code) == (Refused, "payout_not_failed")
        assert stand_in.book().platform == {"usd": 75_000}

    def test_is_brought_back_under_a_new_attempt_once_the_account_holds_it(self, rail, stand_in, returned):
        """A refused reversal is repeated for a day under its key, so the next one needs a number of its own."""
        instruction, _ = returned
        stand_in.advance(5 * 86400)
        account = f"balance:{instruction.destination}"
        stand_in._book.ledger.move("held", amount=25_000, currency="usd", out_of=account, into="funding")
        refused = rail.bring_back(instruction)
        stand_in._book.ledger.move("freed", amount=25_000, currency="usd", out_of="funding", into=account)

        same = rail.bring_back(instruction)
        anew = rail.bring_back(instruction, attempt=2)

        assert (refused.code, same.code) == ("balance_insufficient", "balance_insufficient")
        assert isinstance(anew, BroughtBack)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_f22_is_brought_back_to_the_cent_after_parts_of_it_were_and_never_beyond(self, rail, stand_in, returned):
        """What was reversed so far is a running total; only what is missing from it is asked for."""
        instruction, _ = returned
        stand_in.advance(5 * 86400)
        transfer = rail.find(instruction).steps["transfer"]
        parts = [
            rail.reverse_transfer(transfer, money=Money(minor, "USD"), instruction=instruction, attempt=try_)
            for try_, minor in ((11, 4_000), (12, 6_000))
        ]
        too_much = rail.reverse_transfer(transfer, money=Money(20_000, "USD"), instruction=instruction, attempt=13)

        rest, again = rail.bring_back(instruction), rail.bring_back(instruction)

        assert [part.money.minor for part in parts] == [4_000, 6_000]
        assert too_much.code == "transfer_reversal_exceeds_amount"
        assert (rest.money, again.money) == (Money(15_000, "USD"), instruction.money)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_fails_in_transit_where_no_such_account_exists(self, rail, stand_in, instruct_for, noon):
        instruction = instruct_for(stand_in.connect_account("CH9300762011623850008", currency="usd"))
        ref = rail.create(instruction, first_called_at=None, now=noon).provider_ref
        stand_in.advance(2 * 86400)

        state = rail.status(instruction, ref)

        assert (state.status, state.failure_code) == (ProviderStatus.FAILED, "no_account")
        assert stand_in.book().accounts == {instruction.destination: {"usd": 25_000}}
