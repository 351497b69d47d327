"""What changed since one looked: told on the record, shown word by word one act away, and nobody's secret let out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock, ids
from gaf.decisions.models import Decision
from gaf.privacy.models import Read
from tests import stories
from tests.cast import person
from tests.stories import by
from tests.workflow.conftest import MORNING
from tests.workflow.pages.headquarters.visits import signed_in, text_of, url_of, visit
from workflow.actions.clarification import answer
from workflow.actions.drafting import AlternativeText, edit_situation
from workflow.actions.remarks import keep_note, send_message
from workflow.models import AssistanceRequest, ReportLine
from workflow.views.differences import pieces_of
from workflow.views.field_words import WORDS
from workflow.views.history import KINDS, UNTOLD

pytestmark = pytest.mark.usefixtures("house")

BEFORE, AFTER = "Left without shelter after an escape.", "Left without any shelter after an escape."


@contextmanager
def later(**span: float) -> Iterator[None]:
    """Some time after the morning on which everything began."""
    with clock.at(MORNING + timedelta(**span)):
        yield


def look(name: str, made: AssistanceRequest) -> None:
    assert visit(name, made).status_code == 200


def rewrite(made: AssistanceRequest, text: str = AFTER, programme: str = "A national programme") -> None:
    """Amina writes what happened anew, with the other help that was asked."""
    asked = [AlternativeText("NO_FUNDS", programme, date(2026, 10, 12))]
    edit_situation(request_id=made.pk, situation=text, alternatives=asked, **by("Amina"))


def a_request_looked_at_and_changed() -> AssistanceRequest:
    """Bruno asked at nine and looked; at eleven Amina wrote the situation anew."""
    made = stories.ask(stories.a_taken_request(), about="SITUATION")
    look("Bruno", made)
    with later(hours=2):
        edit_situation(request_id=made.pk, situation=AFTER, **by("Amina"))
    return made


class TestTheRecord:
    def test_says_how_much_others_changed_since_one_looked_and_leads_there(self):
        made = a_request_looked_at_and_changed()
        with later(hours=3):
            page = visit("Bruno", made)
            assert "1 change since you looked on 20 Oct 2026, 10:00" in text_of(page)
            address = page.content.decode().split('class="note"><a href="')[1].split('"')[0]
            shown = signed_in("Bruno").get(address)

        assert "Situation:" in text_of(shown)
        assert "was without</span>" not in shown.content.decode()
        assert "now any" in text_of(shown)

    def test_says_nothing_when_nothing_changed_or_one_changed_it_oneself_or_never_looked(self):
        made = a_request_looked_at_and_changed()
        with later(hours=3):
            assert "since you looked" not in text_of(visit("Chen", made))
            look("Amina", made)
        with later(hours=4):
            rewriting = stories.now(made)
            edit_situation(request_id=rewriting.pk, situation="Anew.", **by("Amina"))
        with later(hours=5):
            assert "since you looked" not in text_of(visit("Amina", made))

    def test_counts_a_message_but_no_note_of_the_other_side(self):
        made = stories.a_taken_request()
        look("Amina", made)
        with later(hours=1):
            send_message(request_id=made.pk, text="Which shelter?", key=ids.random_key(), **by("Bruno"))
            keep_note(request_id=made.pk, text="He may be fifteen.", key=ids.random_key(), **by("Bruno"))
        with later(hours=2):
            assert "1 change since you looked" in text_of(visit("Amina", made))

    def test_keeps_telling_it_through_one_visit(self):
        made = a_request_looked_at_and_changed()
        with later(hours=3):
            look("Bruno", made)
        with later(hours=3, minutes=10):
            assert "1 change since you looked on 20 Oct 2026, 10:00" in text_of(visit("Bruno", made))
        with later(hours=4):
            assert "since you looked" not in text_of(visit("Bruno", made))


class TestThePageOfChanges:
    def test_shows_the_net_of_many_edits_once(self):
        made = a_request_looked_at_and_changed()
        with later(hours=3):
            edit_situation(request_id=made.pk, situation=BEFORE, **by("Amina"))
        with later(hours=4):
            page = text_of(visit("Bruno", made, "changes/"))

        assert "Situation:" not in page
        assert "Nothing changed since then." in page

    def test_takes_the_same_words_sealed_anew_for_no_change(self):
        made = stories.a_draft()
        look("Idriss", made)
        with later(hours=2):
            rewrite(made, BEFORE, "Another programme")
        with later(hours=3):
            page = text_of(visit("Idriss", made, "changes/"))

        assert "Situation:" not in page
        assert "Other help asked" in page
        assert "was A national" in page
        assert "now Another" in page
        assert "removed" not in page

    def test_shows_those_who_read_no_text_that_it_changed_and_no_word_of_it(self):
        made = a_request_looked_at_and_changed()
        with later(hours=3):
            page = text_of(visit("Omar", made, "changes/?since=2026-10-20T09:30:00Z"))

        assert "Situation: changed (sealed)" in page
        assert "shelter after" not in page

    def test_tells_what_happened_since(self):
        made = a_request_looked_at_and_changed()
        with later(hours=3):
            row = made.questions.get()
            answer(request_id=made.pk, answers={row.number: "As written now."}, **by("Amina"))
        with later(hours=4):
            page = text_of(visit("Bruno", made, "changes/"))

        assert "State: was Question to the mission now Eligibility review" in page
        assert "Answer: now As written now." in page
        assert "What happened 1" in page

    def test_starts_at_a_decision_and_counts_what_it_wrote_as_done(self):
        made = stories.an_approved_request()
        number = Decision.objects.get(subject=made.reference, act="approve_budget").number
        page = text_of(visit("Helena", made, f"changes/?decision={number}"))

        assert "Chen" in page
        assert "Nothing changed since then." in page

    def test_is_not_there_for_another_mission_nor_for_a_decision_of_another_request(self):
        made, other = stories.a_taken_request(), stories.a_draft()
        number = Decision.objects.filter(subject=other.reference).latest("number").number

        assert visit("Sofía", made, "changes/").status_code == 404
        assert visit("Bruno", made, f"changes/?decision={number}").status_code == 404

    @pytest.mark.parametrize("nonsense", ["yesterday", "2026-10-20", "", "9999"])
    def test_takes_a_moment_it_cannot_read_for_none(self, nonsense):
        assert visit("Bruno", stories.a_taken_request(), f"changes/?since={nonsense}").status_code == 200

    def test_is_kept_in_the_log_of_reading(self):
        made = stories.a_taken_request()
        visit("Bruno", made, "changes/")

        assert [row.page for row in Read.objects.filter(reference=made.reference)] == ["changes"]

    def test_asks_the_database_no_more_for_many_changes(self):
        made, counts = stories.a_budget_to_approve(), []
        client = signed_in("Chen")
        for hour in (1, 2):
            with later(hours=hour), CaptureQueriesContext(connection) as asked:
                assert client.get(url_of(made, "changes/?since=2026-10-19T09:30:00Z")).status_code == 200
            counts.append(len(asked))
            for _each in range(10):
                with later(hours=hour):
                    send_message(request_id=made.pk, text="Which?", key=ids.random_key(), **by("Bruno"))

        assert counts[0] == counts[1] <= 25


class TestTheNamesOfFields:
    def test_are_there_for_everything_that_is_told(self):
        told = {
            field.name
            for model in [*(kind[0] for kind in KINDS), ReportLine]
            for field in model.history.model.tracked_fields
        }

        assert told - UNTOLD == set(WORDS)

    def test_and_their_codes_are_in_the_readers_language(self):
        made = stories.a_budget_to_approve()
        amina = person("Amina")
        amina.language = "fr"
        amina.save()
        page = text_of(visit("Amina", made, "changes/?since=2026-10-19T09:30:00Z"))

        assert "Nationalité" in page
        assert "Nigéria" in page or "Nigeria" in page
        assert "Jeu de critères" in page
        assert not re.search(r"\b(Age band|Asked on|Given by|ASSISTANCE|True|False)\b", page)


class TestTheNotice:
    def test_leads_to_the_changes_in_one_act(self):
        made = stories.a_taken_request()
        look("Bruno", made)
        with later(hours=1):
            send_message(request_id=made.pk, text="As you asked.", key=ids.random_key(), **by("Amina"))
            stories.drain()
        with later(hours=2):
            client = signed_in("Bruno")
            assert f'href="/requests/{made.reference}/changes/"' in client.get("/notices/").content.decode()
            assert "As you asked." in text_of(client.get(f"/requests/{made.reference}/changes/"))


class TestWordsSideBySide:
    def test_stand_with_what_is_gone_before_what_is_new(self):
        found = [(one.kind, one.text) for one in pieces_of("six men in a shelter", "five men in a safe shelter")]

        assert found == [
            ("gone", "six"),
            ("new", "five"),
            ("same", "men in a"),
            ("new", "safe"),
            ("same", "shelter"),
        ]

    def test_leave_out_the_middle_of_what_stayed(self):
        long = " ".join(str(number) for number in range(100))
        words = pieces_of(f"a {long} b", f"x {long} y")

        assert [one.text for one in words if one.kind == "same"] == ["0 1 2 3 4 5 6 7 … 92 93 94 95 96 97 98 99"]
