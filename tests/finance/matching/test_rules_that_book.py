"""Rules of matching that book interest, a wider or narrower band of the exchange, and returns nobody marked."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from finance.actions.choosing import match_as_fee, match_by_rule, match_chosen
from finance.actions.match_rules import (
    Conditions,
    activate_match_rule,
    retire_match_rule,
    try_match_rule,
    write_match_rule,
)
from finance.actions.undoing import undo_match
from finance.models import Disbursement, Match, MatchRule, Proposal, StatementLine
from gaf import clock
from gaf.decisions.models import Decision, Threshold
from gaf.money import Money
from gaf.outbox.outbox import drain
from tests.finance.builders import PAYEE_IBAN, YEAR_START, Fund, everything, free, last_journal, lines_of, refuses, usd
from tests.finance.disbursing.test_amounts import books_are_true
from tests.finance.matching.lines import fresh, import_lines, read, sent

pytestmark = [pytest.mark.both, pytest.mark.django_db]
INTEREST = Conditions("Interest", "INTEREST", incoming=True, contains=("INTEREST",), most_minor=10_000, currency="USD")
RETURNS = Conditions("Sent back", "RETURN", incoming=True, contains=("SENT BACK",))
FEES = Conditions("Account fees", "BANK_FEE", contains=("ACCOUNT FEE",), automatic=True)


def exchange(band_bp: int) -> Conditions:
    return Conditions("Dinars", "EXCHANGE", contains=("FX",), band_bp=band_bp)


def in_force(fund: Fund, conditions: Conditions) -> MatchRule:
    """Esi writes and tests it, Helena puts it in force."""
    rule = write_match_rule(conditions=conditions, actor=fund.esi, at=clock.now())
    try_match_rule(rule_id=rule.pk, actor=fund.esi, at=clock.now())
    return activate_match_rule(rule_id=rule.pk, actor=fund.helena, at=clock.now())


def by_rule(fund: Fund, line: StatementLine) -> None:
    match_by_rule(line_id=line.pk, actor=fund.esi, at=clock.now())


def in_dinars(fund: Fund) -> Disbursement:
    """KWD 171.385 to a payee, which the rate of November makes USD 555.54 on the account in Geneva."""
    fund.commit(Money.of("176.250", "KWD"), rate="0.3060")
    row = fund.prepare(Money.of("171.385", "KWD"), fund.payee(currency="KWD"))
    fund.release(row)
    fund.signed_file()
    drain()
    return fund.now(row)


class TestInterest:
    def test_is_income_of_the_fund_and_free_for_every_request(self, fund: Fund) -> None:
        rule = in_force(fund, INTEREST)
        before = free(fund.stream)
        (line,) = import_lines(fund, read("7.31", text="CREDIT INTEREST NOV"))
        assert Proposal.objects.get(line=line).classified == "INTEREST"

        by_rule(fund, line)

        assert lines_of(last_journal("interest")) == [
            "1000-GVA USD 7.31",
            "3100/A USD -7.31",
            "9000/A USD 7.31",
            "9100/A USD -7.31",
        ]
        assert free(fund.stream) == before + usd("7.31")
        match = Match.objects.get(line=line)
        assert (match.kind, match.rule, fresh(line).state) == ("INTEREST", rule, "MATCHED")
        assert Decision.objects.get(act="match_line").facts["rule"] == rule.decision_subject()
        assert books_are_true()

    def test_is_undone_to_the_cent(self, fund: Fund) -> None:
        in_force(fund, INTEREST)
        before = free(fund.stream)
        (line,) = import_lines(fund, read("7.31", text="CREDIT INTEREST NOV"))
        by_rule(fund, line)

        undo_match(line_id=line.pk, actor=fund.esi, at=clock.now())

        assert (free(fund.stream), fresh(line).state) == (before, "UNMATCHED")
        by_rule(fund, line)
        assert books_are_true()

    def test_that_no_rule_in_force_names_is_not_booked(self, fund: Fund) -> None:
        rule = in_force(fund, INTEREST)
        small, large = import_lines(fund, read("7.31", text="INTEREST"), read("100.01", text="INTEREST"))
        with refuses("MATCH-08"):
            by_rule(fund, large)
        retire_match_rule(rule_id=rule.pk, actor=fund.helena, at=clock.now())
        before = everything()
        with refuses("MATCH-08"):
            by_rule(fund, small)
        assert everything() == before

    def test_of_two_rules_that_disagree_is_not_booked(self, fund: Fund) -> None:
        in_force(fund, INTEREST)
        in_force(fund, RETURNS)
        (line,) = import_lines(fund, read("7.31", text="INTEREST SENT BACK"))
        with refuses("MATCH-08"):
            by_rule(fund, line)

    def test_belongs_to_no_request(self, fund: Fund) -> None:
        in_force(fund, INTEREST)
        (line,) = import_lines(fund, read("1.00", text="INTEREST"))
        by_rule(fund, line)
        assert Decision.objects.get(act="match_line").related == ""


class TestABandOfTheExchange:
    """Our rate makes KWD 171.385 USD 555.54; the fund's own band is 3 %, USD 16.66."""

    def line(self, fund: Fund, row: Disbursement, minor: str) -> StatementLine:
        return import_lines(fund, read(minor, end_to_end=row.end_to_end, text="FX PAYMENT"))[0]

    def choose(self, fund: Fund, line: StatementLine, row: Disbursement) -> None:
        match_chosen(line_ids=[line.pk], records=[row.number], books_to="exchange", actor=fund.esi, at=clock.now())

    def test_lets_a_wider_difference_go_to_the_exchange_account(self, fund: Fund) -> None:
        row = in_dinars(fund)
        rule = in_force(fund, exchange(500))
        line = self.line(fund, row, "-580.00")
        proposal = Proposal.objects.get(line=line)
        assert (proposal.rule, proposal.books_to, proposal.automatic) == (rule, "exchange", False)
        assert ["rule_band", [rule.decision_subject(), 500]] in proposal.reasons

        self.choose(fund, line, row)

        match = Match.objects.get(line=line)
        assert (match.books_to, match.difference_minor, match.rule) == ("exchange", 2_446, rule)
        assert "5200 USD 24.46" in lines_of(last_journal("match"))
        assert books_are_true()

    def test_is_the_only_measure_where_it_is_narrower(self, fund: Fund) -> None:
        row = in_dinars(fund)
        in_force(fund, exchange(100))
        line = self.line(fund, row, "-570.00")

        assert not Proposal.objects.filter(line=line, books_to="exchange").exists()
        before = everything()
        with refuses("MATCH-04"):
            self.choose(fund, line, row)
        assert everything() == before

    def test_ends_at_its_edge(self, fund: Fund) -> None:
        row = in_dinars(fund)
        in_force(fund, exchange(500))
        over, within = import_lines(  # 5 % of 555.54 is 27.777
            fund, read("-583.32", text="FX"), read("-583.31", text="FX", end_to_end=row.end_to_end)
        )
        with refuses("MATCH-04"):
            self.choose(fund, over, row)
        self.choose(fund, within, row)
        assert books_are_true()

    def test_is_tested_on_lines_that_differed_inside_it(self, fund: Fund) -> None:
        row = in_dinars(fund)
        line = self.line(fund, row, "-570.00")
        self.choose(fund, line, row)

        found = [self.tried(fund, band).tested for band in (100, 300)]

        assert [(one["covered"], one["right"], one["wrong"]) for one in found] == [(0, 0, 0), (1, 1, 0)]

    def test_is_told_of_a_line_that_people_called_a_fee(self, fund: Fund) -> None:
        row = in_dinars(fund)
        line = self.line(fund, row, "-565.00")
        match_chosen(line_ids=[line.pk], records=[row.number], books_to="bank_fee", actor=fund.esi, at=clock.now())

        tested = self.tried(fund, 300).tested

        assert (tested["covered"], tested["wrong"]) == (1, 1)
        assert tested["wrong_lines"][0]["line"] == line.decision_subject()

    def tried(self, fund: Fund, band: int) -> MatchRule:
        rule = write_match_rule(conditions=exchange(band), actor=fund.esi, at=clock.now())
        return try_match_rule(rule_id=rule.pk, actor=fund.esi, at=clock.now())


