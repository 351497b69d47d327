"""Lost receipts: a statement stands for a receipt when a second person witnessed it and the manager accepted it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from finance.models import RefundDue
from gaf.money import Money
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests import stories
from tests.cast import people
from tests.refused import refused
from tests.stories import by, lines_of, told, usd
from workflow.actions.lost_receipts import (
    accept_lost_receipt,
    declare_lost_receipt,
    refuse_lost_receipt,
    witness_lost_receipt,
)
from workflow.models import AssistanceRequest, LostReceipt

pytestmark = pytest.mark.usefixtures("house")


def declare(assistance: AssistanceRequest, amount: str, who: str = "Moussa", key: str = "L1") -> LostReceipt:
    """A mission declares what it spent without a receipt."""
    line = next(line for line in lines_of(assistance) if line.key == key)
    return declare_lost_receipt(
        request_id=assistance.pk,
        line_id=line.pk,
        money=usd(amount),
        statement="Bought at the market; the rain took the slip.",
        **by(who),
    )


def witness(lost: LostReceipt, who: str = "Amina") -> LostReceipt:
    """A second person says so too."""
    return witness_lost_receipt(lost_receipt_id=lost.pk, **by(who))


def accept(lost: LostReceipt, who: str = "Helena") -> LostReceipt:
    """The manager lets it stand."""
    return accept_lost_receipt(lost_receipt_id=lost.pk, **by(who))


class TestAStatementInPlaceOfAReceipt:
    def test_is_declared_witnessed_and_accepted_by_three_people(self):
        people("Amina", "Idriss", "Helena")
        reporting = stories.a_reporting_request()

        lost = declare(reporting, "40.00")
        assert (lost.key, lost.state, told("lost_receipt_to_witness")) == (
            f"{reporting.reference}/S1",
            "DECLARED",
            {"Amina", "Idriss"},
        )
        assert "market" not in lost.statement
        witness(lost)
        assert told("lost_receipt_to_decide") == {"Helena"}
        assert accept(lost).state == "ACCEPTED"

    def test_is_not_witnessed_by_who_declared_it(self):
        lost = declare(stories.a_reporting_request(), "40.00", who="Amina")

        with refused("SOD-14", NotPermitted):
            witness(lost, "Amina")
        with pytest.raises(DatabaseError), transaction.atomic():
            LostReceipt.objects.update(witnessed_by=lost.declared_by)

    def test_is_not_accepted_before_it_is_witnessed(self):
        lost = declare(stories.a_reporting_request(), "40.00")

        with refused("STATE-02", MovedOn):
            accept(lost)

    def test_is_decided_by_the_fund_manager_alone(self):
        lost = witness(declare(stories.a_reporting_request(), "40.00"))

        for name in ("Amina", "Idriss", "Marie", "Chen", "Esi"):
            with refused("ROLE-02", NotPermitted):
                accept(lost, name)

    def test_s10_is_refused_over_either_cap(self):
        """USD 100.00 each; together five per cent of what was granted, here of 928.00: 46.40."""
        lost = witness(declare(stories.a_reporting_request(), "157.38"))

        with refused("LOST-04") as caught:
            accept(lost)
        assert "USD 157.38 is above USD 100.00" in caught.value.why
        assert "above USD 46.40 for this request" in caught.value.why

    def test_two_do_not_pass_the_cap_of_all_together(self):
        reporting = stories.a_reporting_request()
        accept(witness(declare(reporting, "40.00")))
        second = witness(declare(reporting, "6.41"))

        with refused("LOST-04"):
            accept(second)
        third = witness(declare(reporting, "6.40"))
        assert accept(third).state == "ACCEPTED"

    def test_is_about_an_amount_within_a_line_of_ones_own(self):
        reporting = stories.a_reporting_request()

        for amount in ("588.01", "0.00", "-1.00"):
            with refused("LOST-03"):
                declare(reporting, amount)
        with refused("LOST-03"):
            line = lines_of(reporting)[0]
            declare_lost_receipt(
                request_id=reporting.pk, line_id=line.pk, money=Money(1, "XOF"), statement="So.", **by("Moussa")
            )
        with refused("LOST-02"):
            declare_lost_receipt(request_id=reporting.pk, line_id=0, money=usd("1.00"), statement="So.", **by("Moussa"))


class TestAcceptingReports:
    def test_waits_until_every_statement_is_decided(self):
        reporting = stories.report(stories.a_reporting_request())
        declare(reporting, "40.00")

        with refused("REPORT-05", Incomplete) as caught:
            stories.accept(reporting)

        assert caught.value.obstacles == [f"Statement {reporting.reference}/S1 in place of a receipt is not decided."]

    def test_never_accepts_what_only_a_refused_statement_stands_for(self):
        reporting = stories.report(stories.a_reporting_request())
        lost = witness(declare(reporting, "157.38"))
        refuse_lost_receipt(lost_receipt_id=lost.pk, reason="Above both caps.", **by("Helena"))

        with refused("REPORT-05", Incomplete):
            stories.accept(reporting)
        stories.accept(reporting, {"L1": usd("430.62")})

        refund = RefundDue.objects.get()
        assert (refund.money, refund.kind, refund.reason_code) == (usd("157.38"), "DISALLOWED", "NO_EVIDENCE")

    def test_accepts_what_an_accepted_statement_stands_for(self):
        reporting = stories.report(stories.a_reporting_request())
        accept(witness(declare(reporting, "40.00")))

        assert stories.accept(reporting).state == "RECONCILING"
        assert not RefundDue.objects.exists()
