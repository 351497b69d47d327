"""The category of a crisis may be chosen in a window only; two people open a window, and two move its last day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.gate import first_decision
from gaf.outbox.models import OutboxMessage
from gaf.policy import Question
from gaf.refusals import NotPermitted, Refusal
from tests import stories
from tests.cast import mission, people, person
from tests.crises import a_crisis_window, a_window_that_is_open, in_days
from tests.refused import refused
from tests.stories import by, everything, now
from workflow import policy
from workflow.actions.case_transfers import accept_transfer, propose_transfer
from workflow.actions.crisis_windows import (
    ask_window_end,
    confirm_window_end,
    discard_crisis_window,
    open_crisis_window,
    refuse_window_end,
    tell_of_windows_that_end,
)
from workflow.actions.drafting import CategoryText, edit_situation
from workflow.actions.intake import send_urgent, submit
from workflow.crisis_windows import window_of
from workflow.models import CrisisPlace, CrisisWindow

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both_at_night]
NEEDS = CategoryText("BASIC_NEEDS", (), ())


def a_draft_for_needs(categories: CategoryText = NEEDS, priority: str = "P2"):
    made = stories.a_draft(priority=priority)
    edit_situation(request_id=made.pk, categories=categories, **by("Amina"))
    stories.what_the_gates_ask(made, "Amina", only=("G1",))
    return now(made)


def later(days: int):
    return clock.at(clock.now() + timedelta(days=days))


def told(notice: str) -> set[int]:
    rows = OutboxMessage.objects.filter(topic="notice", payload__notice=notice)
    return {row.payload["person"] for row in rows}


@pytest.mark.parametrize("send", [submit, send_urgent])
@pytest.mark.parametrize("categories", [NEEDS, CategoryText("STRANDED", ("BASIC_NEEDS",), ())])
def test_outside_a_window_is_refused_and_told_what_is_open(send, categories):
    a_window_that_is_open(codes=("LB",))
    made = a_draft_for_needs(categories, "P1" if send is send_urgent else "P2")
    before = everything()

    with refused("CRISIS-01", Refusal) as why:
        send(request_id=made.pk, **by("Amina"))

    assert everything() == before
    assert "Open now: Lebanon until" in why.value.why


@pytest.mark.parametrize(
    "make",
    [
        lambda: None,
        a_crisis_window,
        lambda: a_window_that_is_open(first=1),
        lambda: discard_crisis_window(window_id=a_crisis_window().pk, reason="No need.", **by("Helena")),
    ],
    ids=["none", "not opened", "not begun", "discarded"],
)
def test_nothing_open_here_is_no_window(make):
    make()
    made = a_draft_for_needs()

    with refused("CRISIS-01", Refusal) as why:
        submit(request_id=made.pk, **by("Amina"))

    assert "None is open anywhere now." in why.value.why


@pytest.mark.parametrize("codes", [("NE",), ("LB", "NE"), ()])
def test_inside_a_window_is_sent(codes):
    window = a_window_that_is_open(codes=codes)
    made = submit(request_id=a_draft_for_needs().pk, **by("Amina"))

    assert made.state == "SUBMITTED"
    assert window_of(now(made)) == window


def test_other_categories_need_no_window():
    made = a_draft_for_needs(CategoryText("STRANDED", (), ()))

    assert submit(request_id=made.pk, **by("Amina")).state == "SUBMITTED"


def test_begun_in_a_window_keeps_the_category():
    window = a_window_that_is_open(last=3)
    made = a_draft_for_needs()

    with later(5):
        sent = submit(request_id=made.pk, **by("Amina"))
        assert (sent.state, window_of(now(made))) == ("SUBMITTED", window)


def test_sent_in_a_window_keeps_the_category_when_it_comes_back_later():
    made = a_draft_for_needs()
    with later(2):
        window = a_window_that_is_open(last=1)
        submit(request_id=made.pk, **by("Amina"))
    with later(9):
        assert window_of(now(made)) == window


def test_begun_in_a_window_keeps_it_in_a_mission_where_none_is_open():
    window = a_window_that_is_open()
    made = a_draft_for_needs()
    sent = submit(request_id=made.pk, **by("Amina"))
    people("Fadi", "Nour")
    asked = {"receiving_id": mission("LB").pk, "aim": "MOVED", "reason": "Her brother lives there."}
    transfer = propose_transfer(request_id=sent.pk, **asked, **by("Amina"))
    accept_transfer(transfer_id=transfer.pk, **by("Fadi"))

    assert (now(made).mission, window_of(now(made))) == (mission("LB"), window)


def test_begun_after_the_last_day_is_refused():
    a_window_that_is_open(last=1)
    with later(2):
        made = a_draft_for_needs()
        with refused("CRISIS-01", Refusal):
            submit(request_id=made.pk, **by("Amina"))


class TestTwoPeople:
    def test_open_a_window(self):
        made = a_crisis_window(who="Helena")
        before = everything()
        with refused("CRISIS-02", NotPermitted):
            open_crisis_window(window_id=made.pk, **by("Helena"))
        assert everything() == before
        assert open_crisis_window(window_id=made.pk, **by("Chen")).state == "OPEN"

    def test_stand_in_the_database_too(self):
        made = a_crisis_window()
        with pytest.raises(IntegrityError, match="crisis_window_takes_two_people"), transaction.atomic():
            CrisisWindow.objects.filter(pk=made.pk).update(confirmed_by=person("Bruno"))

    def test_move_the_last_day(self):
        made = a_window_that_is_open()
        asked = ask_window_end(window_id=made.pk, last_day=in_days(5), reason="Markets open.", **by("Helena"))
        assert (asked.state, asked.last_day) == ("END_ASKED", in_days(60))
        before = everything()
        with refused("CRISIS-02", NotPermitted):
            confirm_window_end(window_id=made.pk, **by("Helena"))
        assert everything() == before
        moved = confirm_window_end(window_id=made.pk, **by("Chen"))
        assert (moved.state, moved.last_day, moved.opened_until) == ("OPEN", in_days(5), in_days(60))

    def test_let_it_go_on_longer(self):
        made = a_window_that_is_open(last=3)
        ask_window_end(window_id=made.pk, last_day=in_days(30), reason="It goes on.", **by("Bruno"))
        confirm_window_end(window_id=made.pk, **by("Helena"))
        with later(20):
            assert submit(request_id=a_draft_for_needs().pk, **by("Amina")).state == "SUBMITTED"

    def test_or_leave_it(self):
        made = a_window_that_is_open()
        ask_window_end(window_id=made.pk, last_day=in_days(5), reason="Markets open.", **by("Bruno"))
        left = refuse_window_end(window_id=made.pk, reason="They are not open.", **by("Helena"))
        assert (left.state, left.last_day, left.asked_by) == ("OPEN", in_days(60), None)

    def test_are_asked_for_whatever_roles_one_holds(self):
        made = a_crisis_window()
        made.recorded_by = person("Helena")
        with refused("CRISIS-02", NotPermitted):
            policy.MAY_CONFIRM_CRISIS_WINDOW.require(Question(made, "open_crisis_window", person("Helena")))

    def test_are_asked_by_the_database_for_the_last_day(self):
        made = a_window_that_is_open()
        with pytest.raises(IntegrityError, match="CRISIS-02"), transaction.atomic():
            CrisisWindow.objects.filter(pk=made.pk).update(last_day=in_days(90))


class TestTheDays:
    @pytest.mark.parametrize(("first", "last"), [(5, 4), (-1, 5)])
    def test_are_in_order_and_ahead(self, first, last):
        before = everything()
        with refused("CRISIS-03", Refusal):
            a_crisis_window(first=first, last=last)
        assert everything() == before

    def test_are_in_order_in_the_database(self):
        made = a_window_that_is_open()
        ask_window_end(window_id=made.pk, last_day=in_days(5), reason="Markets open.", **by("Bruno"))
        with pytest.raises(IntegrityError, match="crisis_window_ends_after_it_begins"), transaction.atomic():
            CrisisWindow.objects.filter(pk=made.pk).update(asked_last_day=in_days(-1))

    def test_never_run_backwards_in_the_database(self):
        made = a_crisis_window()
        first_decision(
            subject=CrisisWindow(key="CW-2026-00099"),
            act="record_crisis_window",
            role="eligibility_reviewer",
            **by("Bruno"),
        )
        made.pk, made.key, made.last_day, made.opened_until = None, "CW-2026-00099", in_days(-1), in_days(-1)
        with pytest.raises(IntegrityError, match="crisis_window_days_in_order"), transaction.atomic():
            made.save(force_insert=True)

    @pytest.mark.parametrize("codes", [("NE",), ("NE", "LB"), ()])
    def test_of_two_windows_of_one_country_do_not_overlap(self, codes):
        a_window_that_is_open()
        before = everything()
        with refused("CRISIS-04", Refusal):
            a_crisis_window(first=60, last=70, codes=codes)
        assert everything() == before

    def test_of_other_countries_and_after_each_other_may_be(self):
        a_window_that_is_open(last=10)
        assert a_window_that_is_open(codes=("LB",)).state == "OPEN"
        assert a_window_that_is_open(first=11, last=20).state == "OPEN"

    def test_do_not_overlap_when_both_were_recorded_before_one_opened(self):
        one, other = a_crisis_window(), a_crisis_window(codes=())
        open_crisis_window(window_id=one.pk, **by("Helena"))
        before = everything()
        with refused("CRISIS-04", Refusal):
            open_crisis_window(window_id=other.pk, **by("Helena"))
        assert everything() == before

    @pytest.mark.parametrize("codes", [("NE", "LB"), ()])
    def test_do_not_overlap_in_the_database(self, codes, monkeypatch):
        one, other = a_crisis_window(), a_crisis_window(codes=codes)
        open_crisis_window(window_id=one.pk, **by("Helena"))
        monkeypatch.setattr("workflow.actions.crisis_windows._require_free_days", lambda *_said: None)
        with pytest.raises(IntegrityError, match="CRISIS-04"), transaction.atomic():
            open_crisis_window(window_id=other.pk, **by("Helena"))

    def test_are_not_moved_into_another_window(self):
        made = a_window_that_is_open(last=10)
        a_window_that_is_open(first=11, last=20)
        before = everything()
        with refused("CRISIS-04", Refusal):
            ask_window_end(window_id=made.pk, last_day=in_days(15), reason="Longer.", **by("Bruno"))
        assert everything() == before

    @pytest.mark.parametrize("day", [-1, 60])
    def test_move_to_another_day_that_is_ahead(self, day):
        made = a_window_that_is_open()
        before = everything()
        with refused("CRISIS-03", Refusal):
            ask_window_end(window_id=made.pk, last_day=in_days(day), reason="So.", **by("Bruno"))
        assert everything() == before

    def test_of_a_window_that_has_ended_do_not_move(self):
        made = a_window_that_is_open(last=1)
        with later(3):
            before = everything()
            with refused("CRISIS-05", Refusal):
                ask_window_end(window_id=made.pk, last_day=in_days(10), reason="Longer.", **by("Bruno"))
            assert everything() == before

    def test_that_passed_while_it_waited_do_not_count(self):
        made = a_crisis_window(last=1)
        with later(3):
            before = everything()
            with refused("CRISIS-03", Refusal):
                open_crisis_window(window_id=made.pk, **by("Helena"))
            assert everything() == before


class TestTheRecord:
    @pytest.mark.parametrize(
        "column",
        [{"crisis": "x"}, {"counts": "x"}, {"source": "x"}, {"everywhere": True}, {"opened_until": in_days(9)}],
        ids=lambda one: next(iter(one)),
    )
    def test_stays_as_it_was_recorded(self, column):
        made = a_window_that_is_open()
        with pytest.raises(IntegrityError, match="CRISIS-06"), transaction.atomic():
            CrisisWindow.objects.filter(pk=made.pk).update(**column)

    def test_gets_no_country_afterwards(self):
        made = a_window_that_is_open()
        with pytest.raises(IntegrityError, match="CRISIS-06"), transaction.atomic():
            CrisisPlace.objects.create(window=made, mission=mission("LB"))

    def test_is_not_removed(self):
        made = a_crisis_window(codes=())
        with pytest.raises(IntegrityError, match="CRISIS-06"), transaction.atomic():
            CrisisWindow.objects.filter(pk=made.pk).delete()


class TestTheMissions:
    def test_hear_when_a_window_opens_for_them(self):
        amina, rima = person("Amina"), person("Rima")
        a_window_that_is_open()
        assert amina.pk in told("crisis_window_opened")
        assert rima.pk not in told("crisis_window_opened")

    def test_hear_before_it_ends_and_once(self):
        amina, rima = person("Amina"), person("Rima")
        a_window_that_is_open(last=20)
        tell_of_windows_that_end()
        assert told("crisis_window_ends") == set()
        with later(7):
            tell_of_windows_that_end()
            before = everything()
            tell_of_windows_that_end()
            assert everything() == before
        assert amina.pk in told("crisis_window_ends")
        assert rima.pk not in told("crisis_window_ends")

    def test_hear_of_another_last_day(self):
        amina, made = person("Amina"), a_window_that_is_open()
        ask_window_end(window_id=made.pk, last_day=in_days(5), reason="Markets open.", **by("Bruno"))
        assert told("crisis_window_moved") == set()
        confirm_window_end(window_id=made.pk, **by("Helena"))
        assert amina.pk in told("crisis_window_moved")
