"""Promising money to a line and giving it back, to the cent; a stream never promises what it has not got."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from finance.actions.commitments import Part, commit_allowance, free_commitments, free_parts
from finance.models import Commitment, Journal
from gaf import clock
from gaf.money import Money
from tests.finance.builders import REQUEST, committed, free, last_journal, lines_of, make_stream, refuses, usd

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def give_back(**choices: object) -> Money:
    with transaction.atomic():
        return free_commitments(reference=REQUEST, at=clock.now(), reason_code="cut", **choices)


class TestAReceipt:
    def test_becomes_free_money_of_its_stream(self, fund):
        assert lines_of(last_journal("receipt")) == [
            "1000-GVA USD 10,000.00",
            "3000/A USD -10,000.00",
            "9000/A USD 10,000.00",
            "9100/A USD -10,000.00",
        ]
        assert free(fund.stream) == usd("10000.00")


class TestCommitting:
    def test_moves_free_money_to_the_line_at_the_rate_of_the_approval(self, fund):
        made = fund.commit(Money.of("176.250", "KWD"), rate="0.3060", line_key="L5")

        assert made.committed == usd("575.98")
        assert lines_of(last_journal("commit")) == ["9100/A USD 575.98", "9200/A/L5 USD -575.98"]
        assert (free(fund.stream), committed(fund.stream)) == (usd("9424.02"), usd("575.98"))

    def test_an_urgent_allowance_stands_on_the_unearmarked_stream_with_most_money(self, fund):
        fund.receive(usd("20000.00"), key="R-2026-2", stream=make_stream("B"))
        fund.receive(usd("30000.00"), key="R-2026-3", stream=make_stream("T", earmarking=4))
        with transaction.atomic():
            commit_allowance(reference=REQUEST, limit=usd("1500.00"), actor=fund.helena, at=clock.now())

        assert lines_of(last_journal("commit")) == ["9100/B USD 1,500.00", "9200/B/URGENT USD -1,500.00"]

    def test_takes_the_very_last_cent(self, fund):
        fund.commit(usd("10000.00"))

        assert free(fund.stream) == usd("0.00")

    def test_is_refused_one_cent_above_what_is_free(self, fund):
        fund.commit(usd("4000.00"))

        with refuses("FUND-01"):
            fund.commit(usd("6000.01"), line_key="L2")

    def test_is_refused_whole_when_one_of_two_streams_is_short(self, fund):
        fund.receive(usd("5.00"), key="R-2026-2", stream=make_stream("B"))
        with refuses("FUND-01"):
            fund.commit(usd("1.00"))
            fund.commit(usd("5.01"), line_key="L2", stream=make_stream("C"))

    def test_is_refused_on_a_stream_that_has_ended(self, fund):
        fund.stream.ends_on = date(2026, 11, 22)
        fund.stream.save()

        with refuses("FUND-03"):
            fund.commit(usd("1.00"))


class TestFreeing:
    def test_gives_back_exactly_what_is_open(self, fund):
        made = fund.commit(usd("500.00"))
        fund.prepare(usd("120.00"), fund.payee())

        assert give_back() == usd("380.00")
        assert lines_of(last_journal("free")) == ["9200/A/L1 USD 380.00", "9100/A USD -380.00"]
        made.refresh_from_db()
        assert (made.freed, made.disbursed, made.open) == (usd("380.00"), usd("120.00"), usd("0.00"))
        assert free(fund.stream) == usd("9880.00")

    def test_twice_gives_back_once(self, fund):
        fund.commit(usd("500.00"))

        assert (give_back(), give_back()) == (usd("500.00"), usd("0.00"))
        assert free(fund.stream) == usd("10000.00")
        assert Journal.objects.filter(kind="free").count() == 1

    def test_can_be_of_some_lines_only(self, fund):
        fund.commit(usd("500.00"))
        fund.commit(usd("70.00"), line_key="L2")

        assert give_back(line_keys=["L2"]) == usd("70.00")
        assert Commitment.objects.get(line_key="L1").open == usd("500.00")

    def test_can_be_of_a_part_of_a_line(self, fund):
        fund.commit(Money.of("176.250", "KWD"), rate="0.3060")
        with transaction.atomic():
            part = Part("L1", usd("15.90"), Money.of("4.865", "KWD"))
            free_parts(reference=REQUEST, parts=[part], at=clock.now(), reason_code="cheaper")

        kept = Commitment.objects.get()
        assert (kept.open, kept.local_open) == (usd("560.08"), Money.of("171.385", "KWD"))

    def test_of_more_than_is_open_is_refused(self, fund):
        fund.commit(usd("500.00"))
        fund.prepare(usd("120.00"), fund.payee())

        with refuses("COMMIT-02"):
            free_parts(reference=REQUEST, parts=[Part("L1", usd("380.01"), usd("380.01"))], at=clock.now())

    def test_lets_the_line_be_committed_again(self, fund):
        fund.commit(usd("500.00"))
        give_back()

        again = fund.commit(usd("450.00"))

        assert (again.round, again.open) == (2, usd("450.00"))
        assert committed(fund.stream) == usd("450.00")
