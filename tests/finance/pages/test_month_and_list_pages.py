"""Lists of rates, months, agreements and the year's end in the browser."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finance.actions.periods import soft_close
from finance.models import (
    AccountingPeriod,
    Agreement,
    CommitmentReview,
    ExchangeRate,
    PeriodException,
    Pledge,
    RateList,
)
from gaf import clock
from tests.finance.builders import Fund, committed, everything, usd
from tests.finance.pages.visits import Visit, codes, problems, words

LIST = "code,effective date,rate\nXOF,2026-12-01,601.25\nKWD,2026-12-01,0.3075\n"
OCTOBER = date(2026, 10, 1)


def day(name: str, text: str) -> dict[str, str]:
    """A day as its three boxes."""
    year, month, number = text.split("-")
    return {f"{name}_0": number, f"{name}_1": month, f"{name}_2": year}


def list_form(**changes: object) -> dict[str, object]:
    return {"kind": "FULL", "text": LIST, "source": "Circular 12/2026", **changes}


class TestAListOfRates:
    def test_is_imported_shown_beside_what_counts_now_and_approved_whole(self, fund: Fund) -> None:
        uploaded = SimpleUploadedFile("december.csv", LIST.encode())
        answer = Visit.of(fund.marie).press("/rates/lists/import/", **list_form(file=uploaded, text=""))
        made = RateList.objects.get()
        assert answer["Location"] == f"/rates/lists/{made.key}/"
        said = words(Visit.of(fund.viktor).get(f"/rates/lists/{made.key}/"))
        assert "KWD 1 Dec 2026 0.3075 0.3085 −0.3 %" in said
        assert "XOF 1 Dec 2026 601.25 – –" in said
        assert "Not in this list, and keeping the rate they have: EUR, IDR." in said
        approved = Visit.of(fund.viktor).press(f"/rates/lists/{made.key}/approve/")
        assert approved["Location"] == f"/rates/lists/{made.key}/"
        assert ExchangeRate.objects.filter(rate_list=made, state="APPROVED").count() == 2

    WRONG = [
        ({"text": ""}, "Choose the list, or copy it as text."),
        ({"text": LIST + "VEF,2026-12-01,5"}, "VEF was replaced by VES"),
        ({"text": LIST + "XAF,2026-12-01,0"}, "“0” is not a rate"),
        ({"text": LIST + "XAF,2026-11-01,601"}, "which has passed"),
        ({"source": ""}, "Answer “Where it was published”."),
        ({"kind": "OTHER"}, "OTHER is not one of the available choices."),
    ]

    def test_with_something_wrong_is_not_imported_and_what_was_typed_is_kept(self, fund: Fund) -> None:
        before, visit = everything(), Visit.of(fund.marie)
        for changes, said in self.WRONG:
            answer = visit.press("/rates/lists/import/", **list_form(**changes))
            assert answer.status_code == 422
            assert said in " ".join(problems(answer))
            assert "Circular 12/2026" in answer.content.decode() or "source" in changes
        assert (everything(), RateList.objects.count()) == (before, 0)

    def test_is_discarded_with_a_reason(self, fund: Fund) -> None:
        Visit.of(fund.marie).press("/rates/lists/import/", **list_form())
        made = RateList.objects.get()
        Visit.of(fund.viktor).press(f"/rates/lists/{made.key}/discard/", reason="The wrong month.")
        assert RateList.objects.get().state == "DISCARDED"
        assert Visit.of(fund.viktor).press(f"/rates/lists/{made.key}/approve/").status_code == 409


class TestAMonth:
    def test_is_closed_by_two_people_from_the_list(self, fund: Fund) -> None:
        marie, helena = Visit.of(fund.marie), Visit.of(fund.helena)
        assert 'href="/fund/months/2026-10/soft-close/"' in marie.get("/fund/months/").content.decode()
        assert marie.press("/fund/months/2026-10/soft-close/")["Location"] == "/fund/months/"
        assert codes(marie.press("/fund/months/2026-10/close/")) == ["PERIOD-03"]
        assert helena.press("/fund/months/2026-10/close/")["Location"] == "/fund/months/"
        assert AccountingPeriod.objects.get().state == "CLOSED"
        assert "October 2026 Closed for good" in words(helena.get("/fund/months/"))

    def test_that_lasts_is_not_closed(self, fund: Fund) -> None:
        answer = Visit.of(fund.marie).press("/fund/months/2026-11/soft-close/")
        assert (answer.status_code, problems(answer)) == (
            422,
            ["The month was not closed. It has not ended yet. Close it after its last day."],
        )

    @pytest.mark.parametrize("address", ["2026-13/close", "2026-10/present", "2026-10/exceptions/1/approve"])
    def test_that_is_none_is_not_found(self, fund: Fund, address: str) -> None:
        assert Visit.of(fund.marie).get(f"/fund/months/{address}/").status_code == 404

    def test_lets_somebody_in_by_an_exception_that_a_second_person_gives(self, fund: Fund) -> None:
        soft_close(month=OCTOBER, actor=fund.marie, at=clock.now())
        asked = {
            "person": fund.esi.pk,
            "reason_code": "late_invoice",
            "reason": "An invoice.",
            **day("until", "2026-11-25"),
        }
        assert Visit.of(fund.esi).press("/fund/months/2026-10/exception/", **asked).status_code == 302
        address = "/fund/months/2026-10/exceptions/1/approve/"
        assert Visit.of(fund.esi).press(address).status_code == 403
        Visit.of(fund.helena).press(address)
        assert PeriodException.objects.get().state == "APPROVED"
        assert "October 2026 Esi 25 Nov 2026 Esi Given" in words(Visit.of(fund.marie).get("/fund/months/"))

    def test_shows_what_revaluing_would_book(self, fund: Fund) -> None:
        with clock.at(datetime(2026, 12, 2, 12, tzinfo=UTC)):
            said = words(Visit.of(fund.marie).get("/fund/months/2026-11/revalue/"))
        assert "Held in other currencies nothing" in said
        assert "They are taken back on 1 Dec 2026." in said


AGREEMENT = {
    "key": "AG-1",
    "donor": "Donor A",
    "stream": "A",
    "currency": "USD",
    "amount": "5 000,00",
    **day("signed_on", "2026-11-02"),
    **day("starts_on", "2026-11-02"),
    **day("ends_on", "2026-12-31"),
    **day("final_payment_on", "2027-03-31"),
}
PLEDGE = {
    "key": "PL-1",
    "donor": "Donor A",
    "stream": "A",
    "currency": "KWD",
    "amount": "100.000",
    **day("pledged_on", "2026-11-20"),
}


class TestAgreementsAndPledges:
    def test_are_recorded_and_stand_beside_the_stream_in_their_columns(self, fund: Fund) -> None:
        Visit.of(fund.marie).press("/fund/pledges/new/", **PLEDGE)
        Visit.of(fund.marie).press("/fund/agreements/new/", **AGREEMENT)
        assert Visit.of(fund.marie).press("/fund/agreements/AG-1/confirm/").status_code == 403
        Visit.of(fund.helena).press("/fund/agreements/AG-1/confirm/")
        pledge = usd("0.00").__class__(Pledge.objects.get().usd_minor, "USD")
        said = words(Visit.of(fund.helena).get("/fund/"))
        assert f"{pledge} USD 5,000.00 USD 10,000.00 USD 0.00 USD 0.00 USD 10,000.00" in said
        listed = words(Visit.of(fund.helena).get("/fund/agreements/?stream=A"))
        assert "AG-1 Donor A Donor reports AG-1 A USD 5,000.00 USD 5,000.00 USD 0.00 31 Dec 2026 31 Mar 2027" in listed
        assert "31 Mar 2027 Confirmed" in listed

    def test_with_something_wrong_are_not_recorded(self, fund: Fund) -> None:
        visit = Visit.of(fund.marie)
        for changes in ({"amount": "nan"}, {"key": "../x"}, {"stream": "Z"}, day("ends_on", "2026-01-01")):
            assert visit.press("/fund/agreements/new/", **{**AGREEMENT, **changes}).status_code == 422
        assert visit.press("/fund/pledges/new/", **{**PLEDGE, "amount": "0"}).status_code == 422
        assert (Agreement.objects.count(), Pledge.objects.count()) == (0, 0)


class TestTheYearsEnd:
    def test_cancels_what_is_open_by_two_people(self, fund: Fund) -> None:
        made = fund.commit(usd("500.00"))
        marie, helena = Visit.of(fund.marie), Visit.of(fund.helena)
        assert "GAF-2026-00042 L1 A 23 Nov 2026 USD 500.00 Propose" in words(marie.get("/fund/year-end/2026/"))
        said = {"outcome": "CANCEL", "reason_code": "not_needed", "reason": "The stay was shorter."}
        marie.press(f"/fund/year-end/2026/{made.pk}/propose/", **said)
        address = f"/fund/year-end/2026/{made.pk}/approve/"
        assert codes(marie.press(address)) == ["YEAR-03"]
        helena.press(address)
        assert CommitmentReview.objects.get().state == "APPROVED"
        assert committed(fund.stream) == usd("0.00")
        assert "Nothing is open." in words(helena.get("/fund/year-end/2026/"))


class TestTheNumbersOfAStream:
    def test_open_the_journals_they_are_made_of(self, fund: Fund) -> None:
        fund.commit(usd("500.00"))
        page = words(Visit.of(fund.helena).get("/fund/streams/A/free/"))
        assert "Together they come to USD 9,500.00" in page
        assert "2 23 Nov 2026 a budget or an urgent allowance is approved GAF-2026-00042 – −USD 500.00" in page
        assert "1 1 Jan 2026 cash of a donor is recorded – – USD 10,000.00" in page
        assert Visit.of(fund.helena).get("/fund/streams/A/other/").status_code == 404

    def test_warn_of_a_stream_that_ends_soon_with_the_days_left(self, fund: Fund) -> None:
        fund.stream.ends_on = date(2026, 12, 31)
        fund.stream.save()
        said = words(Visit.of(fund.helena).get("/fund/"))
        assert "A : 38 days left for new commitments, USD 10,000.00 free" in said
