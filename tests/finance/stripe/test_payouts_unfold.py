"""A line of the Stripe account unfolds into the balance transactions of its payout, and says whether they add up."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from finance.actions.provider_payouts import difference_of, keep_payout
from finance.actions.stripe_statement import import_stripe_statement
from finance.gateways.port import NotFound, RailSilent
from finance.gateways.rails import stripe_rail
from finance.gateways.stripe_reading import BalanceTransaction, PayoutRead
from finance.models import PayoutMovement, ProviderPayout, Statement, StatementLine
from finance.stand_ins.stripe_faults import Fault, Trouble
from finance.views.payout_lines import unfolded
from gaf import clock
from gaf.money import Money
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from tests.finance.builders import usd
from tests.finance.failures.conftest import SENDS_BACK, Stage, stage  # noqa: F401  # the fund with Stripe beside it

pytestmark = pytest.mark.django_db


def fetch(stage: Stage) -> Statement:  # noqa: F811
    """Esi fetches the statement, and the worker reads what stands behind its lines."""
    statement = import_stripe_statement(bank_account=stage.fund.stripe, actor=stage.fund.esi, at=clock.now())
    drain()
    assert statement is not None
    return statement


def page(stage: Stage, number: int = 1) -> str:  # noqa: F811
    """The account's page as Esi reads it, without its tags."""
    client = Client()
    client.force_login(stage.fund.esi)
    text = client.get(f"/reconciliation/{stage.fund.stripe.code}/?show=all&page={number}").content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def kinds(payout: ProviderPayout) -> list[tuple[str, int]]:
    return list(payout.movements.values_list("type", "net_minor"))


class TestAPayoutToAPayee:
    def test_unfolds_into_the_payment_our_transfer_became_and_its_own_movement(self, stage):  # noqa: F811
        row = stage.released()
        stage.work()
        fetch(stage)

        payout = ProviderPayout.objects.get()
        assert payout.line == StatementLine.objects.get(minor=-30_000)
        assert (payout.provider_reference, payout.account) == (stage.attempt(row).provider_reference, "acct_1Sample")
        assert (payout.money, payout.is_automatic) == (usd("300.00"), False)
        assert kinds(payout) == [("payment", 30_000), ("payout", -30_000)]
        assert difference_of(payout) == usd("0.00")

    def test_is_shown_under_its_line_with_a_sum_equal_to_the_payout(self, stage):  # noqa: F811
        row = stage.released()
        stage.work()
        fetch(stage)

        text = page(stage)
        assert f"Payout {stage.attempt(row).provider_reference}: 1 balance transaction" in text
        assert "300.00 arrived at the payee's account" in text
        assert "✓ adds up to the payout" in text
        assert "−USD 300.00 paid out to the bank" in text

    def test_that_came_back_shows_what_came_back(self, stage):  # noqa: F811
        stage.released(bank=SENDS_BACK)
        stage.work()
        stage.stripe.advance(10 * 86_400)
        fetch(stage)

        assert [kind for kind, _net in kinds(ProviderPayout.objects.get())] == ["payment", "payout", "payout_failure"]
        assert "came back from the bank" in page(stage)

    def test_is_read_later_when_stripe_is_silent(self, stage):  # noqa: F811
        stage.released()
        stage.work()
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/payouts", method="GET", times=20))
        fetch(stage)
        assert ProviderPayout.objects.count() == 0
        stage.stripe.faults.clear()

        stage.work(10)

        assert ProviderPayout.objects.count() == 1

    def test_is_read_once_and_not_again(self, stage):  # noqa: F811
        stage.released()
        stage.work()
        fetch(stage)
        stage.stripe.seen.clear()
        for minutes in (10, 60 * 7, 60 * 24):
            stage.work(minutes)
        asked = [one.path for one in stage.stripe.seen if one.path == "/v1/balance_transactions"]
        assert (asked, PayoutMovement.objects.count()) == ([], 2)


