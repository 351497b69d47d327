"""The fund's year as an IATI file: its sums are the ledger's, and nobody can be seen in it."""

from __future__ import annotations

import io
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Sum
from lxml import etree

from finance import postings
from finance.models import JournalLine, Receipt
from gaf import clock
from gaf.accounts.models import MissionRegion, Region
from gaf.money import Money
from tests import stories
from workflow.iati.activities import iati_file
from workflow.iati.year import RegionsYear, _wide_enough, funds_year, last_quarter_end
from workflow.models import AssistanceRequest, Person

_PLACES = [Path(place) for place in (os.environ.get("GAF_SHARED_DATA", ""),) if place]
_PLACES.append(Path(settings.BASE_DIR).parent / "shared" / "data")
SCHEMA = next((found for place in _PLACES if (found := place / "iati/iati-activities-schema.xsd").exists()), None)
AFTER_THE_YEAR = date(2027, 1, 15)


@pytest.fixture
def paid(house: None) -> AssistanceRequest:
    """One request of Niger that was paid; Niger lies in West and Central Africa."""
    west = Region.objects.create(code="RO-WCA", name="West and Central Africa", valid_from=date(2020, 1, 1))
    made = stories.an_implementing_request()
    MissionRegion.objects.create(mission=made.mission, region=west, valid_from=west.valid_from)
    return made


def many_persons(assistance: AssistanceRequest, count: int) -> None:
    for _number in range(count):
        Person.objects.create(assistance=assistance, sex="F", age_band="12-14", nationality="GIN")


def told(year: int = 2026, today: date = AFTER_THE_YEAR) -> etree._Element:
    return etree.fromstring(iati_file(funds_year(year, today)))


def sums(root: etree._Element, sort: str) -> Decimal:
    found = root.xpath(f"//transaction[transaction-type/@code='{sort}']/value")
    return sum((Decimal(one.text) for one in found), Decimal(0))


def ledger_spent() -> Decimal:
    lines = JournalLine.objects.filter(account__code=postings.SPENT).aggregate(sum=Sum("minor"))["sum"] or 0
    return -Decimal(lines) / 100


class TestItsSums:
    def test_are_what_the_ledger_says_was_spent(self, paid):
        assert ledger_spent() > 0
        assert sums(told(), "4") == ledger_spent()

    def test_are_the_same_when_a_region_is_told_of_by_itself(self, paid):
        many_persons(paid, 20)

        root = told()

        assert root.xpath("//iati-activity[@hierarchy='2']")
        assert sums(root, "4") == ledger_spent()

    def test_say_what_donors_gave(self, paid):
        given = Receipt.objects.aggregate(sum=Sum("usd_minor"))["sum"]

        assert sums(told(), "1") == Decimal(given) / 100

    def test_leave_out_the_quarter_that_is_not_over(self, paid):
        root = told(today=date(2026, 12, 20))

        assert sums(root, "4") == 0
        assert root.xpath("//activity-status/@code")[0] == "2"

    def test_leave_out_another_year(self, paid):
        assert sums(told(2025), "4") == 0


class TestARegion:
    def test_with_few_people_is_not_named(self, paid):
        root = told()

        assert root.xpath("//iati-activity/@hierarchy") == ["1"]
        assert b"RO-WCA" not in iati_file(funds_year(2026, AFTER_THE_YEAR))

    def test_with_enough_people_is_an_activity_below_the_fund(self, paid):
        many_persons(paid, 20)

        root = told()

        [below] = root.xpath("//iati-activity[@hierarchy='2']")
        assert below.xpath("recipient-region/@code") == ["RO-WCA"]
        assert below.xpath("related-activity/@ref") == ["XM-DAC-47066-GAF-2026"]
        assert {"10.7", "16.2"} <= set(below.xpath("tag/@code"))

    def test_is_named_only_when_the_year_is_over(self, paid):
        many_persons(paid, 20)

        regions = funds_year(2026, date(2026, 12, 20)).regions + funds_year(2026, date(2027, 1, 1)).regions

        assert [one.code for one in regions] == ["RO-WCA"]

    def test_alone_among_the_small_takes_the_next_one_along(self, house):
        few, more, most = (
            RegionsYear(code, code, Money(1000 * n, "USD"), n)
            for code, n in (("RO-AP", 3), ("RO-AM", 40), ("RO-SA", 90))
        )

        apart = _wide_enough([few, more, most])

        assert [one.code for one in apart] == ["RO-SA", ""]
        assert apart[1].persons == 43
        assert apart[1].spent == Money(43_000, "USD")

    def test_stays_by_itself_where_all_are_wide(self, house):
        wide = [RegionsYear(code, code, Money(100, "USD"), 30) for code in ("RO-AP", "RO-SA")]

        assert _wide_enough(wide) == wide


class TestTheFile:
    def test_names_no_request_no_country_and_no_person(self, paid):
        many_persons(paid, 20)

        text = iati_file(funds_year(2026, AFTER_THE_YEAR)).decode()

        for hidden in (paid.reference, "Niger", ">NE<", "GIN", *paid.persons.values_list("key", flat=True)):
            assert hidden not in text

    def test_speaks_three_languages(self, paid):
        assert told().xpath("//title/narrative/@xml:lang") == ["en", "fr", "es"]

    def test_says_when_it_was_made(self, paid):
        with clock.at(datetime(2027, 1, 20, 8, tzinfo=UTC)):
            assert told().get("generated-datetime") == "2027-01-20T08:00:00Z"

    @pytest.mark.skipif(SCHEMA is None, reason="the schema of IATI 2.03 is not here")
    @pytest.mark.parametrize("persons", [0, 20])
    def test_is_valid_against_the_schema(self, paid, persons):
        many_persons(paid, persons)

        schema = etree.XMLSchema(etree.parse(str(SCHEMA)))

        assert schema.validate(told()), schema.error_log

    def test_comes_from_a_command(self, paid):
        out = io.StringIO()

        call_command("export_iati", "2026", stdout=out)

        assert etree.fromstring(out.getvalue().encode()).get("version") == "2.03"


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 3, 31)),
        (date(2026, 12, 31), date(2026, 9, 30)),
    ],
)
def test_a_quarter_is_told_of_when_it_is_over(today, end):
    assert last_quarter_end(today) == end