class TestAReturnThatNobodyMarked:
    def test_is_found_by_a_reference_cut_short_and_booked_as_a_return(self, fund: Fund) -> None:
        (row,) = sent(fund, "300.00")
        rule = in_force(fund, RETURNS)
        out, back = import_lines(
            fund,
            read("-300.00", end_to_end=row.end_to_end),
            read("300.00", text=f"SENT BACK {row.end_to_end[:11]}"),
        )
        fund.match(out)
        proposal = Proposal.objects.get(line=back)
        assert ([one["key"] for one in proposal.items], proposal.rule) == ([row.number], rule)
        assert (proposal.items[0]["kind"], proposal.automatic) == ("RETURN", False)

        match_chosen(line_ids=[back.pk], records=[row.number], actor=fund.esi, at=clock.now())

        match = Match.objects.get(line=back)
        assert (match.kind, match.rule, fund.now(row).state) == ("RETURN", rule, "RETURNED")
        assert books_are_true()

    def test_that_names_nothing_is_found_by_the_payees_account_alone(self, fund: Fund) -> None:
        (row,) = sent(fund, "300.00")
        in_force(fund, RETURNS)
        out, back = import_lines(
            fund,
            read("-300.00", end_to_end=row.end_to_end),
            read("300.00", text="SENT BACK", counterparty_account=PAYEE_IBAN),
        )
        fund.match(out)
        assert [one["key"] for one in Proposal.objects.get(line=back).items] == [row.number]

    def test_is_not_seen_without_a_rule(self, fund: Fund) -> None:
        (row,) = sent(fund, "300.00")
        out, back = import_lines(
            fund, read("-300.00", end_to_end=row.end_to_end), read("300.00", text=f"SENT BACK {row.end_to_end[:11]}")
        )
        fund.match(out)
        assert not Proposal.objects.filter(line=back).exclude(items=[]).exists()

    def test_is_tested_on_past_returns(self, fund: Fund) -> None:
        (row,) = sent(fund, "300.00")
        out, back = import_lines(
            fund,
            read("-300.00", end_to_end=row.end_to_end),
            read("300.00", end_to_end=row.end_to_end, is_return=True, text="SENT BACK"),
        )
        fund.match(out)
        fund.match(back)
        rule = write_match_rule(conditions=RETURNS, actor=fund.esi, at=clock.now())
        tested = try_match_rule(rule_id=rule.pk, actor=fund.esi, at=clock.now()).tested
        assert (tested["seen"], tested["covered"], tested["right"], tested["wrong"]) == (2, 1, 1, 0)


