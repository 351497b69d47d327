"""References are given out in order: trying them is slowed down (T09), and an answer's work tells nothing (T10)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.outbox.outbox import drain
from gaf.privacy.alarms import ring_for_canaries
from gaf.privacy.guessing import MOST, WITHIN
from gaf.privacy.models import Guessing, Read
from gaf.privacy.watching import set_canary
from tests import stories
from tests.cast import people, person
from tests.stories import by
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.actions.privacy import restrict

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
NEVER_WAS = "GAF-2026-90000"


def unknown(number: int) -> str:
    return f"/requests/GAF-2026-{90_000 + number}/"


def guess(client: Client, tries: int, first: int = 0) -> list[int]:
    """What so many different references that never were are answered with."""
    return [client.get(unknown(first + number)).status_code for number in range(tries)]


class TestGuessingReferences:
    def test_t09_is_not_there_a_few_times_and_then_has_to_wait(self):
        client = signed_in("Rima")

        assert guess(client, MOST + 5) == [404] * (MOST - 1) + [429] * 6

    def test_t09_counts_what_is_another_missions_like_what_never_was(self):
        theirs = [stories.a_draft().reference for _ in range(3)]
        client = signed_in("Rima")
        guess(client, MOST - 3)

        assert [client.get(f"/requests/{one}/").status_code for one in theirs] == [404, 404, 429]

    def test_t09_counts_numbers_of_disbursements_as_well(self):
        client = signed_in("Nour")

        answers = [client.get(f"/disbursements/P-2026-{number:05}/").status_code for number in range(MOST)]

        assert answers == [404] * (MOST - 1) + [429]

    def test_t09_waits_with_every_reference_whether_it_is_there_or_not(self):
        own, theirs = stories.a_draft(author="Rima", code="LB"), stories.a_draft()
        client = signed_in("Rima")
        guess(client, MOST)
        kept = Read.objects.count()

        paths = [own.reference, theirs.reference, NEVER_WAS]
        answers = [client.get(f"/requests/{one}/") for one in paths]

        assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(429, "600")] * 3
        assert len({text_of(one) for one in answers}) == 1
        assert client.post(f"/requests/{own.reference}/submit/?save=1", {}).status_code == 429
        assert stories.now(own).state == "DRAFT"
        assert Read.objects.count() == kept + 4
        assert set(Read.objects.order_by("-pk").values_list("refused", flat=True)[:4]) == {True}

    def test_t09_rings_for_a_canary_while_it_waits(self):
        people("Ngozi")
        canary = stories.a_draft()
        set_canary(reference=canary.reference, actor=person("Ngozi"), at=clock.now())
        client = signed_in("Rima")
        guess(client, MOST)
        assert ring_for_canaries() == []

        assert client.get(f"/requests/{canary.reference}/").status_code == 429
        assert ring_for_canaries() == [canary.reference]

    def test_t09_waits_no_page_that_asks_for_no_reference(self):
        client = signed_in("Rima")
        guess(client, MOST)

        assert [client.get(page).status_code for page in ("/desk/", "/requests/", "/notices/")] == [200] * 3

    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", "Too many references"), ("fr", "Trop de références"), ("es", "Demasiadas referencias")],
    )
    def test_t09_is_told_in_the_readers_language(self, language, words):
        client = signed_in("Rima")
        who = person("Rima")
        who.language = language
        who.save()
        guess(client, MOST)

        page = text_of(client.get(unknown(0)))

        assert words in page
        assert "10 minutes" in page or "10 minutos" in page

    def test_t09_ends_after_a_while(self):
        own = stories.a_draft(author="Rima", code="LB")
        client = signed_in("Rima")
        guess(client, MOST)

        with clock.at(clock.now() + WITHIN + timedelta(seconds=1)):
            assert client.get(f"/requests/{own.reference}/").status_code == 200
            assert guess(client, 2, first=500) == [404, 404]

    def test_t09_is_not_forgotten_by_another_browser(self):
        guess(signed_in("Rima"), MOST)

        assert guess(signed_in("Rima"), 2, first=500) == [429, 429]

    def test_t09_slows_nobody_else_down(self):
        guess(signed_in("Rima"), MOST)

        assert guess(signed_in("Fadi"), 1) == [404]

    def test_t09_tells_the_focal_point_once_and_names_who_on_their_page(self):
        people("Ngozi")
        guess(signed_in("Rima"), MOST)
        guess(signed_in("Rima"), 3, first=500)
        drain()

        assert stories.told("references_guessed") == {"Ngozi"}
        assert len([one for one in mail.outbox if one.subject == "Somebody guesses references"]) == 1
        assert Guessing.objects.get().read.person == person("Rima")
        page = text_of(signed_in("Ngozi").get("/privacy/"))
        assert re.search(r"References were guessed\s+Rima,", page)

    def test_t09_is_kept_for_good(self):
        guess(signed_in("Rima"), MOST)

        for change in (lambda: Guessing.objects.update(until=clock.now()), lambda: Guessing.objects.all().delete()):
            with pytest.raises(DatabaseError, match="READ-01"), transaction.atomic():
                change()


class TestAnHonestReader:
    def test_t09_who_opens_one_old_link_again_and_again_is_not_slowed_down(self):
        client = signed_in("Rima")

        assert {client.get(unknown(0)).status_code for _ in range(MOST * 2)} == {404}

    def test_t09_who_mistypes_now_and_then_is_not_slowed_down(self):
        client, answers, hour = signed_in("Rima"), [], clock.now()
        for number in range(MOST * 2):
            with clock.at(hour + number * (WITHIN / (MOST - 2))):
                answers += guess(client, 1, first=number)

        assert set(answers) == {404}
        assert not Guessing.objects.exists()

    def test_t09_costs_no_statement_on_a_page_that_is_there(self):
        own = stories.a_draft(author="Rima", code="LB")
        client = signed_in("Rima")
        client.get(f"/requests/{own.reference}/")

        with CaptureQueriesContext(connection) as asked:
            client.get(f"/requests/{own.reference}/")

        kept = re.compile('privacy_guessing|INTO "privacy_|DISTINCT "privacy_read')
        told = [one["sql"] for one in asked.captured_queries if kept.search(one["sql"])]
        assert [sql.split(" (")[0] for sql in told] == ['INSERT INTO "privacy_read"']


class TestTheWorkOfAnAnswer:
    @pytest.mark.parametrize("page", ["", "history/", "timeline/", "documents/", "submit/", "approval/"])
    @pytest.mark.parametrize("name", ["Rima", "Ines"])
    def test_t10_is_the_same_for_what_is_not_theirs_and_what_never_was(self, name, page):
        people("Amina", "Idriss")
        theirs, strict = stories.a_draft(), stories.a_taken_request()
        restrict(request_id=strict.pk, **by("Idriss"))
        client = signed_in(name)
        client.get(f"/requests/{NEVER_WAS}/{page}")

        seen = {}
        for reference in (theirs.reference, strict.reference, NEVER_WAS):
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(f"/requests/{reference}/{page}")
            body = TOKEN.sub(b"", answer.content.replace(reference.encode(), b""))
            seen[reference] = (answer.status_code, len(asked), body, sorted(answer.headers.items()))

        assert {one[0] for one in seen.values()} == {404}
        assert seen[theirs.reference] == seen[strict.reference] == seen[NEVER_WAS]
