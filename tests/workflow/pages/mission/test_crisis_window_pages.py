"""Crisis windows on pages: recorded, opened, moved; a hint while one is open, and word of it at the review."""

from __future__ import annotations

import pytest

from tests import stories
from tests.crises import a_crisis_window, a_window_that_is_open, in_days
from tests.stories import by
from tests.workflow.pages.mission.browsing import day, fill, signed_in, url_of, words
from workflow.actions.drafting import CategoryText, edit_situation
from workflow.models import CrisisWindow

pytestmark = pytest.mark.usefixtures("house")


def said(**other):
    first, last = in_days(0), in_days(30)
    return {
        "crisis": "Markets closed",
        "counts": "No food since the markets closed.",
        "source": "Declaration, invented",
        **day("first_day", f"{first.day} {first.month} {first.year}"),
        **day("last_day", f"{last.day} {last.month} {last.year}"),
        **other,
    }


def test_say_what_they_are_for_while_there_is_none():
    page = words(signed_in("Amina").get("/crisis-windows/"))
    assert "No crisis window was recorded yet." in page
    assert "Record a crisis window" not in page


def test_are_recorded_by_a_reviewer_opened_by_the_fund_manager_and_moved_by_two():
    bruno, helena = signed_in("Bruno"), signed_in("Helena")
    assert fill(bruno, "/crisis-windows/new/", said()).url == "/crisis-windows/"
    made = CrisisWindow.objects.get()
    assert (made.state, made.everywhere) == ("RECORDED", True)
    fill(helena, f"/crisis-windows/{made.key}/open/")
    assert "Counts today" in words(helena.get("/crisis-windows/"))
    wanted = in_days(10)
    moved = {**day("last_day", f"{wanted.day} {wanted.month} {wanted.year}"), "reason": "Markets open."}
    assert fill(bruno, f"/crisis-windows/{made.key}/end/", moved).status_code == 302
    assert CrisisWindow.objects.get().last_day == in_days(30)
    fill(helena, f"/crisis-windows/{made.key}/confirm-end/")
    assert CrisisWindow.objects.get().last_day == wanted
    assert "first opened until" in words(helena.get("/crisis-windows/"))


@pytest.mark.parametrize("missing", ["crisis", "counts", "source"])
def test_are_not_recorded_without_saying_why(missing):
    assert fill(signed_in("Bruno"), "/crisis-windows/new/", said(**{missing: ""})).status_code == 422
    assert not CrisisWindow.objects.exists()


def test_are_discarded_with_a_reason():
    made, helena = a_crisis_window(), signed_in("Helena")
    assert fill(helena, f"/crisis-windows/{made.key}/discard/").status_code == 422
    fill(helena, f"/crisis-windows/{made.key}/discard/", {"reason": "No need."})
    assert CrisisWindow.objects.get().state == "DISCARDED"


def test_offer_the_category_at_the_form_only_while_open():
    made, amina = stories.a_draft(), signed_in("Amina")
    address = url_of(made, "edit/situation/")
    assert "Cannot meet basic needs" not in words(amina.get(address))
    a_window_that_is_open()
    page = words(amina.get(address))
    assert "A crisis window applies" in page
    assert page.count("Cannot meet basic needs in a crisis") == 3


def test_are_shown_to_the_reviewer_of_a_request_that_leans_on_one():
    a_window_that_is_open()
    made = stories.a_taken_request(primary="BASIC_NEEDS")
    page = words(signed_in("Bruno").get(url_of(made, "review/")))
    assert "A crisis window applies" in page
    assert "No income and no food since the markets closed." in page


def test_are_not_shown_to_the_reviewer_of_any_other_request():
    a_window_that_is_open()
    made = stories.a_taken_request()
    assert "A crisis window applies" not in words(signed_in("Bruno").get(url_of(made, "review/")))


def test_outside_of_them_the_press_is_answered_at_the_check():
    made = stories.a_draft()
    edit_situation(request_id=made.pk, categories=CategoryText("BASIC_NEEDS"), **by("Amina"))
    stories.what_the_gates_ask(made, "Amina", only=("G1",))
    answer = fill(signed_in("Amina"), url_of(made, "edit/check/"), {"declared": "on"})
    assert answer.status_code == 422
    assert "only while a crisis window is open for Niger" in words(answer)
