"""An assisted voluntary return: two missions, each on what is its own; nobody leaves while a gate is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.ages import Overdue
from gaf.decisions.models import Decision
from gaf.gate import first_decision
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests import stories
from tests.cast import mission
from tests.refused import refused
from tests.stories import MEDICAL, SHELTER, by, now
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from tests.workflow.returning import (
    CANARY,
    SHOP,
    a_request,
    a_return,
    a_shop_at_home,
    a_survey,
    agree,
    all_with,
    an_arrived_return,
    arrive,
    ask,
    begin,
    conclude,
    depart,
    fill,
    tick_owed,
)
from workflow.actions import assisted_returns as actions
from workflow.actions import closing
from workflow.actions.drafting import start_request
from workflow.actions.gate_evidence import Finding, record_evidence
from workflow.actions.reintegration import MeasureText, record_visit
from workflow.models import AssistedReturn, FollowUpVisit, ReintegrationPlan
from workflow.obstacles import obstacles

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house")]


def state(made: AssistedReturn) -> str:
    return AssistedReturn.objects.get(pk=made.pk).state


class TestBeginning:
    def test_opens_before_departure_and_tells_the_mission_there(self):
        made = begin(a_request())

        assert (made.state, made.key) == ("PRE_DEPARTURE", f"{made.assistance.reference}/AVR")
        assert Decision.objects.get(subject=made.key).act == "begin_return"
        assert stories.told("return_to_go_on_with") == {"Rima", "Fadi"}

    @pytest.mark.parametrize("who", ["Rima", "Bruno", "Moussa", "Helena"])
    def test_is_for_those_who_write_in_the_mission_that_asked(self, who):
        made = a_request()

        with refused("ROLE-02", NotPermitted):
            begin(made, who)
        assert not AssistedReturn.objects.exists()

    def test_needs_a_line_for_a_return(self):
        made = a_request(lines=(SHELTER, MEDICAL), leave=("R4",))

        with refused("AVRR-03"):
            begin(made)
        assert not AssistedReturn.objects.exists()

    def test_is_done_once(self):
        made = begin(a_request())

        with refused("AVRR-03"):
            begin(made.assistance)
        assert AssistedReturn.objects.count() == 1

    def test_does_not_skip_a_journey_that_the_budget_pays(self):
        made = a_request()

        with refused("AVRR-05"):
            begin(made, arrived_on=clock.today())
        assert not AssistedReturn.objects.exists()

    def test_at_home_already_goes_on_from_the_arrival_with_visits_planned(self):
        made = a_shop_at_home()

        assert made.state == "POST_ARRIVAL"
        assert list(made.visits.values_list("months", flat=True)) == [3, 6, 12]
        assert {visit.due_on.day for visit in made.visits.all()} == {10}  # ten days before the twentieth


class TestACaseOfTwoRequests:
    def test_has_one_open_return_at_a_time(self):
        first = begin(a_request())
        case = {"language": "fr", "case_key": first.assistance.case_id}
        again = start_request(mission_id=mission("NE").pk, idempotency_key="b" * 32, **case, **by("Amina"))

        assert "Another return of this case is not concluded." in actions.why_none_begins(again)
        conclude(first, "WITHDREW")
        assert "Another return of this case is not concluded." not in actions.why_none_begins(again)

    def test_has_one_open_return_at_a_time_by_the_database_too(self):
        first = begin(a_request())
        case = {"language": "fr", "case_key": first.assistance.case_id}
        again = start_request(mission_id=mission("NE").pk, idempotency_key="b" * 32, **case, **by("Amina"))
        when = {"begun_at": clock.now(), "moved_at": clock.now()}
        second = AssistedReturn(
            key=f"{again.reference}/AVR", assistance=again, origin=first.origin, begun_by=first.begun_by, **when
        )
        first_decision(subject=second, act="begin_return", role="case_worker", facts={}, **by("Amina"))

        with pytest.raises((IntegrityError, DatabaseError), match="AVRR-04"), transaction.atomic():
            second.save(force_insert=True)
        assert AssistedReturn.objects.get() == first


class TestDeparture:
    @pytest.mark.parametrize("gate", ["R1", "R2", "R4", "R5"])
    def test_waits_for_every_gate_of_the_journey(self, gate):
        made = tick_owed(begin(a_request(leave=(gate,))))

        with refused("GATE-03"):
            depart(made)
        assert state(made) == "PRE_DEPARTURE"
        assert not Decision.objects.filter(act="record_departure").exists()

    def test_waits_for_what_the_stage_owes(self):
        made = begin(a_request())

        with refused("AVRR-06"):
            depart(made)
        assert state(made) == "PRE_DEPARTURE"

    def test_is_refused_once_the_person_took_the_declaration_back(self):
        made = a_return()
        said = {"gate": "R1", "outcome": "REFUSED", "found_on": clock.today(), "note": "She wants to stay."}
        keys = [one.key for one in made.assistance.persons.all()]
        record_evidence(request_id=made.assistance_id, finding=Finding(**said), person_keys=keys, **by("Amina"))

        with refused("GATE-03"):
            depart(made)
        assert state(made) == "PRE_DEPARTURE"

    def test_is_refused_by_the_database_alone_without_a_declaration(self, monkeypatch):
        made = tick_owed(begin(a_request(leave=("R1",))))
        monkeypatch.setattr(actions, "journey_gates", lambda *asked: [])

        with pytest.raises((IntegrityError, DatabaseError), match="GATE-10"):
            depart(made)
        assert state(made) == "PRE_DEPARTURE"

    def test_is_not_the_receiving_missions_to_record(self):
        made = a_return()

        with refused("ROLE-02", NotPermitted):
            depart(made, "Rima")
        assert state(made) == "PRE_DEPARTURE"

    def test_hands_over_to_the_mission_there(self):
        made = depart(a_return())

        assert (made.state, made.departed_on) == ("TRAVEL", clock.today())
        assert stories.told("return_to_go_on_with") == {"Rima", "Fadi"}


class TestArrival:
    @pytest.mark.parametrize(("who", "code"), [("Amina", "AVRR-02"), ("Marie", "ROLE-02")])
    def test_is_recorded_by_the_mission_there(self, who, code):
        made = depart(a_return())

        with refused(code, NotPermitted):
            arrive(made, who)
        assert state(made) == "TRAVEL"
        assert not made.visits.exists()

    def test_is_not_before_the_departure(self):
        made = depart(a_return())

        with refused("AVRR-05"):
            actions.record_arrival(return_id=made.pk, on=clock.today() - timedelta(days=1), **by("Rima"))
        assert state(made) == "TRAVEL"

    def test_plans_visits_and_tells_the_mission_that_asked(self):
        made = an_arrived_return()

        assert [(visit.months, visit.state) for visit in made.visits.all()] == [
            (3, "PLANNED"),
            (6, "PLANNED"),
            (12, "PLANNED"),
        ]
        assert stories.told("return_moved") == {"Amina", "Idriss"}

    def test_leaves_the_first_mission_nothing_to_record(self):
        made = an_arrived_return()

        with refused("ROLE-02", NotPermitted):
            tick_owed(made, "Amina")
        assert not made.items.filter(code="RECEPTION").exists()
        assert tick_owed(made, "Rima").items.filter(code="RECEPTION").exists()


class TestItems:
    @pytest.mark.parametrize("code", ["RECEPTION", "NOTHING_KNOWN", "COUNSELLING"])
    def test_of_another_stage_unknown_or_done_are_refused(self, code):
        made = a_return()

        with refused("AVRR-07"):
            actions.record_return_item(return_id=made.pk, code=code, done_on=clock.today(), **by("Amina"))
        assert set(made.items.values_list("code", flat=True)) == {"COUNSELLING", "ORIGIN_INFORMATION", "TRANSPORT"}

    def test_are_not_dated_to_the_future(self):
        made = begin(a_request())
        late = clock.today() + timedelta(days=3)

        with refused("AVRR-05"):
            actions.record_return_item(return_id=made.pk, code="MEDICAL", done_on=late, **by("Amina"))
        assert not made.items.exists()


class TestPlan:
    def test_is_sealed_and_names_what_pays_each_measure(self):
        made = agree(a_shop_at_home())
        plan = made.plans.get()

        assert CANARY not in plan.words
        assert plan.words_text == CANARY
        assert [(one.dimension, one.line.key) for one in plan.measures.all()] == [("ECONOMIC", "L2")]

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"measures": [MeasureText("ECONOMIC", "L9")]}, "PLAN-02"),
            ({"measures": [MeasureText("ECONOMIC", "L2/T1")]}, "PLAN-02"),
            ({"measures": []}, "PLAN-01"),
            ({"measures": [MeasureText("LUCK", "L2")]}, "PLAN-01"),
            ({"words": "  "}, "PLAN-01"),
            ({"form": "NONE"}, "PLAN-01"),
        ],
    )
    def test_is_refused_where_something_cannot_be_so(self, said, code):
        made = a_shop_at_home()

        with refused(code):
            agree(made, **said)
        assert not ReintegrationPlan.objects.exists()

    def test_before_the_funds_are_confirmed_has_nothing_that_pays(self):
        made = begin(a_request(lines=(SHELTER, SHOP), leave=("R4",)))

        with refused("PLAN-02"):
            agree(made)
        assert not ReintegrationPlan.objects.exists()

    def test_keeps_earlier_versions(self):
        made = a_shop_at_home()
        agree(made)
        agree(made, form="COMMUNITY")

        assert list(made.plans.values_list("number", "form")) == [(1, "INDIVIDUAL"), (2, "COMMUNITY")]

    def test_comes_before_reintegration(self):
        made = tick_owed(a_shop_at_home())

        with refused("AVRR-08"):
            actions.begin_reintegration(return_id=made.pk, **by("Amina"))
        assert state(made) == "POST_ARRIVAL"


class TestVisits:
    def visit(self, made: AssistedReturn, **said: object) -> FollowUpVisit:
        usual = {"result": "DONE", "visited_on": clock.today(), "words": CANARY}
        return record_visit(visit_id=made.visits.get(months=3).pk, **{**usual, **said}, **by("Amina"))

    def test_keep_what_was_found_sealed(self):
        made = self.visit(a_shop_at_home())

        assert made.state == "DONE"
        assert CANARY not in made.words
        assert made.words_text == CANARY

    @pytest.mark.parametrize("result", ["NOT_REACHED", "REFUSED"])
    def test_that_did_not_take_place_need_no_words(self, result):
        assert self.visit(a_shop_at_home(), result=result, words="").state == result

    @pytest.mark.parametrize("said", [{"words": ""}, {"result": "PLANNED"}, {"result": "GONE"}])
    def test_are_refused_where_something_is_missing(self, said):
        made = a_shop_at_home()

        with refused("VISIT-01"):
            self.visit(made, **said)
        assert made.visits.get(months=3).state == "PLANNED"

    def test_are_recorded_once(self):
        made = a_shop_at_home()
        self.visit(made)

        with refused("STATE-02", MovedOn):
            self.visit(made, result="REFUSED")
        assert made.visits.get(months=3).state == "DONE"

    def test_that_are_late_are_overdue_for_the_mission_there_until_the_return_is_concluded(self):
        made = an_arrived_return()

        with clock.at(clock.now() + timedelta(days=120)):
            late = {found.subject for found in Overdue(mission_ids={made.origin_id}).oldest(50)}
            assert f"{made.assistance.reference}/V3" in late
            assert f"{made.assistance.reference}/V6" not in late
            conclude(made, "LEFT_AGAIN", "Rima")
            after = {found.subject for found in Overdue(mission_ids={made.origin_id}).oldest(50)}
        assert f"{made.assistance.reference}/V3" not in after


class TestConclusion:
    @pytest.mark.parametrize("outcome", ["REINTEGRATED", "LEFT_AGAIN", "NOT_ARRIVED", "GONE"])
    def test_before_departure_knows_no_outcome_of_an_arrival(self, outcome):
        made = a_return()

        with refused("AVRR-09"):
            conclude(made, outcome)
        assert state(made) == "PRE_DEPARTURE"

    def test_of_who_withdrew_is_the_first_missions(self):
        assert conclude(a_return(), "WITHDREW").outcome == "WITHDREW"

    def test_as_reintegrated_rests_on_what_was_done(self):
        made = agree(tick_owed(a_shop_at_home()))
        with refused("AVRR-09"):
            conclude(made, "REINTEGRATED")
        actions.begin_reintegration(return_id=made.pk, **by("Amina"))
        with refused("AVRR-06"):
            conclude(made, "REINTEGRATED")

        assert conclude(tick_owed(made), "REINTEGRATED").state == "CONCLUDED"

    def test_says_why_in_sealed_words(self):
        made = conclude(a_return(), "WITHDREW")
        row = Decision.objects.get(subject=made.key, act="conclude_return")

        assert row.reason_code == "WITHDREW"
        assert CANARY not in row.reason

    def test_ends_it_for_good(self):
        made = conclude(a_return(), "WITHDREW")

        with refused("STATE-02", MovedOn):
            depart(made)
        with pytest.raises((IntegrityError, DatabaseError), match="AVRR-11"), transaction.atomic():
            AssistedReturn.objects.filter(pk=made.pk).update(outcome="DIED")


class TestClosing:
    def a_reconciling_request(self) -> AssistedReturn:
        made = a_shop_at_home()
        stories.accept(stories.report(stories.delivery_acts.end_delivery(request_id=made.assistance_id, **by("Amina"))))
        return made

    def close(self, made: AssistedReturn) -> None:
        closing.close(request_id=made.assistance_id, reason_code="REINTEGRATED", **by("Helena"))

    def test_waits_for_the_outcome_of_the_return(self):
        made = self.a_reconciling_request()

        with pytest.raises(Incomplete):
            self.close(made)
        assert now(made.assistance).state == "RECONCILING"

        conclude(made, "NOT_REACHED")
        self.close(made)
        assert now(made.assistance).state == "CLOSED"

    def test_waits_by_the_database_alone(self, monkeypatch):
        made = self.a_reconciling_request()
        monkeypatch.setattr(closing, "require_nothing_missing", lambda *asked: None)

        with pytest.raises((IntegrityError, DatabaseError), match="AVRR-10"):
            self.close(made)
        assert now(made.assistance).state == "RECONCILING"

    def test_of_a_request_without_a_return_waits_for_nothing(self):
        made = stories.a_reconciling_request()

        assert obstacles(made, "close") == []

    def test_of_the_request_ends_what_can_be_recorded(self):
        made = a_return()
        stories.cancel(now(made.assistance))

        with refused("AVRR-01", NotPermitted):
            depart(made)
        assert state(made) == "PRE_DEPARTURE"


class TestPages:
    def test_show_each_mission_what_is_its_own_to_do(self):
        made = depart(a_return())
        address = f"/assisted-returns/{made.assistance.reference}/"
        arrival = f'href="{address}record-arrival/"'

        assert arrival in signed_in("Rima").get(address).content.decode()
        assert arrival not in signed_in("Amina").get(address).content.decode()
        assert "On the way" in text_of(signed_in("Omar").get(address))

    def test_hide_sealed_words_from_who_does_not_read_them(self):
        made = agree(a_shop_at_home())
        address = f"/assisted-returns/{made.assistance.reference}/"

        assert CANARY in text_of(signed_in("Amina").get(address))
        assert CANARY not in text_of(signed_in("Omar").get(address))

    def test_ask_no_more_statements_for_more_visits_plans_and_surveys(self):
        a_survey()
        made = tick_owed(agree(a_shop_at_home()))
        amina, address = signed_in("Amina"), f"/assisted-returns/{made.assistance.reference}/"
        ask(made, all_with("1"))
        amina.get(address)
        with CaptureQueriesContext(connection) as few:
            amina.get(address)
        agree(made, measures=[MeasureText("ECONOMIC", "L2"), MeasureText("SOCIAL", "L1")])
        ask(made, all_with("0.5", dict.fromkeys(("BORROW", "WORK", "PAPERS", "STAY"), "1")), moment="MIDLINE")
        with CaptureQueriesContext(connection) as more:
            amina.get(address)

        assert len(more) == len(few)

    def test_are_not_there_for_another_mission_or_without_a_return(self):
        made = begin(a_request())
        other = stories.an_approved_request()

        assert signed_in("Sofía").get(f"/assisted-returns/{made.assistance.reference}/").status_code == 404
        assert signed_in("Amina").get(f"/assisted-returns/{other.reference}/").status_code == 404
        assert signed_in("Amina").get(f"/assisted-returns/{other.reference}/surveys/").status_code == 404

    def test_record_an_item_from_the_form(self):
        made = begin(a_request())
        day = {"done_on_0": "20", "done_on_1": "10", "done_on_2": "2026"}
        answer = fill("Amina", made, "record-return-item/", code="MEDICAL", **day)

        assert answer.status_code == 302
        assert made.items.get().code == "MEDICAL"

    def test_name_the_gates_that_keep_them_from_leaving(self):
        made = begin(a_request(leave=("R2",)))
        text = text_of(signed_in("Amina").get(f"/assisted-returns/{made.assistance.reference}/"))

        assert "Nobody leaves before this is on file" in text
        assert "Travel document" in text
