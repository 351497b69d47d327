"""Tranches: a line is paid part by part, each part when its condition is met, and accounted for on the way (S10)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from finance.actions.acceptance import Accepted, accept_spending
from finance.actions.tranches import TranchePlan, account_for_tranche, open_tranche, plan_tranches
from finance.models import Commitment, RefundDue, Tranche
from finance.queries import closing_obstacles, not_accounted_for
from gaf import clock
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.refusals import NotPermitted
from tests.finance.builders import NOON, REQUEST, last_journal, lines_of, refuses, usd

T1, T2, T3 = (f"{REQUEST}/L1/T{number}" for number in (1, 2, 3))


def three(fund, *conditions: tuple[str, date | None]) -> list[Tranche]:
    """USD 1,200.00 in three tranches of 400.00; the second and third wait to be accounted for unless said."""
    fund.commit(usd("1200.00"))
    waiting = conditions or (("ACCOUNTED", None), ("ACCOUNTED", None))
    plans = [TranchePlan(usd("400.00"), condition, day) for condition, day in [("AT_ONCE", None), *waiting]]
    return plan_tranches(reference=REQUEST, line_key="L1", plans=plans, actor=fund.marie, at=clock.now())


def open_next(fund, key: str, confirmed: str = "", at: datetime | None = None) -> Tranche:
    """Marie opens a tranche."""
    return open_tranche(key=key, confirmed=confirmed, actor=fund.marie, at=at or clock.now())


def account(fund, key: str, accepted: str, disallowed: str = "0.00", code: str = "") -> Tranche:
    """Marie accounts for a tranche."""
    told = {"accepted": usd(accepted), "disallowed": usd(disallowed), "reason_code": code}
    return account_for_tranche(key=key, **told, actor=fund.marie, at=clock.now())


class TestTranches:
    def test_open_one_after_another_as_each_is_paid_and_accounted_for(self, fund):
        three(fund)
        payee = fund.payee()

        with refuses("TRANCHE-06"):
            fund.prepare(usd("400.01"), payee)
        fund.send_by_file(usd("400.00"), payee)
        with refuses("TRANCHE-06"):
            fund.prepare(usd("0.01"), payee)
        with refuses("TRANCHE-04"):
            open_next(fund, T2)
        account(fund, T1, "400.00")

        assert fund.prepare(usd("400.00"), payee).state == "PREPARED"
        assert list(Tranche.objects.values_list("state", flat=True)) == ["ACCOUNTED", "OPEN", "WAITING"]

    def test_disallowed_spending_is_due_back_at_once_and_the_rest_adds_up_at_the_end(self, fund):
        three(fund, ("ACCOUNTED", None), ("GATE", None))
        payee = fund.payee()
        for key, accepted, disallowed in ((T1, "400.00", "0.00"), (T2, "242.62", "157.38")):
            fund.send_by_file(usd("400.00"), payee)
            account(fund, key, accepted, disallowed, "NO_EVIDENCE" if disallowed != "0.00" else "")

        assert lines_of(last_journal("accept")) == ["5000/A/L1 USD 242.62", "1300 USD 157.38", "1200 USD -400.00"]
        refund = RefundDue.objects.get()
        assert (refund.money, refund.kind, refund.reason_code) == (usd("157.38"), "DISALLOWED", "NO_EVIDENCE")

        open_next(fund, T3, "The mission has sent the refund.")
        fund.send_by_file(usd("400.00"), payee)
        with transaction.atomic():
            whole = [Accepted("L1", usd("1032.62"), usd("157.38"), "NO_EVIDENCE")]
            accept_spending(reference=REQUEST, lines=whole, actor=fund.helena, at=clock.now())

        assert lines_of(last_journal("accept")) == ["5000/A/L1 USD 390.00", "1300 USD 10.00", "1200 USD -400.00"]
        assert not_accounted_for(REQUEST) == usd("0.00")
        assert [(row.money, row.kind) for row in RefundDue.objects.order_by("key")] == [
            (usd("157.38"), "DISALLOWED"),
            (usd("10.00"), "UNSPENT"),
        ]
        assert sum("has not come" in words for words in closing_obstacles(REQUEST)) == 2

    def test_open_with_the_acceptance_of_the_one_before_as_an_act_of_the_system(self, fund):
        three(fund)
        fund.send_by_file(usd("400.00"), fund.payee())
        account(fund, T1, "399.00")

        opened = Tranche.objects.get(key=T2)
        decision = Decision.objects.get(subject=T2, act="open_tranche")
        assert (opened.state, opened.opened_at, decision.role) == ("OPEN", decision.at, "system")
        assert Tranche.objects.get(key=T3).state == "WAITING"

    def test_do_not_open_by_themselves_where_something_was_disallowed(self, fund):
        three(fund)
        fund.send_by_file(usd("400.00"), fund.payee())
        account(fund, T1, "350.00", "50.00", "NO_EVIDENCE")

        assert Tranche.objects.get(key=T2).state == "WAITING"
        assert open_next(fund, T2, "The refund was seen.").state == "OPEN"

    def test_that_wait_for_a_day_or_a_person_do_not_open_by_themselves(self, fund):
        three(fund, ("GATE", None), ("ACCOUNTED", None))
        fund.send_by_file(usd("400.00"), fund.payee())
        account(fund, T1, "400.00")

        assert list(Tranche.objects.values_list("state", flat=True)) == ["ACCOUNTED", "WAITING", "WAITING"]

    def test_wait_for_their_day_or_for_what_only_a_person_can_see(self, fund):
        three(fund, ("DATE", date(2026, 12, 1)), ("GATE", None))

        with refuses("TRANCHE-04"):
            open_next(fund, T2)
        with refuses("TRANCHE-04"):
            open_next(fund, T3, "The plan was seen.")
        open_next(fund, T2, at=datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
        with refuses("TRANCHE-04"):
            open_next(fund, T3)

        assert open_next(fund, T3, "The plan was seen.").state == "OPEN"

    def test_come_to_what_is_committed_and_are_planned_once(self, fund):
        three(fund)
        again = [TranchePlan(usd("600.00"), "AT_ONCE"), TranchePlan(usd("600.00"), "GATE")]
        for line_key, plans in (("L1", again), ("L9", again)):
            with refuses("TRANCHE-03"):
                plan_tranches(reference=REQUEST, line_key=line_key, plans=plans, actor=fund.marie, at=clock.now())
        fund.commit(usd("100.00"), line_key="L2")
        wrong = [
            [TranchePlan(usd("100.00"), "AT_ONCE")],
            [TranchePlan(usd("50.00"), "AT_ONCE"), TranchePlan(usd("49.99"), "GATE")],
            [TranchePlan(usd("50.00"), "AT_ONCE"), TranchePlan(usd("50.00"), "DATE")],
            [TranchePlan(usd("50.00"), "AT_ONCE"), TranchePlan(usd("50.00"), "AT_ONCE")],
            [TranchePlan(usd("50.00"), "AT_ONCE"), TranchePlan(Money(5000, "EUR"), "GATE")],
        ]
        for plans in wrong:
            with refuses("TRANCHE-03"):
                plan_tranches(reference=REQUEST, line_key="L2", plans=plans, actor=fund.marie, at=clock.now())

    def test_are_not_accounted_for_before_they_are_paid_nor_beyond_what_they_are(self, fund):
        three(fund)
        with refuses("TRANCHE-05"):
            account(fund, T1, "400.00")
        fund.send_by_file(usd("400.00"), fund.payee())
        with refuses("TRANCHE-05"):
            account(fund, T1, "400.00", "0.01", "OTHER")
        with refuses("REPORT-06"):
            account(fund, T1, "399.99", "0.01")

    def test_are_the_certifying_officers(self, fund):
        three(fund, ("GATE", None), ("GATE", None))
        for name in ("helena", "chen", "divya", "moussa"):
            with pytest.raises(NotPermitted):
                open_tranche(key=T2, confirmed="Seen.", actor=getattr(fund, name), at=NOON)

    def test_are_held_by_the_database_too(self, fund):
        three(fund)

        with pytest.raises(DatabaseError, match="TRANCHE-01"), transaction.atomic():
            Commitment.objects.update(disbursed_local_minor=40_001, disbursed_usd_minor=40_001)
        with pytest.raises(DatabaseError, match="STATE-01"), transaction.atomic():
            Tranche.objects.filter(key=T2).update(state="OPEN")
        with pytest.raises(DatabaseError, match="TRANCHE-02"), transaction.atomic():
            Tranche.objects.filter(key=T2).update(minor=1)
