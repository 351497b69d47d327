"""Batches, splits, fees and exchange differences that a person matches: to the cent, and inside the caps."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from finance.actions.choosing import match_as_fee, match_chosen
from finance.actions.releasing import release
from finance.actions.undoing import undo_match
from finance.models import Disbursement, Journal, Match, Proposal, StatementLine
from gaf import clock
from gaf.accounts.models import RoleAssignment as AssignedRole
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision, Threshold
from gaf.outbox.outbox import drain
from gaf.refusals import NotPermitted
from tests.finance.builders import YEAR_START, Fund, everything, last_journal, lines_of, refuses, usd
from tests.finance.disbursing.test_amounts import books_are_true
from tests.finance.matching.lines import fresh, import_lines, read, sent

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def choose(fund: Fund, lines: list[StatementLine], records: list[Disbursement], **choices: object) -> None:
    match_chosen(
        line_ids=[line.pk for line in lines],
        records=[record.number for record in records],
        actor=fund.esi,
        at=clock.now(),
        **choices,  # type: ignore[arg-type]
    )


class TestABatch:
    def test_f49_of_a_unique_subset_is_suggested_and_matched_whole(self, fund: Fund) -> None:
        one, two, three = sent(fund, "100.00", "200.00", "333.33")
        (line,) = import_lines(fund, read("-300.00", text="BATCH BOOKING"))
        proposal = Proposal.objects.get(line=line)
        assert [item["key"] for item in proposal.items] == [one.number, two.number]
        assert (line.state, proposal.automatic) == ("UNMATCHED", False)

        choose(fund, [line], [one, two])

        assert lines_of(last_journal("match")) == ["1100-GVA USD 100.00", "1100-GVA USD 200.00", "1000-GVA USD -300.00"]
        assert [fund.now(row).state for row in (one, two, three)] == ["CONFIRMED", "CONFIRMED", "SENT"]
        assert fresh(line).state == "MATCHED"
        assert books_are_true()

    def test_f49_that_two_subsets_fit_is_left_to_people(self, fund: Fund) -> None:
        sent(fund, "100.00", "200.00", "150.00", "150.00")
        (line,) = import_lines(fund, read("-300.00"))

        assert not [p for p in Proposal.objects.filter(line=line) if p.items]

    def test_that_does_not_add_up_is_refused(self, fund: Fund) -> None:
        one, two = sent(fund, "100.00", "200.00")
        (line,) = import_lines(fund, read("-300.01"))

        with refuses("MATCH-02"):
            choose(fund, [line], [one, two])

    def test_with_one_record_twice_is_refused(self, fund: Fund) -> None:
        (one,) = sent(fund, "150.00")
        (line,) = import_lines(fund, read("-300.00"))

        with refuses("MATCH-05"):
            choose(fund, [line], [one, one])

    def test_is_refused_to_whoever_released_one_of_its_requests(self, fund: Fund) -> None:
        one, two = of_two_requests(fund)
        (line,) = import_lines(fund, read("-300.00"))
        AssignedRole.objects.create(person=fund.divya, role=Role.RECONCILER, starts_on=YEAR_START)
        divya, before = User.objects.get(pk=fund.divya.pk), everything()

        with pytest.raises(NotPermitted) as refusal, transaction.atomic():
            match_chosen(line_ids=[line.pk], records=[one.number, two.number], actor=divya, at=clock.now())
        assert [one.code for one in refusal.value.refusals] == ["SOD-07"]
        assert everything() == before

    def test_leaves_a_decision_for_each_of_its_requests(self, fund: Fund) -> None:
        one, two = of_two_requests(fund)
        (line,) = import_lines(fund, read("-300.00"))
        choose(fund, [line], [one, two])

        kept = Decision.objects.filter(act="match_line", actor=fund.esi)
        assert [decision.related or decision.reference for decision in kept] == [two.reference, one.reference]


def of_two_requests(fund: Fund) -> list[Disbursement]:
    """USD 100.00 released by Dan, 200.00 of another request released by Divya, in one file."""
    other = "GAF-2026-00043"
    fund.commit(usd("500.00"))
    fund.commit(usd("500.00"), reference=other)
    payee = fund.payee()
    one, two = fund.prepare(usd("100.00"), payee), fund.prepare(usd("200.00"), payee, reference=other)
    release(numbers=[one.number], actor=fund.dan, at=clock.now())
    fund.release(two)
    fund.signed_file()
    drain()
    return [fund.now(one), fund.now(two)]


class TestASplit:
    def test_is_matched_with_all_its_lines_at_once(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        lines = import_lines(fund, read("-100.00", text=one.end_to_end), read("-200.00", end_to_end=one.end_to_end))
        assert [p.lines for p in Proposal.objects.order_by("line")] == [
            [lines[1].identity[:16]],
            [lines[0].identity[:16]],
        ]

        choose(fund, lines, [one])

        assert fund.now(one).state == "CONFIRMED"
        assert [match.item_minor for match in Match.objects.order_by("id")] == [10_000, 20_000]
        assert books_are_true()

    def test_that_leaves_something_over_is_refused(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        lines = import_lines(fund, read("-100.00"), read("-199.99"))

        with refuses("MATCH-02"):
            choose(fund, lines, [one])

    def test_is_undone_with_all_its_lines(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        lines = import_lines(fund, read("-100.00"), read("-200.00"))
        choose(fund, lines, [one])

        undo_match(line_id=lines[1].pk, actor=fund.esi, at=clock.now())

        assert [fresh(line).state for line in lines] == ["UNMATCHED", "UNMATCHED"]
        assert fund.now(one).state == "SENT"
        assert books_are_true()


class TestADifference:
    def test_f41_of_a_fee_goes_to_the_fee_account_and_to_no_request(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-301.50", end_to_end=one.end_to_end))
        proposal = Proposal.objects.get(line=line)
        assert (proposal.difference_minor, proposal.books_to, proposal.automatic) == (150, "bank_fee", False)

        choose(fund, [line], [one], books_to="bank_fee")

        assert lines_of(last_journal("match")) == [
            "1100-GVA USD 300.00",
            "1000-GVA USD -301.50",
            "5100 USD 1.50",
            "9100/A USD 1.50",
            "9300/A USD -1.50",
        ]
        assert fund.now(one).state == "CONFIRMED"
        assert books_are_true()

    @pytest.mark.parametrize(
        ("amount", "books_to", "code"),
        [("-301.50", "", "MATCH-02"), ("-350.01", "bank_fee", "MATCH-04"), ("-298.50", "bank_fee", "MATCH-04"),
         ("-301.50", "exchange", "MATCH-04")],
    )  # fmt: skip
    def test_f38_that_is_not_told_or_too_large_or_of_another_kind_is_refused(self, fund, amount, books_to, code):
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read(amount))

        with refuses(code):
            choose(fund, [line], [one], books_to=books_to)

    def test_f48_of_a_return_is_a_fee_of_the_fund_and_the_commitment_is_whole(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        out, back = import_lines(
            fund,
            read("-300.00", end_to_end=one.end_to_end),
            read("285.00", text=f"RETURN {one.end_to_end[:11]}", is_return=True, return_code="AC04"),
        )
        fund.match(out)
        choose(fund, [back], [one])

        assert lines_of(last_journal("return")) == [
            "1000-GVA USD 285.00",
            "1200 USD -300.00",
            "5100 USD 15.00",
            "9100/A USD 15.00",
            "9300/A USD -15.00",
        ]
        assert fund.now(one).state == "RETURNED"
        assert books_are_true()

    def test_f47_of_a_reversal_is_nothing_and_the_original_is_open_again(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        for line in import_lines(
            fund,
            read("-300.00", end_to_end=one.end_to_end),
            read("300.00", end_to_end=one.end_to_end, is_return=True),
        ):
            fund.match(line)

        assert fund.now(one).state == "RETURNED"
        assert sum(Match.objects.values_list("minor", flat=True)) == 0
        assert books_are_true()


class TestAFeeThatNamesNothing:
    def test_is_borne_by_unearmarked_money(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("-12.00", text="CARD FEES"))

        match_as_fee(line_id=line.pk, actor=fund.esi, at=clock.now())

        assert lines_of(last_journal("fee"))[:2] == ["1000-GVA USD -12.00", "5100 USD 12.00"]
        assert books_are_true()

    @pytest.mark.parametrize("amount", ["-50.01", "12.00"])
    def test_above_the_cap_or_coming_in_is_refused(self, fund, amount):
        (line,) = import_lines(fund, read(amount))

        with refuses("MATCH-04"):
            match_as_fee(line_id=line.pk, actor=fund.esi, at=clock.now())


class TestTheDatabase:
    def test_refuses_more_than_the_line(self, fund: Fund) -> None:
        line, other = import_lines(fund, read("-12.00"), read("-13.00"))
        match_as_fee(line_id=line.pk, actor=fund.esi, at=clock.now())
        self.refuses("MATCH-10", line=line, kind="FEE", minor=-1)
        self.refuses("MATCH-10", line=other, kind="FEE", minor=-1301)
        self.refuses("MATCH-10", line=other, kind="FEE", minor=1)

    def test_refuses_more_than_the_record(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        whole, more = import_lines(fund, read("-300.00", end_to_end=one.end_to_end), read("-1.00"))
        fund.match(whole)
        self.refuses("MATCH-11", line=more, kind="DISBURSEMENT", disbursement=one, minor=-100, item_minor=100)

    def test_lets_a_match_be_undone_and_nothing_else_be_changed(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("-12.00"))
        match_as_fee(line_id=line.pk, actor=fund.esi, at=clock.now())
        undone = {"undone_at": clock.now(), "undone_by": fund.esi, "undone_journal": Journal.objects.last()}
        for changes in ({"minor": -1}, {"books_to": "exchange"}, {**undone, "minor": -1}):
            with pytest.raises(DatabaseError, match="MATCH-01"), transaction.atomic():
                Match.objects.filter(line=line).update(**changes)

    @staticmethod
    def refuses(code: str, **facts: object) -> None:
        with pytest.raises(DatabaseError, match=code), transaction.atomic():
            Match.objects.create(journal=Journal.objects.first(), at=clock.now(), **facts)  # type: ignore[misc]


class TestMatchingByItself:
    def test_happens_only_where_the_fund_says_up_to_which_amount(self, fund: Fund) -> None:
        Threshold.objects.create(
            code="match_by_itself_limit", value=25_000, unit="usd_minor", effective_from=YEAR_START
        )
        small, large = sent(fund, "200.00", "300.00")
        lines = import_lines(
            fund, read("-200.00", end_to_end=small.end_to_end), read("-300.00", end_to_end=large.end_to_end)
        )

        assert [fresh(line).state for line in lines] == ["MATCHED", "PROPOSED"]
        decision = Decision.objects.get(act="match_by_itself")
        assert (decision.actor.is_system, decision.related) == (True, small.reference)
        assert books_are_true()

    def test_does_not_happen_otherwise(self, fund: Fund) -> None:
        (one,) = sent(fund, "200.00")
        (line,) = import_lines(fund, read("-200.00", end_to_end=one.end_to_end))

        assert fresh(line).state == "PROPOSED"
        assert Proposal.objects.get(line=line).automatic is False
        assert usd("200.00") == -fresh(line).money
