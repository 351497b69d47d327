"""A published list of rates is taken whole or not at all, by two people, and changes nothing that was booked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from finance.actions.rate_lists import approve_rates, discard_rates, import_rates, missing_from
from finance.models import ExchangeRate, Journal, RateList
from finance.queries import rate_on
from finance.rate_lists import WrongList, read_list
from gaf import clock
from gaf.money import Money
from gaf.refusals import NotPermitted, Refusal
from tests.finance.builders import Fund, everything

pytestmark = [pytest.mark.both, pytest.mark.django_db]
HEAD = "Country,Currency,Code,Effective date,Operational rate\n"
MONTHLY = (
    "United Nations operational rates of exchange\n\n"
    + HEAD
    + "Niger,CFA franc,XOF,2026-12-01,601.25\nSenegal,CFA franc,XOF,2026-12-01,601.25\n"
    + 'Lebanon,Pound,LBP,1 Dec 2026,"89,500.00"\nKuwait,Dinar,KWD,01-Dec-2026,0.3075\n'
    + "United States,Dollar,USD,2026-12-01,1\n"
)


def listed(text: str) -> list[tuple[str, str, str]]:
    return [(rate.currency, rate.day.isoformat(), str(rate.units)) for rate in read_list(text.encode())]


class TestReadingAList:
    def test_finds_the_table_under_its_title_and_names_each_currency_once(self):
        assert listed(MONTHLY) == [
            ("KWD", "2026-12-01", "0.3075"),
            ("LBP", "2026-12-01", "89500.00"),
            ("XOF", "2026-12-01", "601.25"),
        ]

    @pytest.mark.parametrize("separator", [";", "\t", "|"])
    def test_takes_other_separators(self, separator):
        text = f"code{separator}effective date{separator}rate\nXOF{separator}2026-12-01{separator}601.25"
        assert listed(text) == [("XOF", "2026-12-01", "601.25")]

    WRONG = [
        ("RATE-05", "XOF,2026-12-01,0"),
        ("RATE-05", "XOF,2026-12-01,-601"),
        ("RATE-05", "XOF,2026-12-01,NaN"),
        ("RATE-05", "XOF,2026-12-01,Infinity"),
        ("RATE-05", "XOF,2026-12-01,6E2"),
        ("RATE-05", "XOF,2026-12-01,601.2500001"),
        ("RATE-05", "XOF,2026-12-01,６０１"),
        ("RATE-05", "XOF,2026-12-01,"),
        ("RATE-05", "USD,2026-12-01,1.1"),
        ("RATE-05", "XOF,30 Feb 2026,601"),
        ("RATE-05", "XOF,01/12/2026,601"),
        ("RATE-05", "QQQ,2026-12-01,601"),
        ("RATE-05", "=1+1,2026-12-01,601"),
        ("RATE-06", "VEF,2026-12-01,601"),
        ("RATE-06", "BYR,2026-12-01,601"),
        ("RATE-07", "KWD,2026-12-01,0.3076"),
        ("RATE-04", '"XOF,2026-12-01,601'),
    ]

    @pytest.mark.parametrize(("code", "row"), WRONG)
    def test_refuses_it_whole_for_one_wrong_row(self, code, row):
        text = f"code,effective date,rate\nKWD,2026-12-01,0.3075\n{row}\n"
        with pytest.raises(WrongList) as refusal:
            read_list(text.encode())
        assert refusal.value.code == code

    @pytest.mark.parametrize(
        "content", [b"", b"\xff\xfe", b"no table here", b"code,effective date,rate\n", b"a" * 300_000, b"code\0,rate"]
    )
    def test_refuses_what_is_no_list(self, content):
        with pytest.raises(WrongList, match="RATE-04"):
            read_list(content)

    def test_names_the_currency_that_took_the_place_of_an_old_one(self):
        with pytest.raises(WrongList, match="VEF was replaced by VES"):
            read_list(b"code,effective date,rate\nVEF,2026-12-01,1000")
        assert listed("code,effective date,rate\nVES,2026-12-01,300\nBYN,2026-12-01,3.2")[0][0] == "BYN"


@pytest.fixture
def brought(fund: Fund):
    """The monthly list, imported by the certifying officer."""
    return bring(fund, MONTHLY)


def bring(fund: Fund, text: str, **choices: object) -> RateList:
    wanted = {"kind": "FULL", "source": "Circular 12/2026", "actor": fund.marie, "at": clock.now(), **choices}
    return import_rates(content=text.encode(), **wanted)  # type: ignore[arg-type]


def approve(fund: Fund, rates: RateList) -> RateList:
    return approve_rates(list_id=rates.pk, actor=fund.viktor, at=clock.now())


def one(currency: str, day: str, units: str) -> str:
    return f"code,effective date,rate\n{currency},{day},{units}\n"


class TestAList:
    def test_counts_when_a_second_person_approved_it_and_from_its_day(self, fund, brought):
        assert not ExchangeRate.objects.filter(currency="XOF").exists()
        approve(fund, brought)
        rate = rate_on("XOF", date(2026, 12, 1))
        assert (rate.units_per_usd, rate.entered_by, rate.approved_by) == (Decimal("601.25"), fund.marie, fund.viktor)
        with pytest.raises(Refusal, match="RATE-01"):
            rate_on("XOF", date(2026, 11, 30))

    def test_keeps_its_file_and_the_hash_of_it(self, brought):
        assert brought.content == MONTHLY
        assert len(brought.file_sha256) == 64

    def test_is_not_approved_by_whoever_imported_it_or_by_another_role(self, fund, brought):
        for person in (fund.marie, fund.helena, fund.divya):
            with pytest.raises(NotPermitted):
                approve_rates(list_id=brought.pk, actor=person, at=clock.now())
        assert not ExchangeRate.objects.filter(rate_list=brought).exists()

    def test_is_imported_once(self, fund, brought):
        with pytest.raises(WrongList, match="RATE-10"):
            bring(fund, MONTHLY)
        assert RateList.objects.count() == 1

    def test_discarded_leaves_no_rate_and_may_come_again(self, fund, brought):
        discard_rates(list_id=brought.pk, reason="The list of another month.", actor=fund.viktor, at=clock.now())
        assert approve(fund, bring(fund, MONTHLY)).state == "APPROVED"
        assert ExchangeRate.objects.filter(currency="XOF").count() == 1

    def test_that_came_late_counts_from_the_day_that_is_said(self, fund):
        late = one("XOF", "2026-11-20", "600")
        with pytest.raises(WrongList, match="RATE-08"):
            bring(fund, late)
        made = approve(fund, bring(fund, late, counts_from=date(2026, 11, 23)))
        assert made.rates.get().effective_from == date(2026, 11, 23)

    def test_approved_after_its_day_has_passed_is_refused(self, fund, brought):
        with clock.at(clock.now() + timedelta(days=9)), pytest.raises(WrongList, match="RATE-08"):
            approve(fund, brought)

    def test_with_another_value_for_a_day_that_has_one_is_refused_whole(self, fund, brought):
        approve(fund, brought)
        before = everything()
        for text in (one("KWD", "2026-12-01", "0.3") + "XOF,2027-01-01,610\n", one("XOF", "2026-12-01", "602")):
            with pytest.raises(WrongList, match="RATE-03"):
                bring(fund, text)
        assert (everything(), RateList.objects.count()) == (before, 1)


def dinars(text: str) -> Money:
    return Money.of(text, "KWD")


class TestF57:
    def test_f57_a_mid_month_list_supersedes_what_it_names_and_leaves_the_rest(self, fund, brought):
        approve(fund, brought)
        mid_month = approve(fund, bring(fund, one("XOF", "2026-12-15", "610"), kind="PARTIAL"))
        found = [rate_on("XOF", date(2026, 12, day)).units_per_usd for day in (1, 14, 15, 31)]
        assert found == [Decimal("601.25"), Decimal("601.25"), Decimal(610), Decimal(610)]
        assert rate_on("KWD", date(2026, 12, 31)).units_per_usd == Decimal("0.3075")
        assert missing_from(mid_month) == ["EUR", "IDR", "KWD", "LBP"]

    def test_f57_posted_journals_stay_as_they_are_when_the_rate_is_revised(self, fund):
        fund.commit(dinars("100.000"), rate="0.3060")
        fund.send_by_file(dinars("100.000"), fund.payee(currency="KWD"))
        before = list(Journal.objects.values_list("number", "hash"))
        approve(fund, bring(fund, one("KWD", "2026-11-24", "0.4"), kind="PARTIAL"))
        assert list(Journal.objects.values_list("number", "hash")) == before
        assert rate_on("KWD", date(2026, 11, 23)).units_per_usd != Decimal("0.4")

    @pytest.mark.parametrize("units", ["0", "-1", "NaN"])
    def test_f57_a_rate_that_is_none_imports_nothing(self, fund, units):
        with pytest.raises(WrongList, match="RATE-05"):
            bring(fund, one("XOF", "2026-12-01", units))
        assert RateList.objects.count() == 0

    def test_f57_a_day_in_the_past_imports_nothing(self, fund):
        with pytest.raises(WrongList, match="RATE-08"):
            bring(fund, MONTHLY + "Chad,CFA franc,XAF,2026-11-22,601\n")
        assert RateList.objects.count() == 0


class TestTheCommand:
    def test_imports_a_file_for_a_second_person_to_approve(self, fund, tmp_path):
        path = tmp_path / "december.csv"
        path.write_text(MONTHLY)
        said = StringIO()
        call_command("import_rates", str(path), by=fund.marie.email, source="Circular 12/2026", stdout=said)
        assert said.getvalue().startswith(f"{RateList.objects.get().key}: 3 rates, SHA-256 ")

    def test_says_what_is_wrong_with_it(self, fund, tmp_path):
        path = tmp_path / "december.csv"
        path.write_text(one("VEF", "2026-12-01", "5"))
        with pytest.raises(CommandError, match="RATE-06"):
            call_command("import_rates", str(path), by=fund.marie.email, source="Circular 12/2026")
