"""What every step of a disbursement does to the ledger, with the amounts of stories S05 and S13 to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from finance.actions.acceptance import Accepted, accept_spending
from finance.actions.chart import open_bank_account, record_receipt
from finance.actions.disbursements import Part, prepare_disbursement, stop_disbursement
from finance.actions.files import prepare_file, sign_first, sign_second
from finance.actions.rates import approve_rate, enter_rate
from finance.actions.undoing import undo_match
from finance.books import verify
from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from finance.models import Commitment, Journal, RefundDue, StatementLine
from finance.private_files import write_whole
from finance.queries import closing_obstacles, money_of
from finance.stand_ins.bank import Tariff
from gaf import clock, ids
from gaf.money import Money
from gaf.outbox.outbox import drain
from tests.finance.builders import (
    GENEVA,
    GOOD_NUMBER,
    PAYEE_BIC,
    REQUEST,
    WRONG_NUMBER,
    YEAR_START,
    committed,
    free,
    last_journal,
    lines_of,
    refuses,
    usd,
)

pytestmark = [pytest.mark.both, pytest.mark.django_db]
TICKET, PAID = Money.of("176.250", "KWD"), Money.of("171.385", "KWD")
SHELTER = Money.of("24000000.00", "IDR")


def books_are_true() -> bool:
    return [row for one in verify() for row in one.broken] == []


def line(statement, minor: str) -> StatementLine:
    """The one line of a statement with this amount in US dollars."""
    return statement.lines.get(minor=usd(minor).minor)


class TestPreparing:
    def test_takes_from_the_commitment_at_its_own_rate_and_books_nothing(self, fund):
        fund.commit(TICKET, rate="0.3060", line_key="L5")
        disbursement = fund.prepare(PAID, fund.payee(currency="KWD"), line_key="L5")

        commitment = Commitment.objects.get()
        assert (disbursement.number, disbursement.end_to_end) == ("P-2026-00001", "RF71P202600001")
        assert disbursement.committed == usd("560.08")
        assert (commitment.open, commitment.local_open) == (usd("15.90"), Money.of("4.865", "KWD"))
        assert Journal.objects.count() == 2

    def test_the_last_part_takes_the_last_cent_whatever_rounding_says(self, fund):
        """Three thirds of KWD 1.000 at 0.3060 round to 1.09 each; the whole is 3.27."""
        payee = fund.payee(currency="KWD")
        fund.commit(Money.of("1.000", "KWD"), rate="0.3060")
        parts = [fund.prepare(Money(minor, "KWD"), payee).committed for minor in (333, 333, 334)]

        assert parts == [usd("1.09"), usd("1.09"), usd("1.09")]
        assert Commitment.objects.get().open == usd("0.00")

    def test_of_several_lines_is_one_amount_to_one_payee(self, fund):
        fund.commit(usd("300.00"))
        fund.commit(usd("200.00"), line_key="L2")
        disbursement = prepare_disbursement(
            reference=REQUEST,
            payee_version=fund.payee(),
            bank_account=fund.geneva,
            parts=[Part("L1", usd("300.00")), Part("L2", usd("50.00"))],
            actor=fund.marie,
            at=clock.now(),
        )

        assert disbursement.money == usd("350.00")
        assert [c.open for c in Commitment.objects.order_by("line_key")] == [usd("0.00"), usd("150.00")]


class TestStopping:
    def test_makes_the_commitment_whole_again(self, fund):
        fund.commit(TICKET, rate="0.3060", line_key="L5")
        disbursement = fund.prepare(PAID, fund.payee(currency="KWD"), line_key="L5")
        fund.release(disbursement)
        stop_disbursement(number=disbursement.number, reason="Wrong ticket.", actor=fund.helena, at=clock.now())

        commitment = Commitment.objects.get()
        assert fund.now(disbursement).state == "STOPPED"
        assert (commitment.open, commitment.local_open) == (usd("575.98"), TICKET)
        assert Journal.objects.filter(kind="send").count() == 0
        assert books_are_true()


class TestSigning:
    def test_two_people_sign_the_same_bytes_and_only_then_the_file_leaves(self, fund):
        fund.commit(usd("500.00"))
        fund.release(fund.prepare(usd("500.00"), fund.payee()))
        made = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        folder = Path(settings.GAF_BANK_FOLDER) / "in"

        sign_first(file_id=made.pk, actor=fund.divya, at=clock.now())
        drain()
        assert not folder.exists()
        sign_second(file_id=made.pk, actor=fund.helena, at=clock.now())
        drain()

        assert [path.name for path in folder.iterdir()] == [f"{made.message_id}.xml"]
        assert (made.count, made.totals) == (1, {"USD": 50000})


class TestSending:
    def test_books_what_leaves_at_the_rate_of_the_day_and_the_difference_as_exchange(self, fund):
        """S05: committed at 0.3060, paid at 0.3085: USD 560.08 promised, 555.54 paid, 4.54 gained."""
        fund.commit(TICKET, rate="0.3060", line_key="L5")
        disbursement = fund.send_by_file(PAID, fund.payee(currency="KWD"), line_key="L5")

        assert disbursement.state == "SENT"
        assert (disbursement.paid_usd_minor, disbursement.account_minor) == (55554, 55554)
        assert lines_of(last_journal("send")) == [
            "1200 USD 560.08",
            "1100-GVA USD -555.54",
            "5200 USD -4.54",
            "9200/A/L5 USD 560.08",
            "9300/A/L5 USD -560.08",
        ]
        assert committed(fund.stream) == usd("15.90")

    def test_from_an_account_in_another_currency_goes_through_the_exchange_position(self, fund):
        euro = open_bank_account(
            code="EUR",
            name="Euro account",
            currency="EUR",
            rail="BANK_FILE",
            number="DE02120300000000202051",
            is_iban=True,
            bic=PAYEE_BIC,
            holder="Global Assistance Fund",
            country="DE",
            town="Berlin",
            opened_on=YEAR_START,
        )
        with clock.at(clock.now()):
            record_receipt(
                key="R-2026-2",
                stream=fund.stream,
                bank_account=euro,
                money=Money.of("920.00", "EUR"),
                received_on=date(2026, 11, 20),
                actor=fund.helena,
                at=clock.now(),
            )
        assert lines_of(last_journal("receipt")) == [
            "1100-EUR EUR 920.00",
            "3000/A USD -1,000.00",
            "9000/A USD 1,000.00",
            "9100/A USD -1,000.00",
            "1900-EUR EUR -920.00",
            "1900-USD USD 1,000.00",
        ]
        fund.commit(usd("500.00"))
        fund.geneva = euro
        fund.send_by_file(usd("500.00"), fund.payee())

        assert lines_of(last_journal("send")) == [
            "1200 USD 500.00",
            "1100-EUR EUR -460.00",
            "1900-EUR EUR 460.00",
            "1900-USD USD -500.00",
            "9200/A/L1 USD 500.00",
            "9300/A/L1 USD -500.00",
        ]
        assert books_are_true()


class TestMatching:
    def test_turns_what_was_in_transit_into_bank(self, fund):
        fund.commit(TICKET, rate="0.3060", line_key="L5")
        disbursement = fund.send_by_file(PAID, fund.payee(currency="KWD"), line_key="L5")
        fund.match(line(fund.import_next_statement(date(2026, 11, 24)), "-555.54"))

        assert fund.now(disbursement).state == "CONFIRMED"
        assert lines_of(last_journal("match")) == ["1100-GVA USD 555.54", "1000-GVA USD -555.54"]

    def test_books_what_the_bank_took_beyond_what_was_expected_as_exchange(self, fund):
        """The bank's own rate is a fifth of a per cent worse: 171.385 at 0.307883 is USD 556.66."""
        fund.tariff = Tariff(spread_basis_points=20)
        fund.commit(TICKET, rate="0.3060", line_key="L5")
        fund.send_by_file(PAID, fund.payee(currency="KWD"), line_key="L5")
        fund.match(line(fund.import_next_statement(date(2026, 11, 24)), "-556.66"))

        assert lines_of(last_journal("match")) == ["1100-GVA USD 555.54", "1000-GVA USD -556.66", "5200 USD 1.12"]
        assert books_are_true()

    def test_a_fee_is_borne_by_unearmarked_money_and_by_no_request(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("500.00"), fund.payee())
        fund.match(line(fund.import_next_statement(date(2026, 11, 24)), "-4.00"))

        assert lines_of(last_journal("fee")) == [
            "1000-GVA USD -4.00",
            "5100 USD 4.00",
            "9100/A USD 4.00",
            "9300/A USD -4.00",
        ]
        assert free(fund.stream) == usd("9496.00")

    def test_a_line_nobody_knows_waits_in_suspense(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("500.00"), fund.payee())
        fund.set_aside(line(fund.import_next_statement(date(2026, 11, 24)), "25.00"))

        assert lines_of(last_journal("suspense")) == ["1000-GVA USD 25.00", "2000-GVA USD -25.00"]


