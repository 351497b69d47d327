"""How long the money lasts: the pace from the ledger, the stream that ends first bearing first, and what if."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from lxml import html

from finance.models import FundingStream
from finance.runway import Forecast, Pace, Week, forecast, pace_of, past_weeks
from finance.standing import Standing, standings
from gaf import clock
from gaf.money import Money
from tests.finance.builders import Fund, usd
from tests.finance.pages.visits import Reported, Visit, words

MONDAY = date(2026, 11, 2)


def standing(free: str, ends_on: date | None = None, code: str = "A") -> Standing:
    """A stream with so much free that ends then."""
    nothing = usd("0.00")
    return Standing(
        stream=FundingStream(code=code, name=code, ends_on=ends_on),
        pledged=nothing,
        agreed=nothing,
        received=nothing,
        committed=nothing,
        spent=nothing,
        free=usd(free),
        days_left=(ends_on - MONDAY).days if ends_on else None,
        pays_until=None,
    )


class TestTheForecast:
    def test_ends_on_the_day_the_money_is_gone(self):
        seen = forecast([standing("250.00")], MONDAY, usd("100.00"))
        assert [str(money) for _monday, money in seen.weeks] == ["USD 250.00", "USD 150.00", "USD 50.00", "USD 0.00"]
        assert seen.ends_on == MONDAY + timedelta(days=17)  # two weeks, and half of the third

    def test_takes_from_the_stream_that_ends_first_and_loses_what_it_has_left(self):
        ends = standing("250.00", MONDAY + timedelta(days=10), "B")
        seen = forecast([standing("100.00"), ends], MONDAY, usd("100.00"))
        assert [str(money) for _monday, money in seen.weeks[:3]] == ["USD 350.00", "USD 250.00", "USD 100.00"]
        assert (seen.falls_away, seen.ends_on) == (usd("50.00"), MONDAY + timedelta(days=21))

    def test_leaves_out_what_ended_before(self):
        ended = standing("900.00", MONDAY - timedelta(days=1))
        assert forecast([ended, standing("100.00")], MONDAY, usd("100.00")).weeks[0] == (MONDAY, usd("100.00"))

    def test_counts_money_that_would_come(self):
        seen = forecast([standing("100.00")], MONDAY, usd("100.00"), usd("100.00"))
        assert seen.ends_on == MONDAY + timedelta(days=14)

    def test_has_no_end_where_nothing_is_given_out(self):
        assert forecast([standing("100.00")], MONDAY, usd("0.00")).ends_on is None

    @pytest.mark.parametrize("streams", [[], [standing("0.00")], [standing("-5.00")]])
    def test_of_an_empty_fund_ends_today(self, streams):
        assert forecast(streams, MONDAY, usd("100.00")) == Forecast(
            [(MONDAY, usd("0.00")), (MONDAY + timedelta(days=7), usd("0.00"))], MONDAY, usd("0.00")
        )


class TestThePace:
    def test_is_the_mean_of_whole_weeks_with_the_quietest_and_the_busiest_four(self):
        given = [0, 0, 0, 0, 400, 400, 400, 400, 999_999]  # the present week does not count
        weeks = [Week(MONDAY, Money(0, "USD"), Money(minor, "USD")) for minor in given]
        assert pace_of(weeks) == Pace(Money(200, "USD"), Money(0, "USD"), Money(400, "USD"), 8)

    def test_looks_further_back_where_the_last_weeks_gave_nothing(self):
        given = [1300, *([0] * 12), -100, 0]
        weeks = [Week(MONDAY, Money(0, "USD"), Money(minor, "USD")) for minor in given]
        assert (pace_of(weeks).usual, pace_of(weeks).weeks) == (Money(86, "USD"), 14)

    def test_is_none_in_the_first_week(self):
        assert pace_of([]).usual == Money(0, "USD")

    def test_comes_from_the_ledger_without_receipts(self, fund: Fund, reported: Reported):
        free = standings(FundingStream.objects.all(), clock.today())
        weeks = past_weeks(clock.today(), free[0].free)
        assert weeks[-1].free == free[0].free == usd("9000.00")
        assert sum(week.given.minor for week in weeks) == 100_000  # what was committed; not the 10,000 received
        assert weeks[0].monday.weekday() == 0


class TestThePage:
    def test_says_the_day_and_the_table_says_what_the_picture_says(self, fund: Fund, reported: Reported):
        with clock.at(clock.now() + timedelta(days=28)):
            page = Visit.of(fund.helena).get("/fund/runway/")
        tree = html.fromstring(page.content)
        bars, rows = tree.xpath("//figure//svg/rect[@y]"), tree.xpath("//figure//tbody/tr")
        assert len(bars) == len(rows) > 5
        assert "At this pace the free money lasts until about" in words(page)
        assert "USD 9,000.00" in words(page)

    def test_tells_what_if(self, fund: Fund, reported: Reported):
        visit = Visit.of(fund.helena)
        with clock.at(clock.now() + timedelta(days=28)):
            as_it_is = words(visit.get("/fund/runway/"))
            twice = words(visit.get("/fund/runway/?pace=200&more=1000"))
        assert as_it_is.split("lasts until about")[1] != twice.split("lasts until about")[1]

    @pytest.mark.parametrize("asked", ["pace=0", "pace=501", "pace=x", "more=-1", "more=a", "more=1e9"])
    def test_says_what_is_wrong_with_a_question(self, fund: Fund, reported: Reported, asked):
        page = Visit.of(fund.helena).get(f"/fund/runway/?{asked}")
        assert page.status_code == 422
        assert "There is a problem" in words(page)

    def test_of_a_new_fund_says_so(self, fund: Fund):
        page = Visit.of(fund.helena).get("/fund/runway/")
        assert page.status_code == 200
