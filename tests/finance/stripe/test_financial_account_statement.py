"""The statement of the financial account of Global Payouts: every entry a line, proved against the balance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.actions.stripe_statement import import_stripe_statement
from finance.books import first_broken, verify
from finance.gateways.port import RailSilent
from finance.gateways.stripe_global import GlobalPayoutsRail
from finance.gateways.stripe_global_statement import intents_by_payment, movements
from finance.models import Disbursement, Statement, StatementLine
from finance.stand_ins.stripe_faults import Fault, Trouble
from finance.sweeping import sweep_stripe
from gaf import clock
from gaf.money import Money
from tests.finance.builders import refuses, usd
from tests.finance.failures.conftest import Stage, stage  # noqa: F401  # the fund with Stripe beside it
from tests.finance.stripe.conftest import NOON

KEY = "sk_test_specification"


@pytest.fixture
def rail(stand_in):
    rail = GlobalPayoutsRail(KEY, stand_in.address, financial_account="fa_1", network_retries=0, read_timeout=2.0)
    yield rail
    rail.close()


def an_entry(number: int = 1, value: int = -25_000, **changes: object) -> dict[str, object]:
    """One entry as Stripe tells it."""
    about = {
        "category": "outbound_payment",
        "financial_account": "fa_1",
        "flow": {"type": "outbound_payment", "outbound_payment": "obp_1"},
    }
    return {
        "id": f"trxne_{number}",
        "balance_impact": {"available": {"value": value, "currency": "usd"}},
        "effective_at": "2026-11-23T11:00:00.000Z",
        "transaction_details": about,
    } | changes


def read(*entries: dict[str, object]) -> list[tuple[str, int, str]]:
    found = movements(entries, account="fa_1", intents={"obp_1": "poi_1"}, now=NOON)
    return [(one.id, one.money.minor, one.source) for one in found]


class TestAnEntryOfAFinancialAccount:
    def test_is_a_movement_that_names_the_intent(self):
        assert read(an_entry()) == [("trxne_1", -25_000, "poi_1")]

    def test_that_is_only_pending_or_takes_effect_later_or_is_anothers_has_not_moved(self):
        later = an_entry(2, effective_at="2026-11-23T12:00:01Z")
        elsewhere = {"category": "adjustment", "financial_account": "fa_2", "flow": None}

        assert read(an_entry(1, 0), later, an_entry(3, transaction_details=elsewhere)) == []

    def test_stands_in_the_order_in_which_it_took_effect(self):
        first = an_entry(9, effective_at="2026-11-23T10:00:00Z")

        assert [one[0] for one in read(an_entry(1), first)] == ["trxne_9", "trxne_1"]

    def test_of_a_flow_nobody_knows_keeps_what_stripe_calls_it(self):
        strange = {"category": "present", "financial_account": "fa_1", "flow": {"type": "present"}}
        (found,) = movements([an_entry(transaction_details=strange)], account="fa_1", intents={}, now=NOON)

        assert (found.type, found.source) == ("present", "")

    def test_knows_its_intent_by_the_payment(self):
        intents = [{"id": "poi_1", "latest_payout": {"outbound_payment": "obp_1"}}, {"id": "poi_2"}]

        assert intents_by_payment(intents) == {"obp_1": "poi_1"}


class TestTheFinancialAccount:
    def test_tells_what_moved_page_after_page_and_it_adds_up_to_its_balance(self, rail, stand_in, instruct_for, noon):
        for number in range(14):
            order = instruct_for("acct_1Recipient", "10.00", number=f"P-{number}", key=f"{number:032d}")
            rail.create(order, first_called_at=None, now=noon)
        with clock.at(noon):
            moved = rail.balance_transactions(noon - timedelta(days=1))

        assert len(moved) == 15
        assert sum(one.money.minor for one in moved) == rail.balance()["USD"].minor == 86_000

    def test_is_silent_when_stripe_is(self, rail, stand_in, noon):
        stand_in.faults.add(Fault(Trouble.UNAVAILABLE, "/v2/money_management/transaction_entries", method="GET"))

        with clock.at(noon), pytest.raises(RailSilent):
            rail.balance_transactions(noon - timedelta(days=1))


@pytest.fixture
def global_stage(stage: Stage, settings) -> Stage:  # noqa: F811
    """The same fund, paying by Global Payouts."""
    settings.STRIPE_FINANCIAL_ACCOUNT = "fa_1"
    return stage


def fetch(stage: Stage) -> Statement | None:  # noqa: F811
    """Esi fetches the statement."""
    return import_stripe_statement(bank_account=stage.fund.stripe, actor=stage.fund.esi, at=clock.now())


@pytest.mark.django_db
class TestItsStatement:
    def test_is_imported_and_each_payment_is_found_by_its_intent(self, global_stage):
        row = global_stage.released()
        global_stage.work()

        statement = fetch(global_stage)

        paid = StatementLine.objects.get(minor=-30_000)
        assert (statement.closing, paid.bank_reference) == (usd("700.00"), global_stage.attempt(row).provider_reference)
        assert paid.state == "PROPOSED"
        global_stage.fund.explain(statement)
        assert Disbursement.objects.get().matches.get().item_minor == 30_000
        global_stage.stripe.move_intent(paid.bank_reference, "posted")
        sweep_stripe()
        assert Disbursement.objects.get().state == "CONFIRMED"
        assert first_broken(verify()) is None

    def test_is_imported_once_and_goes_on_where_it_ended(self, global_stage):
        global_stage.released("100.00")
        global_stage.work()
        first = fetch(global_stage)
        assert fetch(global_stage) is None
        global_stage.released("50.00")
        global_stage.work(1)

        with global_stage.at(2):
            second = fetch(global_stage)

        assert (first.closing, second.opening, second.closing) == (usd("900.00"), usd("900.00"), usd("850.00"))

    def test_shows_what_came_back_as_a_return(self, global_stage):
        row = global_stage.released()
        global_stage.work()
        ref = global_stage.attempt(row).provider_reference
        global_stage.stripe.move_intent(ref, "failed", "payout_method_closed")

        statement = fetch(global_stage)

        returned = statement.lines.get(is_return=True)
        assert (returned.money, returned.bank_reference, statement.closing) == (usd("300.00"), ref, usd("1000.00"))

    def test_is_refused_when_it_does_not_add_up(self, global_stage, monkeypatch):
        global_stage.released()
        global_stage.work()
        monkeypatch.setattr(GlobalPayoutsRail, "balance", lambda *_: {"USD": Money(1, "USD")})

        with refuses("STMT-40"):
            fetch(global_stage)
        assert Statement.objects.count() == 0