class TestAPayoutThatStripePutTogether:
    def test_unfolds_into_everything_it_consists_of(self, stage):  # noqa: F811
        stage.stripe.debit(10_000, "usd")
        ref = stage.stripe.pay_out_by_itself("usd")
        fetch(stage)

        payout = ProviderPayout.objects.get(provider_reference=ref)
        assert (payout.is_automatic, payout.money, payout.account) == (True, usd("900.00"), "")
        assert sorted(kinds(payout)) == [("adjustment", -10_000), ("payout", -90_000), ("topup", 100_000)]
        assert difference_of(payout) == usd("0.00")
        text = page(stage)
        assert f"Payout {ref}: 2 balance transactions" in text
        assert "✓ adds up to the payout" in text

    def test_of_many_pages_is_read_to_its_end(self, stage):  # noqa: F811
        for _number in range(130):
            stage.stripe.debit(100, "usd")
        ref = stage.stripe.pay_out_by_itself("usd")
        fetch(stage)

        payout = ProviderPayout.objects.get(provider_reference=ref)
        assert (payout.movements.count(), difference_of(payout)) == (132, usd("0.00"))
        assert "and 81 more" in page(stage, 6)

    def test_a_missing_balance_transaction_is_said_and_read_again(self, stage):  # noqa: F811
        stage.stripe.debit(10_000, "usd")
        ref = stage.stripe.pay_out_by_itself("usd")
        book = stage.stripe._book
        (gone,) = [key for key in book.paid_in if book.things["movement"][key]["type"] == "topup"]
        del book.paid_in[gone]
        fetch(stage)

        assert "They add up to −USD 100.00; the payout is USD 900.00." in page(stage)
        assert "USD 1,000.00 is missing from Stripe's list." in page(stage)
        book.paid_in[gone] = ref
        stage.work(60 * 7)
        assert "✓ adds up to the payout" in page(stage)

    def test_one_too_many_is_said(self, stage):  # noqa: F811
        ref = stage.stripe.pay_out_by_itself("usd")
        book = stage.stripe._book
        extra = book.movement("", "adjustment", 500, "usd", "adj_1")
        book.paid_in[extra] = ref
        book.things["movement"][extra]["created"] += 86_400 * 30  # not among the lines, only in Stripe's list
        book.ledger.move("extra", amount=500, currency="usd", out_of="funding", into="balance:")
        fetch(stage)

        assert "USD 5.00 is too much in Stripe's list." in page(stage)
        assert "✓ adds up to the payout" not in page(stage)

    def test_stripe_says_that_it_lists_none_for_one_that_we_made(self, stage):  # noqa: F811
        row = stage.released()
        stage.work()
        with pytest.raises(RailSilent, match="automatic"):
            stripe_rail()._movements({"payout": stage.attempt(row).provider_reference}, "acct_1Sample")

    def test_that_stripe_does_not_know_is_none(self, stage):  # noqa: F811
        assert stripe_rail().payout_read("po_unknown") == NotFound()


class TestWhatIsKept:
    def movement(self, ref: str, minor: int, *, fee: int = 0, currency: str = "USD") -> BalanceTransaction:
        money, kept = Money(minor, currency), Money(fee, currency)
        moment = datetime(2026, 11, 23, tzinfo=UTC)
        return BalanceTransaction(ref, "payment", money, kept, money - kept, "py_1", moment, moment.date(), "")

    def kept(self, stage: Stage, line: StatementLine, ref: str, *movements: BalanceTransaction):  # noqa: F811
        read = PayoutRead(ref, usd("3.00"), True, movements)
        return keep_payout(line=line, account="", read=read, at=clock.now())

    @pytest.fixture
    def lines(self, stage):  # noqa: F811
        for _number in range(2):
            stage.stripe.debit(100, "usd")
        return list(fetch(stage).lines.order_by("number"))

    def test_a_fee_is_taken_off_and_shown(self, stage, lines):  # noqa: F811
        payout = self.kept(stage, lines[0], "po_1", self.movement("txn_1", 320, fee=20))

        assert difference_of(payout) == usd("0.00")
        assert "(USD 0.20 kept as a fee)" in page(stage)

    def test_one_in_another_currency_never_adds_up(self, stage, lines):  # noqa: F811
        payout = self.kept(stage, lines[0], "po_1", self.movement("txn_1", 300), self.movement("t", 5, currency="EUR"))

        assert not unfolded(payout, list(payout.movements.all())).adds_up
        assert "1 is in another currency." in page(stage)

    def test_one_that_stands_in_another_payout_is_left_there_and_said(self, stage, lines):  # noqa: F811
        self.kept(stage, lines[0], "po_1", self.movement("txn_1", 300))
        second = self.kept(stage, lines[1], "po_2", self.movement("txn_1", 300), self.movement("txn_2", 300))

        assert (second.elsewhere, difference_of(second)) == (1, usd("0.00"))
        assert "1 stands in another payout already." in page(stage)

    @pytest.mark.both
    def test_the_database_holds_each_once_net_of_its_fee_and_changes_none(self, stage, lines):  # noqa: F811
        payout = self.kept(stage, lines[0], "po_1", self.movement("txn_1", 300))
        row = payout.movements.get()
        other = {"payout": payout, "type": "payment", "currency": "USD", "created_at": clock.now()}
        for attempt in (
            lambda: PayoutMovement.objects.create(provider_reference="txn_1", minor=1, net_minor=1, **other),
            lambda: PayoutMovement.objects.create(provider_reference="t2", minor=9, fee_minor=1, net_minor=9, **other),
            lambda: PayoutMovement.objects.filter(pk=row.pk).update(minor=1, net_minor=1),
            lambda: PayoutMovement.objects.filter(pk=row.pk).delete(),
            lambda: ProviderPayout.objects.filter(pk=payout.pk).update(minor=1),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                attempt()
        assert list(PayoutMovement.objects.values_list("provider_reference", "minor")) == [("txn_1", 300)]

    def test_a_line_without_a_payout_reads_nothing(self, stage, lines):  # noqa: F811
        assert OutboxMessage.objects.filter(topic="read_payout", state="DONE").count() == 2
        assert ProviderPayout.objects.count() == 0
