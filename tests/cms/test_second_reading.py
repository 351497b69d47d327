"""Nothing goes out that one person alone has read; the desk says what waits and how far criteria are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from wagtail.models import Locale, Page, Revision

from cms.desk import BEGUN, MISSING, OLDER, SAME, awaiting_second_reader, criteria_checklist, to_translate
from cms.models import CriteriaPage, CriterionTranslation, GuidancePage, SecondReading
from cms.second_reading import read_and_publish
from cms.translating import begin_translation
from gaf.accounts.models import User
from gaf.outbox.sweeps import sweep_everything
from gaf.refusals import NotPermitted, Refusal

NOVEMBER = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("few_pages")


@pytest.fixture
def complaints() -> GuidancePage:
    return GuidancePage.objects.get(slug="complaints")


def drafted(page: Any, writer: User, summary: str = "Written anew.") -> Revision:
    page.summary = summary
    return page.save_revision(user=writer)


def read(page: Page, reader: User, follows: Revision | None = None) -> Page:
    newest = Page.objects.get(pk=page.pk).latest_revision_id
    return read_and_publish(
        page_id=page.pk, revision_id=newest, follows_id=follows.pk if follows else None, reader=reader
    )


def french(page: Page, editor: User) -> Any:
    """A translation that stands below the French start page, which is begun first."""
    Locale.objects.get_or_create(language_code="fr")
    for above in [*page.get_ancestors().filter(depth__gt=1), page]:
        made = begin_translation(page_id=above.pk, language="fr", editor=editor)
    return made.specific


class TestASecondReader:
    def test_publishes_what_another_person_wrote(self, complaints: GuidancePage, farid: User, leila: User) -> None:
        revision = drafted(complaints, farid)
        read(complaints, leila)
        assert GuidancePage.objects.get().summary == "Written anew."
        kept = SecondReading.objects.get(revision=revision)
        assert (kept.writer, kept.reader, kept.follows) == (farid, leila, None)

    def test_is_not_the_writer(self, complaints: GuidancePage, farid: User) -> None:
        drafted(complaints, farid)
        with pytest.raises(NotPermitted, match="GUIDE-02"):
            read(complaints, farid)
        self._nothing_went_out(complaints)

    def test_is_an_editor(self, complaints: GuidancePage, farid: User, amina: User) -> None:
        drafted(complaints, farid)
        with pytest.raises(NotPermitted, match="ROLE-02"):
            read(complaints, amina)
        self._nothing_went_out(complaints)

    def test_reads_the_newest_version(self, complaints: GuidancePage, farid: User, leila: User) -> None:
        seen = drafted(complaints, farid)
        drafted(complaints, farid, "Written on.")
        with pytest.raises(Refusal, match="GUIDE-03"):
            read_and_publish(page_id=complaints.pk, revision_id=seen.pk, follows_id=None, reader=leila)
        self._nothing_went_out(complaints)

    def test_names_an_english_text_that_there_is(self, complaints: GuidancePage, farid: User, leila: User) -> None:
        translated = french(complaints, farid)
        drafted(translated, farid)
        other = CriteriaPage.objects.get().latest_revision
        with pytest.raises(Refusal, match="GUIDE-04"):
            read(translated, leila, other)
        assert not Page.objects.get(pk=translated.pk).live

    def test_is_asked_for_by_every_way_of_publishing(self, complaints: GuidancePage, farid: User) -> None:
        with pytest.raises(Refusal, match="GUIDE-01"):
            drafted(complaints, farid).publish(user=farid)
        self._nothing_went_out(complaints)

    def test_is_asked_for_by_the_timetable(self, complaints: GuidancePage, farid: User) -> None:
        complaints.go_live_at = NOVEMBER
        with time_machine.travel(NOVEMBER - timedelta(days=3), tick=False):
            revision = drafted(complaints, farid)
            with pytest.raises(Refusal, match="GUIDE-01"):
                revision.publish(user=farid)
        assert Revision.objects.get(pk=revision.pk).approved_go_live_at is None

    @pytest.mark.both
    def test_is_another_person_in_the_database_too(self, complaints: GuidancePage, farid: User, leila: User) -> None:
        drafted(complaints, farid)
        read(complaints, leila)
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondReading.objects.update(reader=farid, writer=farid)

    def _nothing_went_out(self, page: GuidancePage) -> None:
        assert GuidancePage.objects.get(pk=page.pk).summary != "Written anew."
        assert not SecondReading.objects.filter(page=page, writer__email="farid@gaf.example").exists()


class TestATranslationOnTheTimetable:
    def test_goes_out_on_its_own_day(self, complaints: GuidancePage, farid: User, leila: User, system: User) -> None:
        read(french(complaints, farid).get_parent(), leila)
        translated = french(complaints, farid)
        translated.go_live_at = NOVEMBER
        with time_machine.travel(NOVEMBER - timedelta(days=3), tick=False):
            drafted(translated, farid, "En français.")
            read(translated, leila, complaints.latest_revision)
            sweep_everything()
            assert not Page.objects.get(pk=translated.pk).live
        with time_machine.travel(NOVEMBER + timedelta(minutes=1), tick=False):
            sweep_everything()
        assert GuidancePage.objects.get(pk=translated.pk).live


class TestWhatIsToTranslate:
    def _french(self, page: Page) -> str:
        return next((row.languages[0].standing for row in to_translate() if row.page.pk == page.pk), SAME)

    def test_is_missing_then_begun_then_the_same_then_older(
        self, complaints: GuidancePage, farid: User, leila: User
    ) -> None:
        assert self._french(complaints) == MISSING
        translated = french(complaints, farid)
        assert self._french(complaints) == BEGUN
        drafted(translated, farid, "En français.")
        read(translated, leila, complaints.latest_revision)
        assert self._french(complaints) == SAME
        drafted(complaints, farid)
        read(complaints, leila)
        assert self._french(complaints) == OLDER

    def test_stays_older_when_the_reader_says_so(self, complaints: GuidancePage, farid: User, leila: User) -> None:
        translated = french(complaints, farid)
        drafted(translated, farid, "En français.")
        read(translated, leila, None)
        assert self._french(complaints) == OLDER

    def test_is_begun_once(self, complaints: GuidancePage, farid: User) -> None:
        assert french(complaints, farid) == french(complaints, farid)

    def test_is_begun_below_a_page_that_is_translated(self, complaints: GuidancePage, farid: User) -> None:
        Locale.objects.get_or_create(language_code="fr")
        with pytest.raises(Refusal, match="GUIDE-05"):
            begin_translation(page_id=complaints.pk, language="fr", editor=farid)
        assert GuidancePage.objects.count() == 1

    def test_is_begun_by_editors(self, complaints: GuidancePage, amina: User) -> None:
        with pytest.raises(NotPermitted, match="ROLE-02"):
            begin_translation(page_id=complaints.pk, language="fr", editor=amina)
        assert GuidancePage.objects.count() == 1


class TestTheChecklistOfTheCriteria:
    def _done(self, person: User) -> list[bool]:
        checklist = criteria_checklist(person)
        assert checklist is not None
        return [step.is_done for step in checklist.steps]

    def test_goes_from_the_draft_by_french_and_spanish_and_the_second_reader_to_the_day(
        self, farid: User, leila: User
    ) -> None:
        page = CriteriaPage.objects.get()
        page.criteria[0].value["question"] = "Is the need tied to migration?"
        draft = page.save_revision(user=farid)
        assert self._done(farid) == [True, False, False, False, False]
        translated = french(page, farid)
        translated.criteria[0].value["question"] = "Le besoin est-il lié à la migration ?"
        translated.save_revision(user=farid)
        read(translated, leila, draft)
        assert self._done(farid) == [True, True, False, False, False]
        assert not CriterionTranslation.objects.filter(set_number=2).exists()
        read(page, leila)
        assert self._done(farid) == [True, True, False, True, True]
        said = CriterionTranslation.objects.get(set_number=2, language="fr", code=page.criteria[0].value["code"])
        assert said.question == "Le besoin est-il lié à la migration ?"


class TestTheDesk:
    @pytest.fixture
    def desk(self, client: Client, leila: User) -> Client:
        client.force_login(leila)
        return client

    def test_lists_drafts_for_a_second_reader(self, desk: Client, complaints: GuidancePage, farid: User) -> None:
        drafted(complaints, farid)
        html = desk.get("/cms/").content.decode()
        assert f"/cms/second-reading/{complaints.pk}/" in html
        assert "Waiting for a second reader" in html
        assert "Publishing the criteria" in html
        assert "missing: begin it" in html
        assert "0 open requests keep the version they came under" in html

    def test_says_when_nothing_waits(self, desk: Client, leila: User) -> None:
        assert awaiting_second_reader(leila) == []
        assert "Nothing waits." in desk.get("/cms/").content.decode()

    def test_shows_what_to_read_and_publishes_it(self, desk: Client, complaints: GuidancePage, farid: User) -> None:
        revision = drafted(complaints, farid)
        html = desk.get(f"/cms/second-reading/{complaints.pk}/").content.decode()
        assert "Written by Farid" in html
        assert "I read it: publish it" in html
        answer = desk.post(f"/cms/second-reading/{complaints.pk}/", {"revision": revision.pk})
        assert answer.headers["Location"] == "/cms/"
        assert "Written anew." in desk.get("/en/complaints/").content.decode()

    def test_gives_the_writer_no_button(self, client: Client, complaints: GuidancePage, farid: User) -> None:
        drafted(complaints, farid)
        client.force_login(farid)
        html = client.get(f"/cms/second-reading/{complaints.pk}/").content.decode()
        assert "Another editor reads it and publishes it." in html
        assert "I read it: publish it" not in html

    def test_says_of_criteria_how_many_open_requests_keep_theirs(self, desk: Client, farid: User) -> None:
        page = CriteriaPage.objects.get()
        page.save_revision(user=farid)
        html = desk.get(f"/cms/second-reading/{page.pk}/").content.decode()
        assert "0 open requests keep the version they came under; version 1 is in force now." in html

    def test_asks_what_a_translation_follows(self, desk: Client, complaints: GuidancePage, farid: User) -> None:
        translated = french(complaints, farid)
        html = desk.get(f"/cms/second-reading/{translated.pk}/").content.decode()
        assert "What does this translation say the same as?" in html
        assert f'value="{complaints.live_revision_id}"' in html

    def test_begins_a_translation_and_opens_it(self, desk: Client, leila: User) -> None:
        Locale.objects.get_or_create(language_code="fr")
        home = Page.objects.get(depth=2, locale__language_code="en")
        assert "Begin the translation" in desk.get(f"/cms/translate/{home.pk}/fr/").content.decode()
        assert Page.objects.filter(depth=2).count() == 1
        answer = desk.post(f"/cms/translate/{home.pk}/fr/")
        made = Page.objects.get(depth=2, locale__language_code="fr")
        assert answer.headers["Location"] == f"/cms/pages/{made.pk}/edit/"
        assert desk.get(answer.headers["Location"]).status_code == 200
        assert (made.live, made.latest_revision.user) == (False, leila)

    @pytest.mark.parametrize("address", ["/cms/second-reading/1/", "/cms/translate/1/fr/"])
    def test_is_not_there_for_a_case_worker(self, client: Client, amina: User, address: str) -> None:
        client.force_login(amina)
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
