"""The timeline: messages, notes and changes on one page, people and machine apart, and two boxes to write in."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock, ids
from tests import stories
from tests.stories import by
from tests.workflow.conftest import MORNING
from tests.workflow.pages.headquarters.visits import form_on, press, send, signed_in, text_of, url_of, visit
from workflow.actions.remarks import keep_note, send_message
from workflow.models import Remark

pytestmark = pytest.mark.usefixtures("house")


def write(made, who: str, text: str, action=send_message) -> None:
    action(request_id=made.pk, text=text, key=ids.random_key(), **by(who))


class TestTheRecord:
    def test_shows_messages_and_notes_among_the_decisions_newest_first(self):
        made = stories.a_taken_request()
        with clock.at(MORNING.replace(hour=11)):
            write(made, "Bruno", "Which shelter is it?")
        with clock.at(MORNING.replace(hour=12)):
            write(made, "Amina", "The one at the station.")
        page = text_of(visit("Bruno", made))
        order = [
            page.index(words) for words in ("The one at the station.", "Which shelter is it?", "Take this request ·")
        ]
        assert order == sorted(order)
        assert "Message to the mission · Bruno, headquarters" in page
        assert "Message to headquarters · Amina, Niger" in page

    def test_keeps_the_notes_of_one_side_from_the_other(self):
        made = stories.a_taken_request()
        write(made, "Bruno", "He may be fifteen.", keep_note)
        write(made, "Amina", "Ring the hospital first.", keep_note)
        hq, mission = text_of(visit("Chen", made)), text_of(visit("Idriss", made))
        assert ("He may be fifteen." in hq, "Ring the hospital first." in hq) == (True, False)
        assert ("He may be fifteen." in mission, "Ring the hospital first." in mission) == (False, True)

    def test_shows_those_who_do_not_read_text_that_something_was_written_and_no_box(self):
        made = stories.a_taken_request()
        write(made, "Bruno", "Which shelter is it?")
        page = visit("Omar", made)
        assert "Message to the mission · Bruno, headquarters" in text_of(page)
        assert "Which shelter is it?" not in text_of(page)
        assert "<textarea" not in page.content.decode()

    def test_counts_the_lines_of_the_system_and_shows_them_on_wish(self):
        made = stories.an_implementing_request()
        page = text_of(visit("Helena", made))
        assert "First payment confirmed ·" not in page
        assert "line of the system" in page or "lines of the system" in page
        assert "First payment confirmed ·" in text_of(visit("Helena", made, "timeline/?show=system"))

    def test_says_from_where_to_where_a_decision_led_and_what_was_asked_before_it(self):
        made = stories.a_budget_to_approve()
        first, second = stories.lines_of(made)
        stories.approve(
            made,
            [
                stories.LineDecision(first.pk, "approve", stream_code="A"),
                stories.LineDecision(second.pk, "decline", reason_code="COVERED"),
            ],
        )
        page = text_of(visit("Amina", made))
        assert "Budget review → Approved" in page
        assert "USD 928.00 → USD 588.00" in page


class TestTheTwoBoxes:
    def test_are_two_pages_in_two_colours_with_two_buttons(self):
        made = stories.a_taken_request()
        message, note = (visit("Bruno", made, page).content.decode() for page in ("message/", "note/"))
        assert 'class="note "' in message
        assert "Send to the mission</button>" in message
        assert 'class="note hq"' in note
        assert "Keep as a note for headquarters</button>" in note

    def test_say_before_the_press_who_will_read_it(self):
        made = stories.a_taken_request()
        assert "A mail with number and link goes to: Amina, Idriss." in text_of(visit("Bruno", made, "message/"))
        assert "Headquarters reads it. Niger cannot see it." in text_of(visit("Bruno", made, "note/"))
        assert "Only who is named in it gets a mail." in text_of(visit("Bruno", made, "note/"))
        assert "Your mission reads it. Headquarters cannot see it." in text_of(visit("Amina", made, "note/"))
        assert "Keep as a note for Niger" in text_of(visit("Amina", made))

    def test_keep_what_is_written_in_the_box_of_the_record(self):
        made = stories.a_taken_request()
        client = signed_in("Bruno")
        form = form_on(client.get(url_of(made)))
        assert form["action"] == f"/requests/{made.reference}/note/?save=1"
        assert send(client, url_of(made), form, text="He may be fifteen.").status_code == 302
        assert [(row.kind, row.mission) for row in Remark.objects.all()] == [("NOTE", None)]

    def test_bring_back_what_was_typed_when_it_is_too_long(self):
        made = stories.a_taken_request()
        answer = press("Bruno", made, "message/", text="x" * 4001)
        assert answer.status_code == 422
        assert "x" * 4001 in answer.content.decode()
        assert Remark.objects.count() == 0

    def test_offer_no_message_while_headquarters_has_no_request(self):
        made = stories.a_draft()
        assert "Message to headquarters" not in text_of(visit("Amina", made))
        assert visit("Amina", made, "message/").status_code == 403
        assert "REMARK-03" in text_of(visit("Amina", made, "message/"))

    def test_are_not_there_for_another_mission_and_refused_to_those_who_read_no_text(self):
        made = stories.a_taken_request()
        assert [visit("Sofía", made, page).status_code for page in ("message/", "note/", "timeline/")] == [404] * 3
        assert [visit("Omar", made, page).status_code for page in ("message/", "note/", "timeline/")] == [403, 403, 200]


class TestThePageOfTheTimeline:
    def test_is_narrowed_to_messages_notes_changes_and_the_system(self):
        made = stories.a_taken_request()
        write(made, "Bruno", "Which shelter is it?")
        write(made, "Bruno", "He may be fifteen.", keep_note)
        found = {}
        for show in ("all", "messages", "notes", "changes", "system", "nonsense"):
            page = text_of(visit("Bruno", made, f"timeline/?show={show}"))
            found[show] = [
                words in page for words in ("Which shelter is it?", "He may be fifteen.", "Take this request ·")
            ]
        assert found == {
            "all": [True, True, True],
            "messages": [True, False, False],
            "notes": [False, True, False],
            "changes": [False, False, True],
            "system": [False, False, False],
            "nonsense": [True, True, True],
        }

    def test_folds_what_was_written_under_who_wrote_it(self):
        page = text_of(visit("Amina", stories.a_budget_to_approve(), "timeline/?show=changes"))
        assert "fields changed" in page
        assert "Amount, in local currency: now USD 588.00" in page
        assert "Situation: changed (sealed)" in page

    def test_turns_after_twenty_entries(self):
        made = stories.a_taken_request()
        for number in range(21):
            write(made, "Bruno", f"Line {number}.")
        assert "1 to 20 of 21" in text_of(visit("Bruno", made, "timeline/?show=messages"))
        assert "21 to 21 of 21" in text_of(visit("Bruno", made, "timeline/?show=messages&page=2"))

    def test_asks_the_same_with_many_entries_and_twenty_five_times_at_most(self):
        made, client = stories.a_closed_request(), signed_in("Helena")
        counts = []
        for _round in range(2):
            write(made, "Helena", "Well done.")
            with CaptureQueriesContext(connection) as asked:
                client.get(url_of(made, "timeline/"))
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 25


@pytest.mark.parametrize("name", ["Helena", "Amina"])
def test_a_closed_record_with_messages_asks_twenty_five_times_at_most(name):
    made, client = stories.a_closed_request(), signed_in(name)
    write(made, "Helena", "Well done.")
    client.get(url_of(made))
    with CaptureQueriesContext(connection) as asked:
        client.get(url_of(made))
    assert len(asked) <= 25
