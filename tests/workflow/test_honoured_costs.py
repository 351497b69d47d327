"""Urgent costs on a request that ended: paid, accepted as spent, and closed; the request stays where it ended."""

from __future__ import annotations

import pytest

from finance.actions.commitments import URGENT
from finance.models import RefundDue
from finance.queries import closing_obstacles, money_of
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests import stories
from tests.cast import people
from tests.refused import refused
from tests.stories import by, last_decision, now, told, usd
from workflow.actions.allowance import report_urgent_costs
from workflow.actions.closing import close
from workflow.actions.exceptions import withdraw
from workflow.actions.urgent_costs import accept_urgent_costs
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")


def ended(costs: str = "340.00") -> AssistanceRequest:
    """Withdrawn after urgent costs were allowed and reported."""
    urgent = stories.an_urgent_request(allowed="424.00")
    report_urgent_costs(request_id=urgent.pk, costs=usd(costs), **by("Moussa"))
    return withdraw(request_id=urgent.pk, reason_code="REFERRED", reason="Helped elsewhere.", **by("Amina"))


def paid() -> AssistanceRequest:
    """The same, certified, paid and confirmed by the bank."""
    made = stories.certify(ended())
    stories.prepare(made)
    stories.release(made)
    stories.send_to_the_bank()
    stories.reconcile()
    return now(made)


def accept(assistance: AssistanceRequest, amount: str, code: str = "", who: str = "Marie") -> AssistanceRequest:
    """The certifying officer accepts."""
    return accept_urgent_costs(request_id=assistance.pk, accepted=usd(amount), disallow_code=code, **by(who))


class TestUrgentCostsThatWereHonoured:
    def test_are_accepted_and_closed_where_the_request_ended(self):
        people("Moussa", "Idriss")
        made = paid()

        accept(made, "340.00")

        assert (now(made).state, money_of(made.reference).accepted) == ("WITHDRAWN", usd("340.00"))
        assert closing_obstacles(made.reference) == []
        assert told("urgent_costs_accepted") == {"Amina", "Idriss", "Moussa"}
        close(request_id=made.pk, reason_code="REFERRED", **by("Helena"))
        assert (now(made).state, now(made).closure_code) == ("WITHDRAWN", "REFERRED")
        assert last_decision(made).act == "close"
        with refused("CLOSE-01", Incomplete):
            close(request_id=made.pk, reason_code="REFERRED", **by("Helena"))

    def test_that_are_not_accepted_are_due_back_and_keep_it_open(self):
        made = paid()

        accept(made, "300.00", "NO_EVIDENCE")

        refund = RefundDue.objects.get()
        assert (refund.money, refund.kind, refund.commitment.line_key) == (usd("40.00"), "DISALLOWED", URGENT)
        with refused("CLOSE-01", Incomplete):
            close(request_id=made.pk, reason_code="REFERRED", **by("Helena"))

    def test_are_accepted_once_and_within_what_was_paid(self):
        made = paid()

        for amount, code in (("340.01", ""), ("339.99", ""), ("-1.00", "OTHER")):
            with refused("URGENT-09"):
                accept(made, amount, code)
        accept(made, "340.00")
        with refused("URGENT-08", Incomplete):
            accept(made, "340.00")

    def test_are_not_accepted_before_they_are_paid_nor_by_others(self):
        made = ended()

        with refused("URGENT-08", Incomplete):
            accept(made, "340.00")
        for name in ("Amina", "Helena", "Divya", "Esi"):
            with refused("ROLE-02", NotPermitted):
                accept(made, "340.00", who=name)
        with refused("CLOSE-01", Incomplete):
            close(request_id=made.pk, reason_code="REFERRED", **by("Helena"))

    def test_of_a_request_under_way_go_by_its_reports(self):
        helping = stories.an_approved_request()

        with refused("STATE-02", MovedOn):
            accept(helping, "340.00")