class TestAReturnedDisbursement:
    """S13: one digit of the account is wrong; four days later the money is back and the bank wants IDR 150,000."""

    @pytest.fixture
    def returned(self, fund):
        fund.commit(SHELTER, rate="16480")
        self.payee = fund.payee(currency="IDR", account=WRONG_NUMBER)
        self.first = fund.send_by_file(SHELTER, self.payee)
        statement = fund.import_next_statement(date(2026, 11, 30))
        for minor in ("-1456.31", "1456.31", "-9.10"):
            fund.match(line(statement, minor))
        return fund

    def test_is_whole_again_in_its_commitment(self, returned):
        commitment = Commitment.objects.get()
        assert returned.now(self.first).state == "RETURNED"
        assert returned.now(self.first).return_code == "AC01"
        assert (commitment.open, commitment.local_open) == (usd("1456.31"), SHELTER)
        assert lines_of(last_journal("give_back")) == ["9300/A/L1 USD 1,456.31", "9200/A/L1 USD -1,456.31"]
        assert lines_of(last_journal("return")) == ["1000-GVA USD 1,456.31", "1200 USD -1,456.31"]
        assert committed(returned.stream) == usd("1456.31")

    def test_costs_the_fund_usd_9_10_of_fees_and_the_request_nothing(self, returned):
        assert lines_of(last_journal("fee")) == [
            "1000-GVA USD -9.10",
            "5100 USD 9.10",
            "9100/A USD 9.10",
            "9300/A USD -9.10",
        ]
        assert money_of(REQUEST).disbursed == usd("0.00")
        assert books_are_true()

    def test_is_paid_again_to_the_corrected_account_as_a_new_disbursement_linked_to_it(self, returned):
        fund = returned
        corrected = fund.payee(currency="IDR", account=GOOD_NUMBER, payee=self.payee.payee)
        again = fund.send_by_file(SHELTER, corrected, replaces=fund.now(self.first))
        statement = fund.import_next_statement(date(2026, 12, 2))
        fund.match(line(statement, "-1456.31"))

        assert fund.now(again).state == "CONFIRMED"
        assert fund.now(self.first).replaced_by == again
        assert money_of(REQUEST).reconciled == usd("1456.31")
        assert committed(fund.stream) == usd("0.00")
        assert books_are_true()

    def test_is_refused_before_the_line_that_took_the_money_is_matched(self, fund):
        fund.commit(SHELTER, rate="16480")
        fund.send_by_file(SHELTER, fund.payee(currency="IDR", account=WRONG_NUMBER))
        statement = fund.import_next_statement(date(2026, 11, 30))

        with refuses("MATCH-02"):
            fund.match(line(statement, "1456.31"))


