"""Amendments: the mission asks for another budget, the approver of the new total decides it, and the money follows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from finance.queries import commitments_of, money_of
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests import stories
from tests.cast import mission, people, person, stream
from tests.refused import refused
from tests.stories import an_approved_request, by, last_decision, lines_of, now, told, usd, what_the_gates_ask
from workflow.actions.amending import LessOfLine, MoreOfLine, NewLine, ask_amendment
from workflow.actions.amendment_decisions import (
    approve_amendment,
    endorse_amendment,
    refuse_amendment,
    review_amendment,
    withdraw_amendment,
)
from workflow.actions.delivery import extend_delivery
from workflow.models import Amendment, AmendmentLine, AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")

TICKET = ("TRVL", "Ticket home", "ticket", "1", "720.00", "USD")


def ask_for(assistance: AssistanceRequest, *changes: object, who: str = "Amina") -> Amendment:
    """The mission asks."""
    return ask_amendment(request_id=assistance.pk, why="The bill is higher.", changes=changes, **by(who))


def ticket() -> NewLine:
    """One ticket more: USD 720.00."""
    kind, text, unit, quantity, _cost, _currency = TICKET
    return NewLine(mission("NE").pk, kind, text, unit, Decimal(quantity), usd("720.00"))


def more(assistance: AssistanceRequest, key: str, quantity: str) -> MoreOfLine:
    """So many units more of a line."""
    line = next(line for line in lines_of(assistance) if line.key == key)
    return MoreOfLine(line.pk, Decimal(quantity))


def less(assistance: AssistanceRequest, key: str, quantity: str) -> LessOfLine:
    """So many units less of a line."""
    line = next(line for line in lines_of(assistance) if line.key == key)
    return LessOfLine(line.pk, Decimal(quantity))


def reviewed(amendment: Amendment) -> Amendment:
    """Endorsed by the head of unit and found in order by the reviewer; the gate before a ticket is open."""
    what_the_gates_ask(amendment.assistance, only=("R5",))
    endorse_amendment(amendment_id=amendment.pk, **by("Idriss"))
    return review_amendment(amendment_id=amendment.pk, **by("Bruno"))


def approve(amendment: Amendment, who: str = "Chen", **streams: str) -> Amendment:
    """The approver says yes; stream A bears every line unless another is said."""
    chosen = {line.key: streams.get(line.key, "A") for line in amendment.lines.all() if line.adds}
    return approve_amendment(amendment_id=amendment.pk, streams=chosen, **by(who))


class TestAskingForAnAmendment:
    def test_changes_nothing_of_the_request_and_tells_the_head_of_unit(self):
        people("Idriss")
        approved = an_approved_request()
        before = (money_of(approved.reference), [(line.state, line.approved_usd_minor) for line in lines_of(approved)])

        amendment = ask_for(approved, ticket(), more(approved, "L1", "2"), less(approved, "L2", "1"))

        assert (amendment.key, amendment.state) == (f"{approved.reference}/A1", "ASKED")
        assert [(line.kind, line.usd_minor) for line in amendment.lines.all()] == [
            ("NEW", 72_000),
            ("MORE", 5_600),
            ("LESS", 34_000),
        ]
        assert amendment.delta == usd("436.00")
        assert now(approved).state == "APPROVED"
        assert before == (
            money_of(approved.reference),
            [(line.state, line.approved_usd_minor) for line in lines_of(approved)],
        )
        assert told("amendment_to_endorse") == {"Idriss"}

    def test_seals_why(self):
        amendment = ask_for(an_approved_request(), ticket())

        assert "bill" not in amendment.why
        assert amendment.why_text == "The bill is higher."

    def test_is_refused_while_one_is_open(self):
        approved = an_approved_request()
        ask_for(approved, ticket())

        with refused("AMEND-03", Incomplete):
            ask_for(approved, ticket())

    def test_needs_a_change_and_why(self):
        approved = an_approved_request()

        with refused("AMEND-03", Incomplete):
            ask_for(approved)
        with refused("AMEND-03", Incomplete):
            ask_amendment(request_id=approved.pk, why=" ", changes=[ticket()], **by("Amina"))

    def test_gives_up_no_more_than_a_line_has(self):
        approved = an_approved_request()

        for key, quantity in (("L1", "21.01"), ("L1", "0"), ("L2", "-1")):
            with refused("AMEND-05"):
                ask_for(approved, less(approved, key, quantity))

    def test_is_for_lines_of_ones_own_mission(self):
        approved = an_approved_request(others=["LB"])

        with refused("AMEND-04"):
            ask_for(approved, ticket(), who="Rima")

    def test_is_refused_before_approval_and_after_help(self):
        for made in (stories.a_budget_to_approve(), stories.a_reporting_request()):
            with refused("STATE-02", MovedOn):
                ask_for(made, ticket())

    def test_is_the_missions_own(self):
        approved = an_approved_request()

        for name in ("Moussa", "Bruno", "Chen", "Marie", "Helena", "Omar"):
            with refused("ROLE-02", NotPermitted):
                ask_for(approved, ticket(), who=name)


class TestDecidingAnAmendment:
    def test_commits_the_delta_in_the_same_transaction(self):
        people("Moussa", "Marie")
        approved = an_approved_request()
        version = now(approved).version
        amendment = reviewed(ask_for(approved, ticket(), more(approved, "L1", "2"), less(approved, "L2", "1")))

        approve(amendment)

        assert money_of(approved.reference).open == usd("1364.00")  # 928.00 + 720.00 + 56.00 - 340.00
        assert [(line.key, line.state, line.granted_usd.minor) for line in lines_of(approved)] == [
            ("L1", "APPROVED", 58_800),
            ("L2", "CANCELLED", 0),
            ("L3", "APPROVED", 72_000),
            ("L4", "APPROVED", 5_600),
        ]
        assert [c.line_key for c in commitments_of(approved.reference)] == ["L1", "L2", "L3", "L4"]
        assert now(approved).state == "APPROVED"
        assert now(approved).version > version
        assert [line.became and line.became.key for line in AmendmentLine.objects.all()] == ["L3", "L4", None]
        assert told("amendment_decided") == {"Amina", "Idriss", "Moussa"}

    def test_keeps_the_delegation_for_the_new_total(self):
        amendment = reviewed(ask_for(an_approved_request(), ticket()))

        approve(amendment)

        from gaf.decisions.models import Decision

        decision = Decision.objects.get(act="approve_amendment")
        assert (decision.amount_minor, decision.facts["delta_usd_minor"]) == (164_800, 72_000)
        assert decision.delegation is not None

    def test_needs_a_delegation_that_covers_old_and_new_together(self):
        """USD 4,900.00 is within Ines' 5,000.00; with 720.00 more it is not, though 720.00 alone would be."""
        made = stories.a_budget_to_approve([("SHEL", "Shelter", "person-night", "1", "4900.00", "USD")])
        stories.approve(made, approver="Ines")
        amendment = reviewed(ask_for(made, ticket()))

        with refused("DOA-01", NotPermitted):
            approve(amendment, "Ines")
        assert approve(amendment, "Chen").state == "APPROVED"

    def test_keeps_the_reviewer_apart_from_a_large_approval(self):
        made = stories.a_budget_to_approve([("SHEL", "Shelter", "person-night", "1", "4900.00", "USD")])
        stories.approve(made)
        amendment = reviewed(ask_for(made, ticket()))
        both = person("Bruno")
        from gaf.accounts.actions import assign_role, delegate

        assign_role(person=both, role="budget_approver", mission=None, starts_on=date(2026, 1, 1))
        delegate(
            person=both,
            role="budget_approver",
            ceiling=usd("15000.00"),
            starts_on=date(2026, 1, 1),
            instrument="ADM/2026/9",
        )

        with refused("SOD-03", NotPermitted):
            approve(amendment, "Bruno")

    def test_is_not_endorsed_by_who_asked(self):
        amendment = ask_for(an_approved_request(), ticket(), who="Idriss")

        with refused("SOD-02", NotPermitted):
            endorse_amendment(amendment_id=amendment.pk, **by("Idriss"))

    def test_is_not_certified_by_who_approved_it(self):
        """Approval of the amendment counts as approval of the budget does."""
        from workflow.separation import PAIRS

        pairs = {frozenset({pair.first, pair.second}) for pair in PAIRS}
        for act in ("certify_funds", "prepare_disbursement", "release", "release_disbursement", "match_line"):
            assert frozenset({"approve_amendment", act}) in pairs

    def test_bears_each_line_from_its_own_stream(self):
        from tests.cast import give

        give(stream("B"), "100.00")
        approved = an_approved_request()
        amendment = reviewed(ask_for(approved, ticket(), more(approved, "L1", "2")))

        approve(amendment, A2="B")

        assert [(c.line_key, c.stream.code) for c in commitments_of(approved.reference)][2:] == [
            ("L3", "A"),
            ("L4", "B"),
        ]

    @pytest.mark.parametrize(("streams", "code"), [({"A1": "B"}, "FUND-01"), ({"A1": ""}, "APPROVE-05")])
    def test_changes_nothing_where_the_money_is_not_there(self, streams, code):
        stream("B")
        approved = an_approved_request()
        amendment = reviewed(ask_for(approved, ticket(), less(approved, "L2", "1")))

        with refused(code):
            approve(amendment, **streams)
        assert Amendment.objects.get().state == "REVIEWED"

    def test_never_goes_above_the_ceiling_of_a_case(self):
        approved = an_approved_request()
        costly = NewLine(mission("NE").pk, "TRVL", "A flight", "ticket", Decimal(1), usd("49072.01"))
        amendment = reviewed(ask_for(approved, costly))

        from gaf.accounts.actions import delegate

        delegate(
            person=person("Helena"),
            role="fund_manager",
            ceiling=usd("90000.00"),
            starts_on=date(2026, 1, 1),
            instrument="ADM/2026/8",
        )
        with refused("CEILING-01"):
            approve(amendment, "Helena")

    def test_refused_leaves_everything_as_it_was(self):
        approved = an_approved_request()
        amendment = reviewed(ask_for(approved, ticket()))
        before = stories.everything()

        refuse_amendment(amendment_id=amendment.pk, reason_code="NO_FUNDS", reason="No money.", **by("Chen"))

        after = stories.everything()
        assert Amendment.objects.get().state == "REFUSED"
        assert {name: after[name] for name in ("requests", "lines", "journals", "commitments")} == {
            name: before[name] for name in ("requests", "lines", "journals", "commitments")
        }

    def test_refused_lets_the_mission_ask_again(self):
        approved = an_approved_request()
        first = ask_for(approved, ticket())
        withdraw_amendment(amendment_id=first.pk, **by("Amina"))

        assert ask_for(approved, ticket()).key.endswith("/A2")

    def test_is_not_decided_while_the_request_rests(self):
        approved = an_approved_request()
        amendment = reviewed(ask_for(approved, ticket()))
        stories.hold(approved)

        with refused("STATE-02", MovedOn):
            approve(amendment)

    def test_does_not_cut_what_was_paid(self):
        made = stories.a_funded_request()
        amendment = reviewed(ask_for(made, less(made, "L2", "1")))
        stories.prepare(made, {"L2": usd("340.00")})

        with refused("COMMIT-02"):
            approve(amendment)

    def test_lapses_when_help_ends_before_it_is_decided(self):
        helping = stories.an_implementing_request()
        ask_for(helping, ticket())

        from workflow.actions.delivery import end_delivery

        end_delivery(request_id=helping.pk, **by("Amina"))

        assert Amendment.objects.get().state == "LAPSED"

    def test_is_certified_and_paid_like_any_line(self):
        made = stories.a_funded_request()
        approve(reviewed(ask_for(made, ticket())))
        stories.certify(now(made))

        stories.prepare(made, {"L3": usd("720.00")})

        assert money_of(made.reference).open == usd("928.00")

    def test_is_approved_by_approvers_alone(self):
        amendment = reviewed(ask_for(an_approved_request(), ticket()))

        for name in ("Amina", "Bruno", "Gloria", "Marie", "Divya", "Esi", "Omar"):
            with refused("ROLE-02", NotPermitted):
                approve(amendment, name)