class TestARuleThatBooksByItself:
    def let(self, code: str, value: int) -> None:
        Threshold.objects.create(code=code, value=value, effective_from=YEAR_START)

    def test_books_a_fee_up_to_the_funds_own_limit_and_leaves_a_larger_one_to_a_person(self, fund: Fund) -> None:
        self.let("match_by_itself_limit", 1_000_000)
        self.let("match_fee_cap_by_itself", 1_000)
        rule = in_force(fund, FEES)

        small, large = import_lines(fund, read("-10.00", text="ACCOUNT FEE"), read("-10.01", text="ACCOUNT FEE"))

        assert [fresh(line).state for line in (small, large)] == ["MATCHED", "UNMATCHED"]
        assert Match.objects.get().rule == rule
        assert Decision.objects.get(act="match_by_itself").facts["rule"] == rule.decision_subject()
        assert books_are_true()

    def test_books_nothing_where_the_fund_lets_nothing_go_by_itself(self, fund: Fund) -> None:
        in_force(fund, FEES)
        (line,) = import_lines(fund, read("-1.00", text="ACCOUNT FEE"))
        assert fresh(line).state == "UNMATCHED"


class TestWritingOne:
    @pytest.mark.parametrize(
        ("conditions", "code"),
        [
            (Conditions("Interest", "INTEREST", contains=("INTEREST",)), "RULE-05"),
            (Conditions("Back", "RETURN", contains=("BACK",)), "RULE-05"),
            (Conditions("Fee", "BANK_FEE", incoming=True, contains=("FEE",)), "RULE-05"),
            (Conditions("Dinars", "EXCHANGE", contains=("FX",)), "RULE-06"),
            (Conditions("Dinars", "EXCHANGE", contains=("FX",), band_bp=1_001), "RULE-06"),
            (Conditions("Fee", "BANK_FEE", contains=("FEE",), band_bp=50), "RULE-06"),
        ],
    )
    def test_with_another_direction_or_without_its_band_is_refused(self, fund, conditions, code):
        with refuses(code):
            write_match_rule(conditions=conditions, actor=fund.esi, at=clock.now())
        assert not MatchRule.objects.exists()

    def test_is_refused_by_the_database_too(self, fund: Fund) -> None:
        rule = write_match_rule(conditions=exchange(300), actor=fund.esi, at=clock.now())
        for wrong in ({"band_bp": 0}, {"band_bp": 1_001}, {"incoming": True}, {"classifies": "RETURN", "band_bp": 0}):
            with pytest.raises(IntegrityError), transaction.atomic():
                MatchRule.objects.filter(pk=rule.pk).update(**wrong)
        assert rule.band == Decimal("3")

    def test_the_version_a_match_names_stays(self, fund: Fund) -> None:
        rule = in_force(fund, INTEREST)
        other = in_force(fund, RETURNS)
        (line,) = import_lines(fund, read("7.31", text="INTEREST"))
        by_rule(fund, line)
        with pytest.raises(IntegrityError), transaction.atomic():
            Match.objects.filter(rule=rule).update(rule=other)
        assert Match.objects.get().rule == rule

    def test_a_fee_that_a_person_calls_one_names_no_rule(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("-12.00", text="CARD"))
        match_as_fee(line_id=line.pk, actor=fund.esi, at=clock.now())
        assert Match.objects.get().rule is None