class TestAccepting:
    @pytest.fixture
    def paid(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("450.00"), fund.payee())
        fund.explain(fund.import_next_statement(date(2026, 11, 24)))
        with transaction.atomic():
            accept_spending(
                reference=REQUEST,
                lines=[Accepted("L1", usd("400.00"), disallowed=usd("20.00"), reason_code="NO_EVIDENCE")],
                actor=fund.helena,
                at=clock.now(),
            )
        return fund

    def test_books_what_was_accepted_and_makes_the_rest_due_to_the_same_stream(self, paid):
        disallowed, unspent = RefundDue.objects.order_by("key")
        assert lines_of(last_journal("accept")) == ["5000/A/L1 USD 400.00", "1300 USD 50.00", "1200 USD -450.00"]
        assert (disallowed.money, disallowed.kind, disallowed.reason_code) == (
            usd("20.00"),
            "DISALLOWED",
            "NO_EVIDENCE",
        )
        assert (unspent.money, unspent.commitment.stream, unspent.due_on) == (
            usd("30.00"),
            paid.stream,
            date(2026, 12, 23),
        )
        assert lines_of(last_journal("free")) == ["9200/A/L1 USD 50.00", "9100/A USD -50.00"]
        assert closing_obstacles(REQUEST) == [
            f"Refund {disallowed.key} of USD 20.00 has not come.",
            f"Refund {unspent.key} of USD 30.00 has not come.",
        ]

    def test_counts_only_what_has_left_and_not_what_is_prepared(self, fund):
        fund.commit(usd("500.00"))
        payee = fund.payee()
        fund.send_by_file(usd("200.00"), payee)
        fund.prepare(usd("100.00"), payee)
        with transaction.atomic():
            told = [Accepted("L1", accepted=usd("200.00"), disallowed=usd("0.00"))]
            accept_spending(reference=REQUEST, lines=told, actor=fund.helena, at=clock.now())

        assert lines_of(last_journal("accept")) == ["5000/A/L1 USD 200.00", "1200 USD -200.00"]
        assert books_are_true()

    def test_refunds_that_arrive_are_free_money_of_their_stream_again(self, paid):
        free_before = free(paid.stream)
        for refund in RefundDue.objects.order_by("key"):
            pay_back(refund)
        statement = paid.import_next_statement(date(2026, 11, 27))
        paid.explain(statement)

        assert sorted(lines_of(one) for one in Journal.objects.filter(kind="refund")) == [
            ["1000-GVA USD 20.00", "1300 USD -20.00", "9300/A/L1 USD 20.00", "9100/A USD -20.00"],
            ["1000-GVA USD 30.00", "1300 USD -30.00", "9300/A/L1 USD 30.00", "9100/A USD -30.00"],
        ]
        assert free(paid.stream) == free_before + usd("50.00")
        assert closing_obstacles(REQUEST) == []
        assert books_are_true()

    def test_a_refund_may_come_in_parts_and_a_part_be_undone_and_matched_again(self, paid):
        unspent = RefundDue.objects.get(kind="UNSPENT")
        pay_in(unspent.end_to_end, usd("10.00"))
        statement = paid.import_next_statement(date(2026, 11, 27))
        line, before = statement.lines.get(minor=1000), free(paid.stream)

        paid.match(line)
        assert (due(unspent), free(paid.stream)) == (usd("20.00"), before + usd("10.00"))
        undo_match(line_id=line.pk, actor=paid.esi, at=clock.now())
        assert (due(unspent), free(paid.stream)) == (usd("30.00"), before)
        paid.match(line)

        assert (due(unspent), free(paid.stream)) == (usd("20.00"), before + usd("10.00"))
        assert closing_obstacles(REQUEST)[-1] == f"Refund {unspent.key} of USD 20.00 has not come."
        assert books_are_true()

    def test_s14_uncollected_transfers_and_unused_nights_are_due_back(self, fund):
        """Paid in gourdes at 131.20; she left on day 19: transfers 2 and 3, and 26 of 45 nights come back."""
        enter = {"currency": "HTG", "effective_from": YEAR_START, "units_per_usd": Decimal("131.20")}
        rate = enter_rate(**enter, source="invented", actor=fund.marie, at=clock.now())
        approve_rate(rate_id=rate.pk, actor=fund.viktor, at=clock.now())
        paid = {"L1": Money.of("147600.00", "HTG"), "L4": Money.of("39360.00", "HTG")}
        payee = fund.payee(currency="HTG")
        for line_key, money in paid.items():
            fund.commit(money, rate="131.20", line_key=line_key)
            fund.send_by_file(money, payee, line_key=line_key)
        none = Money.zero("HTG")
        told = [
            Accepted("L1", Money.of("3280.00", "HTG").times(19), none),
            Accepted("L4", Money.of("13120.00", "HTG"), none),
        ]
        with transaction.atomic():
            accept_spending(reference=REQUEST, lines=told, actor=fund.helena, at=clock.now())

        assert [(row.money, row.open_usd) for row in RefundDue.objects.order_by("commitment__line_key")] == [
            (Money.of("85280.00", "HTG"), usd("650.00")),
            (Money.of("26240.00", "HTG"), usd("200.00")),
        ]

    def test_is_refused_without_a_reason_for_what_is_disallowed(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("450.00"), fund.payee())

        with refuses("REPORT-06"):
            told = [Accepted("L1", accepted=usd("400.00"), disallowed=usd("20.00"))]
            accept_spending(reference=REQUEST, lines=told, actor=fund.helena, at=clock.now())

    def test_is_not_done_twice(self, paid):
        with refuses("REPORT-02"):
            accept_spending(reference=REQUEST, lines=[], actor=paid.helena, at=clock.now())


