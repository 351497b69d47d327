"""Who read what is kept; text that a role seldom needs is covered until its reader says what for; canaries ring."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.outbox.outbox import drain
from gaf.privacy import reads
from gaf.privacy.alarms import ring_for_canaries
from gaf.privacy.models import Alarm, Read
from gaf.privacy.watching import busiest_today, set_canary
from gaf.refusals import NotPermitted
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.rules.walking import addresses
from tests.stories import by
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of, url_of, visit
from workflow.actions.privacy import uncover

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]
SITUATION = "Left without shelter after an escape."
WHY = "The receipt names another place."


def rows() -> list[tuple[str, str, str]]:
    """Who, which page, of what; the newest last."""
    return [(row.person.name, row.page, row.reference) for row in Read.objects.order_by("pk")]


class TestTheReadLog:
    def test_keeps_who_opened_which_page_of_which_request(self):
        made = stories.a_taken_request()

        visit("Bruno", made)
        visit("Amina", made, "history/")

        assert rows() == [("Bruno", "record", made.reference), ("Amina", "history", made.reference)]

    def test_keeps_every_page_under_a_request_that_was_shown(self):
        made = stories.a_taken_request()
        client, opened = signed_in("Amina"), []
        under = {page: route for page, route in addresses().items() if route.startswith("requests/<str:reference>/")}
        for page, route in under.items():
            address = "/" + route.replace("<str:reference>", made.reference)
            if route.count("<") == 1 and client.get(address).status_code == 200:
                opened.append(page)

        assert len(opened) >= 5
        shown = Read.objects.filter(refused=False).order_by("pk")
        assert [row.page for row in shown] == opened

    def test_keeps_that_somebody_took_a_list_and_not_what_they_looked_for_in_words(self):
        stories.a_taken_request()
        client = signed_in("Bruno")

        client.get("/requests/", {"q": "a boy from the north"})
        client.get("/requests/export/", {"columns": "reference"})

        assert [(row.page, row.reference) for row in Read.objects.order_by("pk")][:1] == [("requests", "")]
        assert "boy" not in str(list(Read.objects.values()))

    def test_keeps_nothing_of_pages_that_say_nothing_of_a_person(self):
        signed_in("Bruno").get("/inbox/")

        assert not Read.objects.exists()

    def test_shows_no_page_that_it_cannot_keep(self, monkeypatch):
        made = stories.a_taken_request()
        monkeypatch.setattr(reads, "read", lambda *_said: (_ for _ in ()).throw(DatabaseError("full")))
        client = signed_in("Bruno")
        client.raise_request_exception = False

        answer = client.get(url_of(made))

        assert (answer.status_code, SITUATION in answer.content.decode()) == (500, False)

    def test_is_never_changed(self):
        made = stories.a_taken_request()
        visit("Bruno", made)

        for change in (lambda: Read.objects.update(page="other"), lambda: Read.objects.all().delete()):
            with pytest.raises(DatabaseError, match="READ-01"), transaction.atomic():
                change()

    def test_is_shown_to_the_author_and_to_nobody_of_another_mission(self):
        made = stories.a_taken_request()
        visit("Bruno", made)

        assert "Bruno" in text_of(visit("Amina", made, "readers/"))
        assert visit("Rima", made, "readers/").status_code == 404
        assert visit("Bruno", made, "readers/").status_code == 404


class TestCoveredText:
    @pytest.mark.parametrize("name", ["Marie", "Helena", "Nadia"])
    def test_is_not_shown_until_its_reader_says_what_for(self, name):
        made = stories.a_taken_request()

        before = text_of(visit(name, made))
        assert press(name, made, "reveal/", purpose="CHECK", reason=WHY).status_code == 302
        after = text_of(visit(name, made))

        assert (SITUATION in before, SITUATION in after) == (False, True)
        assert "is covered for your role" in before
        assert "is covered for your role" not in after

    @pytest.mark.parametrize("page", ["", "timeline/", "history/"])
    def test_stands_on_no_page_of_the_record(self, page):
        made = stories.a_declined_request()

        assert "Too much for the need." not in text_of(visit("Marie", made, page))

    def test_covers_the_documents_as_well(self):
        from tests.workflow.test_documents import add

        made = stories.a_taken_request()
        draft = stories.a_draft()
        document = add(draft)
        stories.now(draft)

        assert visit("Helena", made, "documents/").status_code == 422
        assert visit("Amina", draft, f"documents/{document.key}/").status_code == 200

    def test_is_covered_again_after_an_hour(self):
        made = stories.a_taken_request()
        uncover(request_id=made.pk, purpose="CHECK", reason=WHY, **by("Marie"))

        with clock.at(clock.now() + timedelta(minutes=61)):
            assert SITUATION not in text_of(visit("Marie", made))

    def test_is_not_covered_for_those_who_work_with_it(self):
        made = stories.a_taken_request()

        assert SITUATION in text_of(visit("Bruno", made))
        with pytest.raises(NotPermitted):
            uncover(request_id=made.pk, purpose="CHECK", reason=WHY, **by("Bruno"))

    def test_is_not_uncovered_without_a_purpose(self):
        made = stories.a_taken_request()

        assert press("Marie", made, "reveal/", purpose="", reason=WHY).status_code == 422
        assert press("Marie", made, "reveal/", purpose="CHECK", reason="").status_code == 422
        assert not Read.objects.filter(page="uncovered").exclude(purpose="").exists()
        assert SITUATION not in text_of(visit("Marie", made))

    def test_of_one_request_uncovers_no_other(self):
        one, other = stories.a_taken_request(), stories.a_taken_request()
        uncover(request_id=one.pk, purpose="CHECK", reason=WHY, **by("Marie"))

        assert SITUATION not in text_of(visit("Marie", other))

    def test_tells_the_author_and_the_focal_point_and_keeps_the_reason_sealed(self):
        people("Ngozi")
        made = stories.a_taken_request()
        uncover(request_id=made.pk, purpose="CHECK", reason=WHY, **by("Marie"))

        assert stories.told("text_uncovered") == {"Amina", "Ngozi"}
        assert WHY in text_of(visit("Amina", made, "readers/"))
        assert WHY not in str(list(Read.objects.values()))
        drain()
        assert WHY not in "".join(letter.body + letter.subject for letter in mail.outbox)


class TestTheWatch:
    def test_shows_every_reading_and_no_word_of_a_case(self):
        made = stories.a_taken_request()
        visit("Bruno", made)
        uncover(request_id=made.pk, purpose="SAFETY", reason=WHY, **by("Marie"))

        page = text_of(signed_in("Ngozi").get("/privacy/"))

        assert made.reference in page
        assert "Bruno" in page
        assert "safety of a person" in page
        assert WHY not in page
        assert SITUATION not in page

    def test_asks_as_many_questions_for_fifty_rows_as_for_one(self):
        made = stories.a_taken_request()
        counted = []
        for rounds in (1, 49):
            for _ in range(rounds):
                reads.read(person("Bruno"), "record", made.reference)
            client = signed_in("Ngozi")
            with CaptureQueriesContext(connection) as asked:
                client.get("/privacy/")
            counted.append(len(asked))

        assert counted[0] == counted[1] <= 15

    def test_names_who_opens_more_than_fifty_requests_a_day(self):
        for number in range(51):
            reads.read(person("Bruno"), "record", f"GAF-2026-{number:05}")
            reads.read(person("Amina"), "record", "GAF-2026-00001")

        assert busiest_today() == [("Bruno", 51)]

    def test_does_not_count_what_somebody_was_turned_away_from(self):
        for number in range(51):
            at = clock.now()
            Read.objects.create(
                person=person("Rima"), page="record", reference=f"GAF-2026-{number:05}", refused=True, at=at
            )

        assert busiest_today() == []


class TestACanaryCase:
    @pytest.fixture
    def canary(self):
        people("Ngozi")
        made = stories.a_draft(author="Rima", code="LB")
        set_canary(reference=made.reference, actor=person("Ngozi"), at=clock.now())
        return made

    @pytest.mark.parametrize(("name", "is_refused"), [("Rima", False), ("Amina", True), ("Tunde", True)])
    def test_rings_when_it_is_read_and_when_somebody_is_turned_away(self, canary, name, is_refused):
        visit(name, canary)

        assert ring_for_canaries() == [canary.reference]
        assert [(alarm.read.person.name, alarm.read.refused) for alarm in Alarm.objects.all()] == [(name, is_refused)]
        assert stories.told("canary_read") == {"Ngozi"}

    def test_rings_once_for_each_reading(self, canary):
        visit("Rima", canary)

        assert (len(ring_for_canaries()), len(ring_for_canaries())) == (1, 0)
        visit("Rima", canary)
        assert len(ring_for_canaries()) == 1

    def test_stays_silent_for_every_other_request(self, canary):
        visit("Amina", stories.a_draft())

        assert ring_for_canaries() == []

    def test_is_set_by_the_focal_point_on_its_page(self):
        people("Ngozi")
        made = stories.a_draft()
        client = signed_in("Ngozi")

        assert client.post("/privacy/canary/?save=1", {"reference": "GAF-2026-99999"}).status_code == 422
        assert client.post("/privacy/canary/?save=1", {"reference": made.reference}).status_code == 302
        visit("Amina", made)
        assert ring_for_canaries() == [made.reference]

    def test_is_set_by_nobody_else(self):
        made = stories.a_draft()

        with refused("READ-05"):
            set_canary(reference=made.reference, actor=person("Helena"), at=clock.now())
