"""Undo: the opposite journal, both visible, nothing deleted, and the line waits where it waited before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.actions.undoing import undo_match
from finance.models import Journal, Match, Proposal
from finance.queries import money_of
from gaf import clock
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from tests.finance.builders import NOON, REQUEST, YEAR_START, Fund, last_journal, lines_of, refuses, usd
from tests.finance.disbursing.test_amounts import books_are_true
from tests.finance.matching.lines import fresh, import_lines, read, sent

pytestmark = [pytest.mark.both, pytest.mark.django_db]


class TestF59AMatchThatIsUndone:
    def test_f59_leaves_both_journals_and_the_disbursement_unconfirmed(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        fund.match(line)
        booked = last_journal("match")

        undo_match(line_id=line.pk, actor=fund.esi, at=clock.now(), reason="It was another one.")

        assert lines_of(last_journal("undo")) == ["1100-GVA USD -300.00", "1000-GVA USD 300.00"]
        assert lines_of(booked) == ["1100-GVA USD 300.00", "1000-GVA USD -300.00"]
        assert (fresh(line).state, fund.now(one).state, fund.now(one).confirmed_at) == ("UNMATCHED", "SENT", None)
        assert money_of(REQUEST).reconciled == usd("0.00")
        kept = Match.ever.get(line=line)
        assert (kept.undone_by, kept.undone_journal) == (fund.esi, last_journal("undo"))
        assert Decision.objects.get(act="take_back_confirmation").actor.is_system
        assert books_are_true()

    def test_f59_can_be_matched_again_and_undone_again(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        for _round in range(2):
            fund.match(line)
            undo_match(line_id=line.pk, actor=fund.esi, at=clock.now())
        fund.match(line)

        assert fund.now(one).state == "CONFIRMED"
        assert Match.ever.filter(line=line).count() == 3
        assert books_are_true()

    def test_f58_f59_is_posted_today_whatever_became_of_its_month(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        fund.match(line)
        later = NOON + timedelta(days=40)
        with clock.at(later):
            undo_match(line_id=line.pk, actor=fund.esi, at=clock.now())

        undone = last_journal("undo")
        assert undone.at == later
        assert undone.key == f"undo:{last_journal('match').number}"

    def test_is_suggested_anew(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        fund.match(line)
        undo_match(line_id=line.pk, actor=fund.esi, at=clock.now())

        assert [item["key"] for item in Proposal.objects.get(line=line).items] == [one.number]

    def test_is_not_undone_by_whoever_released_it(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        fund.match(line)
        RoleAssignment.objects.create(person=fund.divya, role=Role.RECONCILER, starts_on=YEAR_START)
        divya = User.objects.get(pk=fund.divya.pk)

        with refuses("SOD-07"):
            undo_match(line_id=line.pk, actor=divya, at=clock.now())

    def test_from_a_stale_page_stays(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        fund.match(line)
        with refuses("STATE-02"):
            undo_match(line_id=line.pk, actor=fund.esi, at=clock.now(), seen_version=line.version)


class TestALineThatWasSetAside:
    def test_is_open_again_and_out_of_suspense(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("25.00"))
        for _round in range(2):
            fund.set_aside(line)
            undo_match(line_id=line.pk, actor=fund.esi, at=clock.now())

        assert fresh(line).state == "UNMATCHED"
        assert lines_of(last_journal("undo")) == ["1000-GVA USD -25.00", "2000-GVA USD 25.00"]
        assert books_are_true()

    def test_and_matched_later_goes_back_into_suspense(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-300.00", end_to_end=one.end_to_end))
        fund.set_aside(line)
        fund.match(line)
        undo_match(line_id=line.pk, actor=fund.esi, at=clock.now())

        assert fresh(line).state == "SET_ASIDE"
        assert books_are_true()


class TestAReturn:
    def test_that_freed_a_commitment_is_not_undone(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        out, back = import_lines(
            fund,
            read("-300.00", end_to_end=one.end_to_end),
            read("300.00", end_to_end=one.end_to_end, is_return=True),
        )
        fund.match(out)
        fund.match(back)

        with refuses("MATCH-06"):
            undo_match(line_id=back.pk, actor=fund.esi, at=clock.now())
        with refuses("MATCH-07"):
            undo_match(line_id=out.pk, actor=fund.esi, at=clock.now())
        assert Journal.objects.filter(kind="undo").count() == 0
