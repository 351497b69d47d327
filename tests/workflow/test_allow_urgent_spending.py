"""Urgent help: a few words at night, a limit that is committed at once, and costs that are honoured whatever comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.queries import commitments_of, money_of
from gaf import clock
from gaf.decisions.models import Threshold
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests.cast import criteria, people
from tests.refused import refused
from tests.stories import (
    a_draft,
    an_empty_draft,
    an_endorsed_request,
    an_urgent_request,
    answer_all_criteria,
    by,
    cancel,
    certify,
    prepare,
    refuse,
    release,
    told,
    usd,
    withdraw,
)
from workflow.actions.allowance import allow_urgent_spending, report_urgent_costs
from workflow.actions.drafting import edit_persons, edit_situation
from workflow.actions.eligibility import take
from workflow.actions.intake import send_urgent
from workflow.models import UrgentAllowance

pytestmark = pytest.mark.usefixtures("house")


def allow(assistance, limit: str = "424.00", types: tuple[str, ...] = ("SHEL", "HLTH"), who: str = "Gloria"):
    """The duty officer lets the mission spend."""
    return allow_urgent_spending(request_id=assistance.pk, limit=usd(limit), assistance_types=list(types), **by(who))


class TestSendingItToTheDutyOfficer:
    def test_goes_around_the_head_of_unit_who_is_told(self):
        people("Gloria", "Idriss")

        urgent = an_urgent_request()

        assert (urgent.state, urgent.is_urgent, urgent.endorsed_at) == ("ELIGIBILITY_REVIEW", True, None)
        assert told("urgent_help_asked") == {"Gloria"}
        assert told("urgent_to_endorse") == {"Idriss"}

    def test_needs_only_what_is_needed_at_night(self):
        made = an_empty_draft(priority="P1")

        with refused("SEND-02", Incomplete) as caught:
            send_urgent(request_id=made.pk, **by("Amina"))

        assert len(caught.value.obstacles) == 4

    def test_is_refused_for_what_can_wait(self):
        criteria()
        made = a_draft(priority="P2")

        with refused("URGENT-01", NotPermitted):
            send_urgent(request_id=made.pk, **by("Amina"))

    def test_lets_the_mission_complete_the_request_afterwards(self):
        urgent = an_urgent_request()

        edit_situation(request_id=urgent.pk, situation="What happened, in full.", **by("Amina"))
        with refused("WRITE-02"):
            from workflow.actions.drafting import UrgencyText, edit_help

            edit_help(request_id=urgent.pk, urgency=UrgencyText("P4"), **by("Amina"))


class TestAllowingUrgentSpending:
    def test_commits_the_limit_for_seventy_two_hours(self):
        people("Moussa", "Idriss")
        urgent = allow(an_urgent_request())

        allowance = UrgentAllowance.objects.get(assistance=urgent)
        assert allowance.regularise_by == clock.now() + timedelta(hours=72)
        assert [(c.line_key, c.open) for c in commitments_of(urgent.reference)] == [("URGENT", usd("424.00"))]
        assert told("urgent_spending_allowed") == {"Amina", "Idriss", "Moussa"}

    @pytest.mark.parametrize("limit", ["1500.01", "0.00", "-1.00"])
    def test_is_refused_outside_the_limit(self, limit):
        urgent = an_urgent_request()

        with refused("URGENT-05"):
            allow(urgent, limit)

    @pytest.mark.parametrize("types", [(), ("SHEL", "TRVL"), ("LIVE",)])
    def test_is_refused_for_help_that_can_wait(self, types):
        urgent = an_urgent_request()

        with refused("URGENT-06"):
            allow(urgent, types=types)

    def test_is_refused_a_second_time(self):
        urgent = an_urgent_request(allowed="424.00")

        with refused("URGENT-02", NotPermitted):
            allow(urgent)

    def test_is_refused_for_a_request_that_is_not_urgent(self):
        endorsed = an_endorsed_request()

        with refused("URGENT-01", NotPermitted):
            allow(endorsed)

    @pytest.mark.parametrize("name", ["Amina", "Idriss", "Bruno", "Chen", "Helena", "Marie"])
    def test_is_refused_to_everybody_but_the_duty_officer(self, name):
        urgent = an_urgent_request()

        with refused("ROLE-02", NotPermitted):
            allow(urgent, who=name)

    def test_is_refused_where_the_fund_has_nothing_left(self):
        urgent = an_urgent_request()
        Threshold.objects.filter(code="preapproval_limit_usd").update(value=20_000_000)

        with refused("FUND-01"):
            allow(urgent, "100000.01")


class TestReportingUrgentCosts:
    def test_tells_the_reviewer_and_the_duty_officer(self):
        urgent = an_urgent_request(allowed="424.00")
        take(request_id=urgent.pk, **by("Bruno"))

        report_urgent_costs(request_id=urgent.pk, costs=usd("384.00"), **by("Amina"))

        assert UrgentAllowance.objects.get().reported_minor == 38_400
        assert told("urgent_costs_reported") == {"Bruno", "Gloria"}

    def test_is_refused_above_the_allowance(self):
        urgent = an_urgent_request(allowed="424.00")

        with refused("URGENT-07"):
            report_urgent_costs(request_id=urgent.pk, costs=usd("424.01"), **by("Amina"))

    def test_is_refused_where_nothing_was_allowed(self):
        urgent = an_urgent_request()

        with refused("URGENT-03", NotPermitted):
            report_urgent_costs(request_id=urgent.pk, costs=usd("1.00"), **by("Amina"))


class TestCostsThatAreHonoured:
    def _reported(self, costs: str = "384.00"):
        urgent = an_urgent_request(allowed="424.00")
        return report_urgent_costs(request_id=urgent.pk, costs=usd(costs), **by("Amina"))

    def test_stay_committed_when_the_request_is_not_eligible_and_are_paid(self):
        urgent = self._reported()
        take(request_id=urgent.pk, **by("Bruno"))
        answer_all_criteria(urgent, "NO")
        ended = refuse(urgent)

        assert money_of(ended.reference).open == usd("384.00")
        certify(ended)
        prepare(ended)
        released = release(ended)

        assert released.state == "INELIGIBLE"
        assert money_of(ended.reference).open == usd("0.00")

    def test_stay_committed_when_the_mission_withdraws(self):
        assert money_of(withdraw(self._reported()).reference).open == usd("384.00")

    def test_stay_committed_when_the_manager_cancels(self):
        assert money_of(cancel(self._reported()).reference).open == usd("384.00")

    def test_are_nothing_when_nothing_was_spent(self):
        assert money_of(withdraw(self._reported("0.00")).reference).open == usd("0.00")


def test_an_urgent_request_is_not_sent_twice():
    urgent = an_urgent_request()

    with refused("STATE-02", MovedOn):
        send_urgent(request_id=urgent.pk, **by("Amina"))


def test_an_urgent_request_of_one_mission_is_not_completed_by_another():
    urgent = an_urgent_request()

    with refused("ROLE-02", NotPermitted):
        edit_persons(request_id=urgent.pk, persons=[], **by("Rima"))