def due(refund: RefundDue) -> Money:
    """What of a refund is still to come, now."""
    return RefundDue.objects.get(pk=refund.pk).open


def pay_back(refund: RefundDue) -> None:
    """The payee's own bank orders the refund, under the reference it was told."""
    pay_in(refund.end_to_end, refund.money)


def pay_in(reference: str, money: Money) -> None:
    """Somebody else's bank orders money for the fund's account, under a reference."""
    key = ids.random_key()
    order = CreditOrder(
        instruction_id=key,
        end_to_end=reference,
        uetr=ids.as_uuid(key),
        money=money,
        payee_name="Global Assistance Fund",
        payee_account=GENEVA,
        payee_account_is_iban=True,
        payee_bic="POFICHBEXXX",
        payee_bank_name=None,
        payee_country="CH",
        payee_town="Geneva",
        remittance=reference,
    )
    debtor = DebtorAccount(
        name="Shelter House",
        iban_or_number="DE89370400440532013000",
        is_iban=True,
        bic=PAYEE_BIC,
        currency="USD",
        country="DE",
        town="Frankfurt",
    )
    content = build_credit_transfer(
        msg_id=f"PAYEE-{reference}",
        created_at=clock.now(),
        execution_date=date(2026, 11, 26),
        debtor=debtor,
        orders=[order],
    )
    write_whole(Path(settings.GAF_BANK_FOLDER) / "in" / f"{reference}.xml", content)
