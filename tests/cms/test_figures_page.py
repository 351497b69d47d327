"""The public page of figures: what two people published, and nothing an editor could write."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from cms.content import load_content
from cms.models import FiguresPage
from gaf import clock
from tests import stories
from tests.cast import person
from tests.stories import by
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.actions.tables import propose_table, publish_table
from workflow.models import Person

PAGE = "/en/what-the-fund-does/"
AFTER_THE_YEAR = datetime(2027, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def page(house) -> None:  # noqa: F811
    """The pages as they are first published."""
    load_content(person("Farid"), clock.now())


@pytest.mark.usefixtures("page")
class TestThePageOfFigures:
    def test_says_when_there_is_no_table_yet(self):
        shown = Client().get(PAGE).content.decode()

        assert "No table has been published yet." in shown
        assert "iati-" not in shown

    def test_shows_a_published_table_and_no_proposed_one(self):
        made = stories.a_closed_request()
        for _number in range(20):
            Person.objects.create(assistance=made, sex="F", age_band="25-39", nationality="GIN")
        with clock.at(AFTER_THE_YEAR):
            days = {"first_day": date(2026, 10, 1), "last_day": date(2026, 12, 31)}
            table = propose_table(for_whom="PUBLIC", dimensions=["sex"], **days, **by("Nadia"))
            before = Client().get(PAGE).content.decode()
            publish_table(table_id=table.pk, **by("Helena"))
            after = Client().get(PAGE).content.decode()

        assert table.key not in before
        assert table.key in after
        assert "Female" in after

    def test_gives_a_year_that_is_over_as_a_file(self):
        with clock.at(AFTER_THE_YEAR):
            assert "iati-2026/" in Client().get(PAGE).content.decode()
            answer = Client().get(f"{PAGE}iati-2026/")

        assert answer["Content-Type"] == "application/xml"
        assert b"XM-DAC-47066-GAF-2026" in answer.content

    @pytest.mark.parametrize("year", [2025, 2026, 2027])
    def test_gives_no_year_that_is_not_over_or_had_no_money(self, year):
        assert Client().get(f"{PAGE}iati-{year}/").status_code == 404

    def test_is_there_once_in_each_language(self):
        assert load_content(person("Farid"), clock.now()) == 0
        assert {page.locale.language_code for page in FiguresPage.objects.all()} == {"en", "fr", "es"}
        assert FiguresPage.objects.count() == 3
