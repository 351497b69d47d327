"""Rules of matching: versions, tested on past lines, put in force by somebody else than their author."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from finance.actions.choosing import match_as_fee
from finance.actions.match_rules import (
    Conditions,
    activate_match_rule,
    retire_match_rule,
    try_match_rule,
    write_match_rule,
)
from finance.models import MatchRule, Proposal
from gaf import clock
from gaf.refusals import MovedOn, NotPermitted
from tests.finance.builders import Fund, refuses
from tests.finance.disbursing.test_amounts import books_are_true
from tests.finance.matching.lines import import_lines, read

pytestmark = [pytest.mark.both, pytest.mark.django_db]
FEES = Conditions("Card fees", "BANK_FEE", contains=("CARD FEE",), most_minor=5_000, currency="USD")


def written(fund: Fund, conditions: Conditions = FEES, **choices: str) -> MatchRule:
    return write_match_rule(conditions=conditions, actor=fund.esi, at=clock.now(), **choices)


def tried(fund: Fund, rule: MatchRule) -> MatchRule:
    return try_match_rule(rule_id=rule.pk, actor=fund.esi, at=clock.now())


class TestARule:
    def test_suggests_once_it_is_in_force(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("-12.00", text="CARD FEES NOV"))
        rule = tried(fund, written(fund))
        assert not Proposal.objects.exists()

        activate_match_rule(rule_id=rule.pk, actor=fund.helena, at=clock.now())

        proposal = Proposal.objects.get(line=line)
        assert (proposal.classified, proposal.rule_id, proposal.tier) == ("BANK_FEE", rule.pk, 7)
        retire_match_rule(rule_id=rule.pk, actor=fund.helena, at=clock.now())
        assert not Proposal.objects.exists()
        assert books_are_true()

    def test_is_tested_on_what_people_matched_before(self, fund: Fund) -> None:
        fee, other = import_lines(fund, read("-12.00", text="CARD FEES"), read("25.00", text="CARD FEE BACK"))
        match_as_fee(line_id=fee.pk, actor=fund.esi, at=clock.now())

        found = tried(fund, written(fund)).tested

        assert other.state == "UNMATCHED"
        assert (found["seen"], found["covered"], found["right"], found["wrong"]) == (1, 1, 1, 0)

    def test_that_was_wrong_and_would_act_by_itself_is_never_put_in_force(self, fund: Fund) -> None:
        (fee,) = import_lines(fund, read("-12.00", text="TRANSFER 7"))
        match_as_fee(line_id=fee.pk, actor=fund.esi, at=clock.now())
        rule = tried(fund, written(fund, Conditions("Ours", "TRANSFER", contains=("TRANSFER",), automatic=True)))

        assert rule.tested["wrong_lines"][0]["line"] == fee.decision_subject()
        with refuses("RULE-04"):
            activate_match_rule(rule_id=rule.pk, actor=fund.helena, at=clock.now())

    def test_is_not_put_in_force_by_its_author(self, fund: Fund) -> None:
        rule = tried(fund, written(fund))

        with pytest.raises(NotPermitted) as refusal, transaction.atomic():
            activate_match_rule(rule_id=rule.pk, actor=fund.esi, at=clock.now())
        assert [one.code for one in refusal.value.refusals] == ["RULE-01"]
        with pytest.raises(IntegrityError), transaction.atomic():
            MatchRule.objects.filter(pk=rule.pk).update(activated_by=fund.esi)

    def test_is_not_put_in_force_untested(self, fund: Fund) -> None:
        rule = written(fund)

        with pytest.raises(MovedOn), transaction.atomic():
            activate_match_rule(rule_id=rule.pk, actor=fund.helena, at=clock.now())

    def test_has_versions_of_which_one_is_in_force(self, fund: Fund) -> None:
        first = tried(fund, written(fund))
        activate_match_rule(rule_id=first.pk, actor=fund.helena, at=clock.now())
        second = tried(fund, written(fund, replaces=first.key))
        activate_match_rule(rule_id=second.pk, actor=fund.helena, at=clock.now())

        assert list(MatchRule.objects.order_by("number").values_list("number", "state")) == [
            (1, "RETIRED"),
            (2, "ACTIVE"),
        ]

    @pytest.mark.parametrize(
        ("conditions", "code"),
        [
            (Conditions("Everything", "BANK_FEE"), "RULE-02"),
            (Conditions(" ", "BANK_FEE", contains=("FEE",)), "RULE-02"),
            (Conditions("For ever", "BANK_FEE", pattern="(a+)+"), "RULE-03"),
            (Conditions("None", "BANK_FEE", pattern="["), "RULE-03"),
        ],
    )
    def test_that_fits_everything_or_takes_for_ever_is_not_kept(self, fund, conditions, code):
        with refuses(code):
            written(fund, conditions)
        assert not MatchRule.objects.exists()
