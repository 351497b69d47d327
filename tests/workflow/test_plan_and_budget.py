"""Plan and budget: lines are converted one by one, each mission writes its own, and nothing is sent half done."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.money import Money, WrongAmount
from gaf.refusals import Incomplete, NotPermitted, Refusal
from tests.cast import mission, person
from tests.refused import refused
from tests.stories import (
    MEDICAL,
    SHELTER,
    a_budget_to_approve,
    an_eligible_request,
    by,
    line_text,
    lines_of,
    now,
    plan,
    told,
)
from workflow.actions.drafting import PersonText, edit_situation
from workflow.actions.planning import LineText, edit_lines, edit_plan, return_budget, send_budget
from workflow.models import BudgetLine

pytestmark = pytest.mark.usefixtures("house")

SIX_MEN = [PersonText("M", "18-24", "GN")] * 6
# Scenario S01 of the fund's fixtures: six men left in the desert.
S01 = [
    ("SHEL", "Transit centre", "person-night", "60", "6500", "XOF", "681.82"),
    ("FOOD", "Meals", "person-day", "60", "3500", "XOF", "367.13"),
    ("HLTH", "Medical screening", "person", "6", "15000", "XOF", "157.34"),
    ("DOCS", "Laissez-passer", "document", "6", "20000", "XOF", "209.79"),
    ("INTRAN", "Bus to the capital", "seat", "6", "22000", "XOF", "230.77"),
    ("TRVL", "Ticket home", "ticket", "6", "265000", "XOF", "2779.72"),
    ("POCK", "Pocket money", "person", "6", "30000", "XOF", "314.69"),
]


class TestWritingLines:
    def test_converts_each_line_by_itself_and_rounds_half_up(self):
        made = plan(an_eligible_request(persons=SIX_MEN), [row[:6] for row in S01])

        assert [str(line.usd) for line in lines_of(made)] == [f"USD {Decimal(row[6]):,}" for row in S01]
        assert sum(line.usd_minor for line in lines_of(made)) == 474_126
        assert sum(line.local_minor for line in lines_of(made)) == 2_712_000

    def test_counts_virtual_counselling_in_sessions_by_telephone_or_video(self):
        made = an_eligible_request()

        plan(made, [("MHPSS", "Counselling", "call", "8", "12000", "XOF")])

        assert [(line.unit, line.get_unit_display()) for line in lines_of(made)] == [
            ("call", "session by telephone or video")
        ]

    @pytest.mark.parametrize("kind", ["SHEL", "FOOD", "TRVL", "CASH"])
    def test_counts_nothing_by_call_that_is_not_talked_through(self, kind):
        made = plan(an_eligible_request(), [MEDICAL])
        by_call = line_text(made, (kind, "By call", "call", "1", "100", "XOF"))

        with refused("LINE-05"):
            edit_lines(request_id=made.pk, lines=[by_call], **by("Amina"))

        with pytest.raises(IntegrityError, match="line_by_call_is_talked_through"), transaction.atomic():
            made.lines.filter(assistance_type="HLTH").update(unit="call")

    def test_knows_currencies_with_three_decimals(self):
        made = an_eligible_request(author="Dalal", code="KW", head="Yousef")
        ticket = ("TRVL", "Ticket home", "ticket", "1", "176.250", "KWD")

        plan(made, [ticket], "Dalal", "KW")

        line = lines_of(made)[0]
        assert (line.local, line.usd, line.units_per_usd) == (
            Money(176_250, "KWD"),
            Money(57_598, "USD"),
            Decimal("0.3060"),
        )

    def test_ties_a_line_to_its_persons(self):
        made = an_eligible_request(persons=SIX_MEN)

        edit_lines(request_id=made.pk, lines=[line_text(made, SHELTER, persons=[0, 5])], **by("Amina"))

        assert lines_of(made)[0].persons.count() == 2

    def test_never_gives_a_number_twice(self):
        made = plan(an_eligible_request())
        second = lines_of(made)[1]

        edit_lines(request_id=made.pk, lines=[line_text(made, MEDICAL)], remove=[second.pk], **by("Amina"))

        assert [line.key for line in lines_of(made)] == ["L1", "L3"]

    def test_is_refused_where_no_rate_is_approved(self):
        made = an_eligible_request()
        francs = LineText(mission("NE").pk, "SHEL", "Shelter", "person-night", Decimal(1), Money(6500, "XOF"))

        with refused("RATE-01"):
            edit_lines(request_id=made.pk, lines=[francs], **by("Amina"))

    @pytest.mark.parametrize(("quantity", "cents"), [("0", 100), ("-1", 100), ("1", 0), ("1", -100)])
    def test_is_refused_for_a_line_that_costs_nothing_or_less(self, quantity, cents):
        made = an_eligible_request()
        nothing = LineText(mission("NE").pk, "SHEL", "x", "person-night", Decimal(quantity), Money(cents, "USD"))

        with refused("MONEY-04", WrongAmount):
            edit_lines(request_id=made.pk, lines=[nothing], **by("Amina"))

    def test_is_refused_for_a_line_of_another_mission(self):
        made = an_eligible_request(others=["LB"])

        with refused("LINE-02"):
            edit_lines(request_id=made.pk, lines=[line_text(made, SHELTER, "LB")], **by("Amina"))
        edit_lines(request_id=made.pk, lines=[line_text(made, SHELTER, "LB")], **by("Rima"))
        assert lines_of(made)[0].mission.code == "LB"

    def test_is_refused_for_a_mission_that_does_not_take_part(self):
        made = an_eligible_request()

        with refused("ROLE-02", NotPermitted):
            edit_lines(request_id=made.pk, lines=[line_text(made, SHELTER, "LB")], **by("Rima"))

    def test_does_not_open_the_text_that_was_endorsed(self):
        made = an_eligible_request()

        with refused("WRITE-02"):
            edit_situation(request_id=made.pk, situation="Another.", **by("Amina"))

    def test_takes_no_plan_longer_than_the_fund_allows(self):
        made = an_eligible_request()

        with refused("PLAN-01"):
            edit_plan(request_id=made.pk, plan="Long.", delivery_months=13, **by("Amina"))


class TestSendingTheBudget:
    def test_tells_the_approvers(self):
        for name in ("Chen", "Ines", "Helena"):
            person(name)

        sent = a_budget_to_approve()

        assert sent.state == "BUDGET_REVIEW"
        assert told("budget_to_approve") == {"Chen", "Ines", "Helena"}

    def test_names_everything_that_is_missing(self):
        made = an_eligible_request()

        with refused("SEND-03", Incomplete) as caught:
            send_budget(request_id=made.pk, **by("Amina"))

        assert caught.value.obstacles == ["The budget has no line.", "The assistance plan is not written."]

    def test_is_refused_for_a_line_without_persons(self):
        made = plan(an_eligible_request())
        lines_of(made)[1].persons.clear()

        with refused("SEND-03", Incomplete) as caught:
            send_budget(request_id=made.pk, **by("Amina"))

        assert caught.value.obstacles == ["Line 2 does not say for which persons."]

    def test_is_refused_above_what_the_fund_gives_in_one_case(self):
        made = plan(an_eligible_request(), [("SHEL", "A house", "person-night", "1", "50000.01", "USD")])

        with refused("SEND-03", Incomplete):
            send_budget(request_id=made.pk, **by("Amina"))

    def test_is_refused_to_a_mission_that_only_helps(self):
        made = plan(an_eligible_request(others=["LB"]))

        with refused("ROLE-02", NotPermitted):
            send_budget(request_id=made.pk, **by("Rima"))


class TestReturningTheBudget:
    def test_opens_the_lines_again(self):
        made = a_budget_to_approve()

        back = return_budget(request_id=made.pk, reason_code="QUOTES", reason="Quotes, three.", **by("Chen"))

        assert back.state == "PLAN_AND_BUDGET"
        assert told("budget_returned") == {"Amina", "Idriss"}
        edit_lines(request_id=made.pk, lines=[line_text(made, MEDICAL)], **by("Amina"))

    def test_is_refused_to_the_mission(self):
        made = a_budget_to_approve()

        with refused("ROLE-02", NotPermitted):
            return_budget(request_id=made.pk, reason_code="QUOTES", reason="Mine.", **by("Idriss"))


class TestARateThatMoves:
    def test_does_not_touch_a_line_that_was_saved_before(self):
        from finance.actions.rates import approve_rate, enter_rate

        made = plan(an_eligible_request(persons=SIX_MEN), [S01[0][:6]])
        with clock.at(datetime(2026, 11, 2, 9, tzinfo=UTC)):
            later = enter_rate(
                currency="XOF",
                effective_from=clock.today(),
                units_per_usd=Decimal("600"),
                source="invented",
                **by("Marie"),
            )
            approve_rate(rate_id=later.pk, **by("Viktor"))
            plan(now(made), [S01[1][:6]])

        assert [line.units_per_usd for line in lines_of(made)] == [Decimal(572), Decimal(600)]


@pytest.mark.both
class TestWhatTheDatabaseHolds:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"quantity": 0}, "line_quantity_is_positive"),
            ({"unit_cost_minor": -1}, "line_costs_something"),
            ({"currency": "EUR", "units_per_usd": 0}, "line_rate_is_positive"),
            ({"currency": "US"}, "line_has_a_currency"),
            ({"usd_minor": 1}, "dollars_are_dollars"),
            ({"state": "APPROVED"}, "granted_lines_have_amount_and_stream"),
            ({"state": "DEFERRED"}, "deferred_lines_say_why"),
            ({"state": "DECLINED"}, "cut_lines_say_why"),
            ({"state": "PAID"}, "line_state_is_known|granted_lines_have"),
            ({"number": 1}, "number"),
        ],
    )
    def test_a_line_is_never(self, change, constraint):
        made = plan(an_eligible_request())
        second = lines_of(made)[1]

        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            BudgetLine.objects.filter(pk=second.pk).update(**change)

    def test_a_refusal_is_a_refusal(self):
        made = an_eligible_request()

        with pytest.raises(Refusal, match="LINE-03"):
            edit_lines(request_id=made.pk, lines=[], remove=[0], **by("Amina"))
