"""Month end revalues what is held in other currencies; the year's end asks what becomes of every open commitment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from finance import postings
from finance.actions.chart import open_bank_account, record_receipt
from finance.actions.disbursements import stop_disbursement
from finance.actions.periods import close, soft_close
from finance.actions.rates import approve_rate, enter_rate
from finance.actions.revaluation import positions, revalue
from finance.actions.year_end import approve_review, ending_streams, propose_review, refuse_review, unliquidated
from finance.books import verify
from finance.ledger import balance
from finance.models import Commitment, CommitmentReview, Journal
from gaf import clock
from gaf.money import Money
from gaf.refusals import NotPermitted
from tests.finance.builders import Fund, committed, free, last_journal, lines_of, make_stream, refuses, usd

pytestmark = [pytest.mark.both, pytest.mark.django_db]
NOVEMBER = date(2026, 11, 1)
DECEMBER_2 = datetime(2026, 12, 2, 12, tzinfo=UTC)


def broken() -> list[str]:
    return [one.code for one in verify() if one.broken]


def rate(fund: Fund, currency: str, day: date, units: str) -> None:
    made = enter_rate(
        currency=currency,
        effective_from=day,
        units_per_usd=Decimal(units),
        source="invented",
        actor=fund.marie,
        at=clock.now(),
    )
    approve_rate(rate_id=made.pk, actor=fund.viktor, at=clock.now())


def hold(fund: Fund, amount: str, currency: str, then: str, at_month_end: str) -> None:
    """The fund holds an amount since 20 November; the rate changes before the month ends."""
    rate(fund, currency, date(2026, 11, 15), then)
    rate(fund, currency, date(2026, 11, 25), at_month_end)
    account = open_bank_account(
        code=currency,
        name=currency,
        currency=currency,
        rail="BANK_FILE",
        number=f"ACCOUNT-{currency}",
        holder="Fund",
        country="CH",
        town="Geneva",
        opened_on=date(2026, 11, 20),
    )
    record_receipt(
        key=f"R-{currency}",
        stream=fund.stream,
        bank_account=account,
        money=Money.of(amount, currency),
        received_on=date(2026, 11, 20),
        actor=fund.helena,
        at=clock.now(),
    )


def revalue_november(fund: Fund) -> Journal | None:
    with clock.at(DECEMBER_2):
        return revalue(month=NOVEMBER, actor=fund.marie, at=clock.now())


class TestRevaluation:
    CASES = [
        ("EUR", "1000.00", "0.90", "0.80", "1111.11", "1250.00", "138.89"),
        ("XOF", "600000", "600", "625", "1000.00", "960.00", "-40.00"),
        ("KWD", "100.000", "0.3100", "0.3000", "322.58", "333.33", "10.75"),
    ]

    def test_books_gain_and_loss_in_currencies_of_no_two_and_three_decimals_and_takes_them_back(self, fund):
        for currency, amount, then, at_month_end, *_rest in self.CASES:
            hold(fund, amount, currency, then, at_month_end)
        found = {one.held.currency: one for one in positions(date(2026, 11, 30))}
        for currency, amount, _then, _later, booked, worth, difference in self.CASES:
            one = found[currency]
            assert (one.held, one.booked, one.worth) == (Money.of(amount, currency), usd(booked), usd(worth))
            assert one.difference == Money(int(Decimal(difference) * 100), "USD")

        journal = revalue_november(fund)

        assert journal.dated_on == date(2026, 11, 30)
        assert lines_of(journal) == [
            "1950/EUR USD 138.89",
            "5300/EUR USD -138.89",
            "1950/KWD USD 10.75",
            "5300/KWD USD -10.75",
            "1950/XOF USD -40.00",
            "5300/XOF USD 40.00",
        ]
        assert last_journal("unrevalue").dated_on == date(2026, 12, 1)
        assert (balance(postings.UNREALISED), balance(postings.REVALUATION)) == (usd("0.00"), usd("0.00"))
        assert broken() == []

    def test_leaves_realised_differences_in_their_own_account(self, fund):
        hold(fund, "1000.00", "EUR", "0.90", "0.80")
        before = balance(postings.EXCHANGE_DIFFERENCES)
        revalue_november(fund)
        assert balance(postings.EXCHANGE_DIFFERENCES) == before

    def test_of_the_next_month_starts_from_the_books_and_not_from_the_last_one(self, fund):
        hold(fund, "1000.00", "EUR", "0.90", "0.80")
        revalue_november(fund)
        with clock.at(datetime(2027, 1, 4, 12, tzinfo=UTC)):
            again = revalue(month=date(2026, 12, 1), actor=fund.helena, at=clock.now())
        assert lines_of(again) == ["1950/EUR USD 138.89", "5300/EUR USD -138.89"]

    def test_of_dollars_alone_books_nothing(self, fund):
        assert revalue_november(fund) is None

    def test_is_refused_while_the_month_lasts_and_a_second_time(self, fund):
        with refuses("REVAL-01"):
            revalue(month=NOVEMBER, actor=fund.marie, at=clock.now())
        revalue_november(fund)
        with clock.at(DECEMBER_2), refuses("REVAL-02"):
            revalue(month=NOVEMBER, actor=fund.marie, at=clock.now())

    def test_is_refused_in_a_month_that_is_closed(self, fund):
        hold(fund, "1000.00", "EUR", "0.90", "0.80")
        with clock.at(DECEMBER_2):
            soft_close(month=NOVEMBER, actor=fund.marie, at=clock.now())
            close(month=NOVEMBER, actor=fund.helena, at=clock.now())
            with refuses("PERIOD-01"):
                revalue(month=NOVEMBER, actor=fund.marie, at=clock.now())

    def test_by_command_says_each_position_and_books_unless_it_only_checks(self, fund):
        hold(fund, "1000.00", "EUR", "0.90", "0.80")
        said = StringIO()
        with clock.at(DECEMBER_2):
            call_command("revalue", "2026-11", "--check", by=fund.marie.email, stdout=said)
            assert not Journal.objects.filter(kind="revalue").exists()
            call_command("revalue", "2026-11", by=fund.marie.email, stdout=said)
        assert (
            said.getvalue().count("EUR 1,000.00: booked USD 1,111.11, worth USD 1,250.00, difference USD 138.89") == 2
        )
        assert said.getvalue().endswith(f"journal {last_journal('revalue').number}\n")

    def test_belongs_to_those_who_answer_for_the_books(self, fund):
        with clock.at(DECEMBER_2), pytest.raises(NotPermitted):
            revalue(month=NOVEMBER, actor=fund.divya, at=clock.now())


def propose(fund: Fund, commitment: Commitment, outcome: str = "CANCEL", **changes: object) -> CommitmentReview:
    wanted = {
        "commitment_id": commitment.pk,
        "year": 2026,
        "outcome": outcome,
        "reason_code": "not_needed",
        "reason": "The stay was shorter.",
        "actor": fund.marie,
        "at": clock.now(),
        **changes,
    }
    return propose_review(**wanted)  # type: ignore[arg-type]


class TestTheYearsEnd:
    def test_lists_what_is_open_and_the_streams_that_end(self, fund):
        other = make_stream("B")
        other.__class__.objects.filter(pk=other.pk).update(ends_on=date(2026, 12, 31))
        made = fund.commit(usd("500.00"))
        done = fund.commit(usd("100.00"), line_key="L2")
        fund.prepare(usd("100.00"), fund.payee(), line_key="L2")
        assert list(unliquidated(2026)) == [made]
        assert done.open
        assert [one.code for one in ending_streams(2026)] == ["B"]
        assert list(unliquidated(2025)) == []

    def test_a_cancellation_frees_what_is_open_when_a_second_person_agrees(self, fund):
        made = fund.commit(usd("500.00"))
        fund.prepare(usd("200.00"), fund.payee())
        review = propose(fund, made)
        assert committed(fund.stream) == usd("500.00")
        with refuses("YEAR-03"):
            approve_review(review_id=review.pk, actor=fund.marie, at=clock.now())
        approve_review(review_id=review.pk, actor=fund.helena, at=clock.now())
        assert (committed(fund.stream), free(fund.stream)) == (usd("200.00"), usd("9800.00"))
        assert list(unliquidated(2026)) == []
        assert broken() == []

    def test_what_is_carried_stays_committed_with_its_reason(self, fund):
        review = propose(fund, fund.commit(usd("500.00")), "CARRY", reason_code="payment_coming")
        approve_review(review_id=review.pk, actor=fund.helena, at=clock.now())
        assert committed(fund.stream) == usd("500.00")
        assert unliquidated(2026).get().reviews.get().state == "APPROVED"

    def test_one_proposal_stands_at_a_time_and_another_follows_a_refusal(self, fund):
        made = fund.commit(usd("500.00"))
        first = propose(fund, made)
        with refuses("YEAR-05"):
            propose(fund, made, "CARRY")
        refuse_review(review_id=first.pk, reason="The invoice is coming.", actor=fund.helena, at=clock.now())
        assert propose(fund, made, "CARRY").number == 2

    def test_a_proposal_needs_a_reason_and_something_open(self, fund):
        made = fund.commit(usd("500.00"))
        with refuses("YEAR-04"):
            propose(fund, made, reason=" ")
        fund.prepare(usd("500.00"), fund.payee())
        with refuses("YEAR-02"):
            propose(fund, made)

    def test_a_cancellation_of_less_than_is_open_now_is_refused(self, fund):
        made = fund.commit(usd("500.00"))
        disbursement = fund.prepare(usd("200.00"), fund.payee())
        review = propose(fund, made)
        stop_disbursement(number=disbursement.number, reason="Not needed.", actor=fund.divya, at=clock.now())
        with refuses("YEAR-06"):
            approve_review(review_id=review.pk, actor=fund.helena, at=clock.now())
