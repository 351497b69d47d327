"""Guidance beside a form: the page that belongs to it, in the reader's language, until an editor takes it away."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page, Revision

from cms.models import GuidancePage
from gaf import clock
from gaf.accounts.models import User
from gaf.guidance import help_in
from tests.cms.test_second_reading import read

pytestmark = pytest.mark.django_db
BEFORE = import_module("cms.migrations.0004_the_one_tree_is_the_english_one")


@pytest.fixture
def complaints(few_pages: None) -> GuidancePage:
    return GuidancePage.objects.get(slug="complaints")


@pytest.fixture
def beside_new_requests(complaints: GuidancePage, farid: User, leila: User) -> GuidancePage:
    """A page that an editor put beside the first question, and another one published."""
    complaints.belongs_to = "START"
    complaints.save_revision(user=farid)
    read(complaints, leila)
    return complaints


class TestAPageThatBelongsToAForm:
    def test_stands_beside_it_in_a_line(self, beside_new_requests, client: Client, amina: User) -> None:
        client.force_login(amina)

        page = client.get("/requests/new/").content.decode()

        assert f'<p>Guidance: <span><a href="/en/complaints/">{beside_new_requests.title}</a></span></p>' in page

    def test_stands_there_in_english_and_says_so_where_it_is_not_translated(
        self, beside_new_requests, client: Client, amina: User
    ) -> None:
        amina.language = "fr"
        amina.save(update_fields=["language"])
        client.force_login(amina)

        page = client.get("/requests/new/").content.decode()

        assert f'<span lang="en"><a href="/fr/complaints/">{beside_new_requests.title}</a>' in page

    def test_is_gone_with_the_page(self, beside_new_requests, client: Client, amina: User) -> None:
        beside_new_requests.refresh_from_db()
        beside_new_requests.unpublish()
        client.force_login(amina)

        page = client.get("/requests/new/")

        assert page.status_code == 200
        assert beside_new_requests.title not in page.content.decode()

    def test_is_asked_for_once_in_some_minutes(self, beside_new_requests) -> None:
        with CaptureQueriesContext(connection) as first:
            found = help_in("en")
        with CaptureQueriesContext(connection) as second:
            again = help_in("en")

        assert [one.title for one in found["START"]] == [beside_new_requests.title]
        assert again == found
        assert len(first) <= 2
        assert len(second) == 0


class TestAnInstallationWithOneTree:
    """Its pages were written before there were languages."""

    @pytest.fixture
    def of_no_language(self, complaints: GuidancePage, farid: User) -> GuidancePage:
        other = Locale.objects.create(language_code="de")
        for revision in Revision.page_revisions.all():
            revision.content["locale"] = other.pk
            revision.save(update_fields=["content"])
        Page.objects.filter(depth__gt=1).update(locale=other)
        return complaints

    def test_has_the_english_tree_afterwards_with_every_version(self, of_no_language: GuidancePage) -> None:
        versions = Revision.page_revisions.count()

        BEFORE.make_it_the_english_tree(apps, None)

        english = Locale.objects.get(language_code="en")
        assert set(Page.objects.filter(depth__gt=1).values_list("locale_id", flat=True)) == {english.pk}
        assert {one.content["locale"] for one in Revision.page_revisions.all()} == {english.pk}
        assert Revision.page_revisions.count() == versions
        assert set(Locale.objects.values_list("language_code", flat=True)) >= {"en", "fr", "es"}

    def test_has_nothing_on_the_timetable_that_one_person_alone_read(self, complaints: GuidancePage) -> None:
        Revision.page_revisions.update(approved_go_live_at=clock.now())

        BEFORE.take_what_nobody_read_off_the_timetable(apps, None)

        assert not Revision.page_revisions.filter(approved_go_live_at__isnull=False).exists()