class TestWhatTheDatabaseHolds:
    def test_no_state_without_its_decision(self):
        amendment = ask_for(an_approved_request(), ticket())

        with pytest.raises(DatabaseError, match="STATE-01"), transaction.atomic():
            Amendment.objects.filter(pk=amendment.pk).update(state="APPROVED")

    def test_no_other_amount_after_it_was_asked(self):
        ask_for(an_approved_request(), ticket())

        with pytest.raises(DatabaseError, match="AMEND-02"), transaction.atomic():
            AmendmentLine.objects.update(usd_minor=1)


class TestMoreTimeForTheSameMoney:
    def test_moves_the_last_day_and_nothing_else(self):
        people("Moussa")
        helping = an_approved_request()
        before = money_of(helping.reference)

        extend_delivery(request_id=helping.pk, ends_on=date(2027, 3, 31), reason="The course runs on.", **by("Helena"))

        assert (now(helping).delivery_ends_on, now(helping).state) == (date(2027, 3, 31), "APPROVED")
        assert money_of(helping.reference) == before
        assert last_decision(helping).facts == {"from": "2027-01-20", "to": "2027-03-31"}
        assert told("delivery_extended") == {"Amina", "Idriss", "Moussa"}

    def test_is_to_a_later_day_within_a_year_of_the_approval(self):
        helping = an_approved_request()

        for day in (date(2027, 1, 20), date(2026, 12, 1), date(2027, 10, 21)):
            with refused("EXTEND-01"):
                extend_delivery(request_id=helping.pk, ends_on=day, reason="Longer.", **by("Helena"))

    def test_needs_a_reason(self):
        helping = an_approved_request()

        with refused("EXTEND-01"):
            extend_delivery(request_id=helping.pk, ends_on=date(2027, 3, 31), reason=" ", **by("Helena"))

    def test_is_given_by_the_fund_manager_alone(self):
        helping = an_approved_request()

        for name in ("Amina", "Idriss", "Chen", "Marie"):
            with refused("ROLE-02", NotPermitted):
                extend_delivery(request_id=helping.pk, ends_on=date(2027, 3, 31), reason="Longer.", **by(name))
