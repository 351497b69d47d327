"""Pledges are shown and never spent; agreements bind after two people, and end in two steps."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from finance import postings
from finance.actions.agreements import Terms, advanced, confirm_agreement, record_agreement, record_pledge
from finance.actions.chart import record_receipt
from finance.actions.screening import load_list
from finance.books import verify
from finance.ledger import balance
from finance.models import Agreement
from finance.queries import usd_rate
from finance.screening.invented import invented_list
from gaf import clock
from gaf.money import Money
from gaf.refusals import Refusal
from tests.finance.builders import Fund, everything, free, make_stream, refuses, usd
from tests.finance.raw_sql import refused_by, run

YEAR_END, MARCH = date(2026, 12, 31), date(2027, 3, 31)

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def agree(fund: Fund, *, confirmed: bool = True, **terms: object) -> Agreement:
    """An agreement of 5,000 dollars for stream A, until the year's end, paid until March."""
    wanted = {
        "key": "AG-1",
        "donor": "Donor A",
        "stream": fund.stream,
        "money": usd("5000.00"),
        "signed_on": date(2026, 11, 2),
        "starts_on": date(2026, 11, 2),
        "ends_on": YEAR_END,
        "final_payment_on": MARCH,
        **terms,
    }
    made = record_agreement(terms=Terms(**wanted), actor=fund.marie, at=clock.now())  # type: ignore[arg-type]
    return confirm_agreement(agreement_id=made.pk, actor=fund.helena, at=clock.now()) if confirmed else made


def receive(fund: Fund, agreement: Agreement, money: Money, key: str) -> None:
    record_receipt(
        key=key,
        stream=fund.stream,
        bank_account=fund.geneva,
        money=money,
        received_on=date(2026, 11, 20),
        actor=fund.helena,
        at=clock.now(),
        agreement=agreement,
    )


def broken() -> list[str]:
    return [one.code for one in verify() if one.broken]


class TestAPledge:
    def test_frees_no_money(self, fund):
        before = everything()
        made = record_pledge(
            key="PL-1",
            donor="Donor A",
            money=Money.of("100.000", "KWD"),
            pledged_on=date(2026, 11, 20),
            actor=fund.marie,
            at=clock.now(),
            stream=fund.stream,
        )
        assert made.usd_minor > 0
        assert everything()["balances"] == before["balances"]
        assert broken() == []


class TestAnAgreement:
    def test_frees_no_money_by_itself(self, fund):
        agree(fund)
        assert free(fund.stream) == usd("10000.00")

    def test_is_confirmed_by_a_second_person(self, fund):
        made = agree(fund, confirmed=False)
        with refuses("AGREE-03"):
            confirm_agreement(agreement_id=made.pk, actor=fund.marie, at=clock.now())

    @pytest.mark.parametrize(
        ("code", "terms"),
        [
            ("AGREE-02", {"ends_on": date(2026, 11, 1)}),
            ("AGREE-02", {"final_payment_on": date(2026, 12, 30)}),
            ("AGREE-02", {"ends_on": None}),
        ],
    )
    def test_with_days_out_of_order_is_not_recorded(self, fund, code, terms):
        with refuses(code):
            agree(fund, **terms)

    def test_is_recorded_once(self, fund):
        agree(fund)
        with refuses("AGREE-04"):
            agree(fund)

    def test_keeps_its_amount_in_the_database_too(self, fund):
        agree(fund)
        with refused_by("AGREE-01"):
            run("UPDATE finance_agreement SET usd_minor = usd_minor + 1")

    def test_of_another_stream_or_not_confirmed_takes_no_receipt(self, fund):
        for one in (agree(fund, stream=make_stream("B")), agree(fund, key="AG-2", confirmed=False)):
            with refuses("AGREE-05"):
                receive(fund, one, usd("10.00"), "R-9")


class TestAnExpiredAgreement:
    def test_takes_no_new_commitment_and_pays_older_ones_until_its_final_day(self, fund):
        agree(fund)
        fund.commit(usd("500.00"))
        payee = fund.payee()
        with clock.at(datetime(2027, 1, 4, 12, tzinfo=UTC)):
            with pytest.raises(Refusal, match="FUND-03"):
                fund.commit(usd("100.00"), line_key="L2")
            fund.prepare(usd("100.00"), payee)
        with clock.at(datetime(2027, 3, 31, 12, tzinfo=UTC)):
            load_list(content=invented_list(clock.now()), at=clock.now())
            fund.prepare(usd("100.00"), payee)
        with clock.at(datetime(2027, 4, 1, 12, tzinfo=UTC)), refuses("AGREE-06"):
            fund.prepare(usd("100.00"), payee)

    def test_beside_another_that_goes_on_ends_nothing(self, fund):
        agree(fund)
        agree(fund, key="AG-2", ends_on=None, final_payment_on=None)
        with clock.at(datetime(2027, 5, 1, 12, tzinfo=UTC)):
            assert fund.commit(usd("100.00")).usd_minor == 10_000


class TestSpendingBeforeReceipt:
    def test_is_off_unless_it_was_agreed(self, fund):
        assert agree(fund).spend_before_receipt is False

    def test_frees_the_amount_at_once_and_no_second_time_when_the_cash_comes(self, fund):
        made = agree(fund, spend_before_receipt=True)
        assert (free(fund.stream), advanced(made)) == (usd("15000.00"), usd("5000.00"))
        receive(fund, made, usd("3000.00"), "R-8")
        assert (free(fund.stream), advanced(made)) == (usd("15000.00"), usd("2000.00"))
        receive(fund, made, usd("2500.00"), "R-9")
        assert (free(fund.stream), advanced(made)) == (usd("15500.00"), usd("0.00"))
        assert balance(postings.AUTHORITY, fund.stream) == usd("15500.00")
        assert broken() == []

    def test_of_another_currency_is_taken_back_in_dollars(self, fund):
        made = agree(fund, money=Money.of("1000.00", "EUR"), spend_before_receipt=True)
        promised = advanced(made)
        assert promised == Money.of("1000.00", "EUR").in_usd(usd_rate("EUR", date(2026, 11, 2)).units_per_usd)
        receive(fund, made, usd("900.00"), "R-8")
        assert advanced(made) == promised - usd("900.00")
