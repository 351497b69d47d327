"""A line that costs more than usual says why, and far above it brings quotes; up to there nothing is asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Incomplete, NotPermitted, Refusal
from tests import stories
from tests.cast import mission, person, rate
from tests.norms import a_cost_norm, a_norm_in_force
from tests.refused import refused
from tests.stories import by, everything, lines_of, now
from workflow import policy
from workflow.actions.cost_norms import confirm_cost_norm, discard_cost_norm
from workflow.actions.documents import add_document
from workflow.actions.planning import edit_lines, send_budget
from workflow.cost_norms import above_usual, compared
from workflow.models import CostNorm
from workflow.obstacles import obstacles

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both_at_night]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def nights(cost: str, currency: str = "USD") -> tuple[str, ...]:
    return ("SHEL", "Safe shelter", "person-night", "10", cost, currency)


def a_plan(cost: str, currency: str = "USD"):
    made = stories.plan(stories.an_eligible_request(), [nights(cost, currency)])
    stories.what_the_gates_ask(made, "Amina", "Idriss")
    return now(made)


def say_why(made, why: str = "The only place with a doctor.") -> None:
    line = lines_of(made)[0]
    text = stories.line_text(made, nights(str(line.unit_cost.decimal), line.currency))
    edit_lines(
        request_id=made.pk, lines=[type(text)(**{**vars(text), "line_id": line.pk, "price_reason": why})], **by("Amina")
    )


def a_quote(made, name: str) -> None:
    content = PDF + name.encode()
    add_document(
        request_id=made.pk,
        mission_id=mission("NE").pk,
        kind="QUOTE",
        filename=f"{name}.pdf",
        content=content,
        **by("Amina"),
    )


def share(made) -> Decimal:
    line = lines_of(made)[0]
    return compared(made, [line])[line.pk].per_cent


class TestALine:
    def test_up_to_fifteen_per_cent_above_the_norm_is_asked_nothing(self):
        a_norm_in_force("20.00")
        made = a_plan("23.00")
        assert share(made) == Decimal("15.0")
        assert obstacles(made, "send_budget") == []

    def test_further_above_says_why_before_the_budget_goes(self):
        a_norm_in_force("20.00")
        made = a_plan("23.01")
        before = everything()
        with refused("SEND-03", Incomplete) as why:
            send_budget(request_id=made.pk, **by("Amina"))
        assert why.value.obstacles == ["Line 1 costs 15.1% above the usual USD 20.00; why is not written."]
        assert everything() == before
        say_why(made)
        assert send_budget(request_id=made.pk, **by("Amina")).state == "BUDGET_REVIEW"

    def test_thirty_per_cent_above_needs_three_quotes_of_its_mission_too(self):
        # S03's own figures: a ticket of THB 34,500 where 26,000 is usual.
        a_norm_in_force("26000.00", "XOF")
        rate("XOF")
        made = a_plan("34500", "XOF")
        assert share(made) == Decimal("32.7")
        say_why(made)
        missing = ["Line 1 costs 32.7% above the usual XOF 26,000; 3 quotes are needed, 2 on file."]
        a_quote(made, "first")
        a_quote(made, "second")
        with refused("SEND-03", Incomplete) as why:
            send_budget(request_id=made.pk, **by("Amina"))
        assert why.value.obstacles == missing
        a_quote(made, "third")
        assert send_budget(request_id=made.pk, **by("Amina")).state == "BUDGET_REVIEW"

    def test_in_another_currency_is_compared_at_the_rates(self):
        a_norm_in_force("20.00", "USD")
        rate("XOF")
        made = a_plan("14300", "XOF")  # 25 dollars at 572
        assert share(made) == Decimal("25.0")
        assert compared(made, lines_of(made))[lines_of(made)[0].pk].usual == Money(11_440, "XOF")

    def test_without_a_norm_is_asked_nothing(self):
        assert obstacles(a_plan("99.00"), "send_budget") == []

    def test_keeps_its_reason_sealed(self):
        a_norm_in_force("20.00")
        made = a_plan("29.00")
        say_why(made, "The only place with a doctor.")
        line = lines_of(made)[0]
        assert "doctor" not in line.price_reason
        assert line.price_reason_text == "The only place with a doctor."
        assert all("doctor" not in row.price_reason for row in line.history.all())


class TestANorm:
    @pytest.mark.parametrize(
        ("said", "counts"),
        [
            ({"effective_from": date(2099, 1, 1)}, False),
            ({"unit": "person-day"}, False),
            ({"assistance_type": "FOOD"}, False),
            ({}, True),
        ],
    )
    def test_counts_from_its_day_for_its_kind_and_unit(self, said, counts):
        a_norm_in_force("10.00", **said)
        made = a_plan("28.00")
        assert bool(above_usual(made, lines_of(made))) is counts

    def test_of_a_mission_counts_there_only(self):
        a_norm_in_force("10.00", who="Nour", mission=mission("LB"))
        made = a_plan("28.00")
        assert compared(made, lines_of(made)) == {}

    def test_on_the_way_to_a_mission_that_takes_part_goes_before_the_general_one(self):
        a_norm_in_force("10.00")
        a_norm_in_force("28.00", to_mission=mission("MX"), effective_from=date(2025, 1, 1))
        made = a_plan("28.00")
        assert share(made) == Decimal("180.0")
        made.missions.create(mission=mission("MX"))
        assert share(now(made)) == Decimal("0.0")

    def test_gives_way_to_a_newer_one(self):
        a_norm_in_force("10.00")
        a_norm_in_force("28.00", effective_from=date(2026, 6, 1))
        assert share(a_plan("28.00")) == Decimal("0.0")

    def test_that_nobody_confirmed_asks_nothing(self):
        a_cost_norm("10.00")
        assert obstacles(a_plan("28.00"), "send_budget") == []

    def test_that_was_discarded_asks_nothing(self):
        discard_cost_norm(norm_id=a_cost_norm("10.00").pk, reason="Another city.", **by("Helena"))
        assert obstacles(a_plan("28.00"), "send_budget") == []
        assert CostNorm.objects.get().state == "DISCARDED"

    def test_takes_two_people(self):
        made = a_cost_norm()
        before = everything()
        with refused("ROLE-02", NotPermitted):
            confirm_cost_norm(norm_id=made.pk, **by("Moussa"))
        assert everything() == before
        with pytest.raises(IntegrityError, match="cost_norm_takes_two_people"), transaction.atomic():
            CostNorm.objects.filter(pk=made.pk).update(confirmed_by=person("Moussa"))

    def test_is_not_confirmed_by_who_recorded_it_whatever_roles_they_hold(self):
        made = a_cost_norm()
        made.recorded_by = person("Helena")
        with refused("NORM-01", NotPermitted):
            policy.MAY_CONFIRM_COST_NORM.require(Question(made, "confirm_cost_norm", person("Helena")))

    @pytest.mark.parametrize(
        "column",
        [{"usual_minor": 1}, {"currency": "EUR"}, {"source": "Elsewhere"}, {"effective_from": date(2025, 1, 1)}],
    )
    def test_stays_as_it_was_recorded(self, column):
        made = a_norm_in_force()
        with pytest.raises(IntegrityError, match="NORM-05"), transaction.atomic():
            CostNorm.objects.filter(pk=made.pk).update(**column)
        with pytest.raises(IntegrityError, match="NORM-05"), transaction.atomic():
            CostNorm.objects.filter(pk=made.pk).delete()

    def test_of_the_same_day_is_not_confirmed_twice(self):
        a_norm_in_force("20.00")
        second = a_cost_norm("22.00")
        before = everything()
        with refused("NORM-04", Refusal):
            confirm_cost_norm(norm_id=second.pk, **by("Helena"))
        assert everything() == before

    @pytest.mark.parametrize("to_mission", ["", "MX"])
    def test_of_the_same_day_is_refused_by_the_database_too(self, to_mission, monkeypatch):
        monkeypatch.setattr("workflow.actions.cost_norms._require_free_day", lambda norm: None)
        said = {"to_mission": mission(to_mission)} if to_mission else {}
        a_norm_in_force("20.00", **said)
        second = a_cost_norm("22.00", **said)
        with pytest.raises(IntegrityError, match=r"one_cost_norm_a_day|workflow_costnorm"), transaction.atomic():
            confirm_cost_norm(norm_id=second.pk, **by("Helena"))
        assert now_state(second) == "RECORDED"

    def test_is_recorded_for_ones_own_mission_only(self):
        with refused("ROLE-02", NotPermitted):
            a_cost_norm(mission=mission("MX"))
        assert not CostNorm.objects.exists()

    @pytest.mark.parametrize(("usual", "to_mission", "code"), [("0.00", "", "NORM-02"), ("5.00", "NE", "NORM-03")])
    def test_that_says_nothing_is_refused(self, usual, to_mission, code):
        decisions = Decision.objects.count()
        with refused(code, Refusal):
            a_cost_norm(usual, to_mission=mission(to_mission) if to_mission else None)
        assert (CostNorm.objects.count(), Decision.objects.count()) == (0, decisions)


def now_state(norm: CostNorm) -> str:
    return CostNorm.objects.get(pk=norm.pk).state


def test_a_day_is_told_by_the_clock():
    a_norm_in_force("10.00", effective_from=clock.today())
    made = a_plan("28.00")
    assert above_usual(made, lines_of(made))
