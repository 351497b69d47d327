"""Approval: every line is decided, the money is committed with it, and nobody decides beyond their powers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finance.queries import commitments_of, money_of, stream_choices
from gaf.accounts.models import Delegation
from gaf.money import Money
from gaf.refusals import Incomplete, MovedOn, NotPermitted, Refusal
from tests.cast import people, person, stream
from tests.refused import refused
from tests.stories import (
    MEDICAL,
    SHELTER,
    a_budget_to_approve,
    a_declined_request,
    a_deferred_request,
    an_approved_request,
    an_urgent_request,
    answer_all_criteria,
    approve,
    by,
    decline,
    last_decision,
    lines_of,
    now,
    plan,
    told,
    usd,
    whole,
)
from tests.workflow.test_plan_and_budget import S01, SIX_MEN
from workflow.actions.approval import LineDecision, approval_warnings, approve_deferred_line
from workflow.actions.closing import reopen
from workflow.actions.eligibility import confirm_eligibility, take
from workflow.actions.endorsement import endorse
from workflow.actions.planning import send_budget

pytestmark = pytest.mark.usefixtures("house")


def free_in(code: str) -> Money:
    """What a stream may still promise."""
    return next(one.free for one in stream_choices() if one.code == code)


class TestApprovingABudget:
    def test_commits_the_money_and_tells_mission_and_finance(self):
        people("Moussa", "Marie")
        before = free_in("A")

        approved = an_approved_request()

        assert approved.state == "APPROVED"
        assert money_of(approved.reference).open == usd("928.00")
        assert before - free_in("A") == usd("928.00")
        assert told("budget_decided") == {"Amina", "Idriss", "Moussa"}
        assert told("funds_to_certify") == {"Marie"}

    def test_keeps_role_delegation_and_amount_in_the_decision(self):
        decision = last_decision(an_approved_request())

        assert (decision.role, decision.amount_minor) == ("budget_approver", 92_800)
        assert decision.delegation == Delegation.objects.get(person=person("Chen"))

    def test_sets_the_day_on_which_help_ends(self):
        assert an_approved_request().delivery_ends_on == date(2027, 1, 20)

    def test_commits_a_third_of_every_line_when_four_of_six_are_helped_elsewhere(self):
        made = a_budget_to_approve([row[:6] for row in S01], persons=SIX_MEN)
        thirds = [
            LineDecision(line.pk, "cut", quantity=line.quantity / 3, reason_code="COVERED", stream_code="A")
            for line in lines_of(made)
        ]

        approved = approve(made, thirds)

        assert sum(line.approved_local_minor for line in lines_of(approved)) == 904_000
        assert last_decision(approved).amount_minor == 158_042
        assert money_of(approved.reference).open == usd("1580.42")
        assert {line.state for line in lines_of(approved)} == {"CUT"}

    def test_decides_line_by_line(self):
        made = a_budget_to_approve([SHELTER, MEDICAL, ("TRVL", "Ticket", "ticket", "1", "720.00", "USD")])
        first, second, third = lines_of(made)

        approve(
            made,
            [
                LineDecision(first.pk, "cut", Decimal(7), "QUANTITY", stream_code="A"),
                LineDecision(second.pk, "decline", reason_code="COVERED"),
                LineDecision(third.pk, "defer", gate_code="RISK_ASSESSMENT"),
            ],
        )

        assert [(line.state, line.approved_usd_minor) for line in lines_of(made)] == [
            ("CUT", 19_600),
            ("DECLINED", 0),
            ("DEFERRED", 0),
        ]
        assert [c.line_key for c in commitments_of(made.reference)] == ["L1"]

    def test_bears_lines_from_different_streams(self):
        made = a_budget_to_approve()
        stream("B", [("ASSISTANCE_TYPE", "ONLY", ["HLTH"])])
        from tests.cast import give

        give(stream("B"), "500.00")
        first, second = lines_of(made)

        approve(
            made,
            [
                LineDecision(first.pk, "approve", stream_code="A"),
                LineDecision(second.pk, "approve", stream_code="B"),
            ],
        )

        assert free_in("B") == usd("160.00")


class TestAnApprovalThatIsRefused:
    def test_where_the_stream_has_not_enough(self):
        made = a_budget_to_approve()
        stream("B")

        with refused("FUND-01"):
            approve(made, whole(made, "B"))

    def test_where_the_donor_does_not_allow_the_country(self):
        made = a_budget_to_approve()
        stream("B", [("SPENT_IN", "NOT", ["NE"])])

        with refused("FUND-02"):
            approve(made, whole(made, "B"))

    def test_where_the_stream_has_ended(self):
        made = a_budget_to_approve()
        stream("B", ends_on=date(2026, 10, 19))

        with refused("FUND-03"):
            approve(made, whole(made, "B"))

    def test_beyond_the_delegation(self):
        made = a_budget_to_approve([("SHEL", "Shelter", "person-night", "1", "5000.01", "USD")])

        with refused("DOA-01", NotPermitted):
            approve(made, approver="Ines")
        assert approve(made, approver="Chen").state == "APPROVED"

    def test_by_a_delegate_whose_delegation_ended_yesterday(self):
        made = a_budget_to_approve()
        person("Chen").delegations.update(ends_on=date(2026, 10, 19))

        with refused("DOA-01", NotPermitted):
            approve(made)

    @pytest.mark.parametrize("name", ["Amina", "Idriss", "Moussa", "Bruno", "Gloria", "Marie", "Divya", "Esi", "Omar"])
    def test_to_everybody_but_approvers(self, name):
        made = a_budget_to_approve()

        with refused("ROLE-02", NotPermitted):
            approve(made, approver=name)

    def test_when_a_line_is_not_decided(self):
        made = a_budget_to_approve()

        with refused("APPROVE-02"):
            approve(made, whole(made)[:1])

    def test_when_a_line_is_decided_twice(self):
        made = a_budget_to_approve()

        with refused("APPROVE-02"):
            approve(made, [*whole(made)[:1], *whole(made)[:1]])

    def test_when_nothing_would_be_paid(self):
        made = a_budget_to_approve()

        with refused("APPROVE-03"):
            approve(made, [LineDecision(line.pk, "decline", reason_code="COVERED") for line in lines_of(made)])

    @pytest.mark.parametrize("quantity", [None, Decimal(0), Decimal(-1), Decimal(21), Decimal(22)])
    def test_when_a_cut_is_no_cut(self, quantity):
        made = a_budget_to_approve()
        first, second = lines_of(made)
        cut = LineDecision(first.pk, "cut", quantity, "QUANTITY", stream_code="A")

        with refused("APPROVE-04"):
            approve(made, [cut, LineDecision(second.pk, "approve", stream_code="A")])

    @pytest.mark.parametrize(
        "empty",
        [
            {"outcome": "cut", "quantity": Decimal(7), "stream_code": "A"},
            {"outcome": "decline"},
            {"outcome": "defer"},
            {"outcome": "approve"},
        ],
    )
    def test_when_a_decision_does_not_say_why_or_from_which_stream(self, empty):
        made = a_budget_to_approve()
        first, second = lines_of(made)

        with refused("APPROVE-05"):
            approve(made, [LineDecision(first.pk, **empty), LineDecision(second.pk, "approve", stream_code="A")])

    def test_a_second_time_with_one_commitment_left(self):
        approved = an_approved_request()

        with refused("STATE-02", MovedOn):
            approve(approved)
        assert money_of(approved.reference).open == usd("928.00")

    def test_from_a_stale_page(self):
        made = a_budget_to_approve()

        with refused("STATE-02", MovedOn):
            from workflow.actions.approval import approve_budget

            approve_budget(request_id=made.pk, decisions=whole(made), seen_version=made.version - 1, **by("Chen"))

    def test_for_an_urgent_request_nobody_endorsed(self):
        made = _urgent_budget(endorsed=False)

        with refused("APPROVE-01", Incomplete) as caught:
            approve(made)

        assert caught.value.obstacles == ["The head of unit has not endorsed this urgent request yet."]


def _urgent_budget(*, endorsed: bool, allowed: str = "", reported: str = ""):
    """The budget of an urgent request is with the approver."""
    from workflow.actions.allowance import report_urgent_costs

    made = an_urgent_request(allowed=allowed)
    if endorsed:
        endorse(request_id=made.pk, **by("Idriss"))
    if reported:
        report_urgent_costs(request_id=made.pk, costs=usd(reported), **by("Amina"))
    take(request_id=made.pk, **by("Bruno"))
    answer_all_criteria(made)
    confirm_eligibility(request_id=made.pk, **by("Bruno"))
    return send_budget(request_id=plan(now(made)).pk, **by("Amina"))


class TestTheCeilings:
    def test_warn_above_the_soft_one_and_let_the_approver_decide(self):
        made = a_budget_to_approve([("SHEL", "Shelter", "person-night", "1", "5000.01", "USD")])

        assert approval_warnings(made, whole(made)) == ["This is more than USD 5,000.00 for each person."]
        assert approve(made).state == "APPROVED"
        assert approval_warnings(a_budget_to_approve(), []) == []

    def test_refuse_above_the_hard_one(self):
        from gaf.decisions.models import Threshold

        made = a_budget_to_approve()
        Threshold.objects.filter(code="per_case_hard_ceiling_usd").update(value=92_799)

        with refused("CEILING-01"):
            approve(made)


class TestAnUrgentAllowance:
    def test_is_absorbed_by_the_approval(self):
        made = _urgent_budget(endorsed=True, allowed="424.00", reported="424.00")
        before = free_in("A")

        approve(made)

        assert {c.line_key: c.open for c in commitments_of(made.reference)} == {
            "URGENT": usd("0.00"),
            "L1": usd("588.00"),
            "L2": usd("340.00"),
        }
        assert before - free_in("A") == usd("504.00")

    def test_keeps_lines_from_being_cut_below_what_was_spent(self):
        made = _urgent_budget(endorsed=True, allowed="424.00", reported="424.00")
        first, second = lines_of(made)
        too_little = [
            LineDecision(first.pk, "cut", Decimal(3), "QUANTITY", stream_code="A"),
            LineDecision(second.pk, "decline", reason_code="COVERED"),
        ]

        with refused("URGENT-04"):
            approve(made, too_little)


class TestADeferredLine:
    def test_is_approved_and_committed_when_its_condition_is_met(self):
        made = a_deferred_request()
        second = lines_of(made)[1]

        approve_deferred_line(
            request_id=made.pk, decision=LineDecision(second.pk, "approve", stream_code="A"), **by("Chen")
        )

        assert now(made).state == "APPROVED"
        assert lines_of(made)[1].state == "APPROVED"
        assert money_of(made.reference).open == usd("928.00")

    def test_is_refused_when_it_waits_for_nothing(self):
        made = an_approved_request()
        first = lines_of(made)[0]

        with refused("APPROVE-06"):
            approve_deferred_line(
                request_id=made.pk, decision=LineDecision(first.pk, "approve", stream_code="A"), **by("Chen")
            )

    def test_is_refused_beyond_the_delegation(self):
        shelter = ("SHEL", "Shelter", "person-night", "1", "100.00", "USD")
        travel = ("TRVL", "Ticket", "ticket", "1", "5000.01", "USD")
        made = a_deferred_request(lines=[shelter, travel])
        second = lines_of(made)[1]

        with refused("DOA-01", NotPermitted):
            approve_deferred_line(
                request_id=made.pk, decision=LineDecision(second.pk, "approve", stream_code="A"), **by("Ines")
            )

    def test_is_approved_at_the_threshold_of_the_new_total_so_that_no_ceiling_is_passed_in_slices(self):
        shelter = ("SHEL", "Shelter", "person-night", "1", "3000.00", "USD")
        travel = ("TRVL", "Ticket", "ticket", "1", "2000.01", "USD")
        made = a_deferred_request(lines=[shelter, travel])
        second = LineDecision(lines_of(made)[1].pk, "approve", stream_code="A")

        with refused("DOA-01", NotPermitted):
            approve_deferred_line(request_id=made.pk, decision=second, **by("Ines"))
        approve_deferred_line(request_id=made.pk, decision=second, **by("Chen"))

        decision = last_decision(made)
        assert (decision.amount_minor, decision.facts["lines"][0]["usd"]) == (500_001, 200_001)
        assert decision.delegation.person == person("Chen")

    def test_of_the_whole_ceiling_is_still_within_it(self):
        shelter = ("SHEL", "Shelter", "person-night", "1", "3000.00", "USD")
        travel = ("TRVL", "Ticket", "ticket", "1", "2000.00", "USD")
        made = a_deferred_request(lines=[shelter, travel])

        approve_deferred_line(
            request_id=made.pk,
            decision=LineDecision(lines_of(made)[1].pk, "approve", stream_code="A"),
            **by("Ines"),
        )

        assert money_of(made.reference).open == usd("5000.00")

    def test_is_not_approved_above_five_thousand_in_all_by_who_found_the_request_eligible(self):
        from gaf.accounts.actions import assign_role, delegate
        from gaf.accounts.roles import Role

        both = person("Bruno")
        assign_role(person=both, role=Role.BUDGET_APPROVER, mission=None, starts_on=date(2026, 1, 1))
        delegate(
            person=both,
            role=Role.BUDGET_APPROVER,
            ceiling=usd("15000.00"),
            starts_on=date(2026, 1, 1),
            instrument="ADM/2026/2",
        )
        shelter = ("SHEL", "Shelter", "person-night", "1", "3000.00", "USD")
        travel = ("TRVL", "Ticket", "ticket", "1", "2000.01", "USD")
        made = a_deferred_request(lines=[shelter, travel])

        with refused("SOD-03", NotPermitted):
            approve_deferred_line(
                request_id=made.pk,
                decision=LineDecision(lines_of(made)[1].pk, "approve", stream_code="A"),
                **by("Bruno"),
            )


class TestSeparationAtApproval:
    def test_lets_a_reviewer_with_both_roles_approve_small_amounts_only(self):
        from gaf.accounts.actions import assign_role, delegate
        from gaf.accounts.roles import Role

        both = person("Bruno")
        assign_role(person=both, role=Role.BUDGET_APPROVER, mission=None, starts_on=date(2026, 1, 1))
        delegate(
            person=both,
            role=Role.BUDGET_APPROVER,
            ceiling=usd("15000.00"),
            starts_on=date(2026, 1, 1),
            instrument="ADM/2026/2",
        )
        small = a_budget_to_approve()
        large = a_budget_to_approve([("SHEL", "Shelter", "person-night", "1", "5000.01", "USD")])

        assert approve(small, approver="Bruno").state == "APPROVED"
        with refused("SOD-03", NotPermitted):
            approve(large, approver="Bruno")


class TestDeclining:
    def test_says_why_and_commits_nothing(self):
        declined = a_declined_request()

        assert declined.state == "DECLINED"
        assert last_decision(declined).reason_code == "NOT_PROPORTIONATE"
        assert commitments_of(declined.reference) == []
        assert told("budget_decided") == {"Amina", "Idriss"}

    def test_keeps_reported_urgent_costs_and_frees_the_rest(self):
        made = _urgent_budget(endorsed=True, allowed="424.00", reported="384.00")

        decline(made)

        urgent = commitments_of(made.reference)[0]
        assert (urgent.line_key, urgent.open, urgent.freed) == ("URGENT", usd("384.00"), usd("40.00"))

    def test_is_reviewed_once_by_somebody_else(self):
        declined = a_declined_request()
        again = {"request_id": declined.pk, "reason_code": "REVIEW", "reason": "We disagree."}

        reopened = reopen(**again, **by("Idriss"))

        assert reopened.state == "BUDGET_REVIEW"
        with refused("REVIEW-01", NotPermitted):
            approve(reopened, approver="Chen")
        with refused("REVIEW-01", NotPermitted):
            decline(reopened, approver="Chen")
        decline(reopened, approver="Helena")
        with refused("REVIEW-02", NotPermitted):
            reopen(**again, **by("Idriss"))


def test_a_refusal_is_shown_with_its_three_parts():
    made = a_budget_to_approve()
    stream("B")

    with pytest.raises(Refusal) as caught:
        approve(made, whole(made, "B"))

    assert caught.value.what
    assert "B" in caught.value.why
    assert caught.value.next_step
