"""The fund's figures, its rates and its receipts in the browser."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lxml import html

from finance.actions.chart import open_stream
from finance.actions.settlement import begin_sending, mark_unknown
from finance.models import ExchangeRate, Receipt
from gaf import clock, ids
from tests.finance.builders import Fund, everything, free, make_stream, usd
from tests.finance.pages.visits import Reported, Visit, problems, words


class TestTheFund:
    def test_tells_what_the_ledger_tells_and_leads_to_the_rows(self, fund: Fund, reported: Reported) -> None:
        page = Visit.of(fund.helena).get("/fund/")
        said = words(page)
        assert "Free USD 9,000.00 Committed, not sent USD 600.00 Spent USD 400.00 On its way USD 400.00" in said
        assert "Bank lines not matched 3" in said
        for address in ("/fund/streams/A/", "/fund/streams/A/committed/", "/reconciliation/"):
            assert f'href="{address}"' in page.content.decode()

    def test_on_its_way_opens_exactly_the_rows_it_sums(self, fund: Fund, reported: Reported) -> None:
        going = [fund.prepare(usd(amount), fund.stripe_payee(f"acct_{amount[:2]}")) for amount in ("70.00", "60.00")]
        waiting = fund.prepare(usd("5.00"), fund.payee())
        fund.release(*going)
        attempts = [begin_sending(disbursement_id=one.pk, key=one.number, at=clock.now()) for one in going]
        mark_unknown(attempt=attempts[0], steps={}, at=clock.now(), code="no_answer")
        assert [fund.now(one).state for one in going] == ["UNKNOWN", "SENDING"]

        visit = Visit.of(fund.helena)
        link = html.fromstring(visit.get("/fund/").content).xpath("//dt[.='On its way']/../dd/a")[0]
        rows = words(visit.get(link.get("href")))

        assert link.text_content().replace("\u202f", " ") == "USD 530.00"
        assert "USD 530.00 together" in rows
        assert all(one.number in rows for one in (*going, reported.disbursement))
        assert waiting.number not in rows
        as_file = b"".join(visit.get("/disbursements/export/?state=on_its_way")).decode()
        assert all(one.number in as_file for one in (*going, reported.disbursement))
        assert waiting.number not in as_file

    def test_offers_only_pages_the_reader_may_open(self, fund: Fund, reported: Reported) -> None:
        page = Visit.of(fund.chen).get("/fund/").content.decode()
        main = page.partition("<main")[2]
        assert 'href="/reconciliation/"' not in main
        assert "/disbursements/" not in main

    def test_says_what_a_donor_allows_in_words(self, fund: Fund) -> None:
        open_stream(
            code="D",
            name="Medical",
            donor="A health fund",
            earmarking=4,
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            wbs="GAF.D",
            restrictions=[("SPENT_IN", "ONLY", ["LB", "JO"]), ("CHILDREN_ONLY", "ONLY", [])],
        )
        said = words(Visit.of(fund.helena).get("/fund/"))
        assert "D Medical 31 Dec 2026 · 38 days left for children only; country of spending: only JO, LB" in said

    def test_of_a_stream_shows_receipts_and_commitments_by_request(self, fund: Fund, reported: Reported) -> None:
        said = words(Visit.of(fund.helena).get("/fund/streams/A/"))
        assert "GAF-2026-00042 L1 USD 1,000.00 USD 400.00 USD 0.00 USD 600.00" in said
        assert "R-2026-1 1 Jan 2026 GVA USD 10,000.00 USD 10,000.00" in said


def receipt(**changes: str) -> dict[str, str]:
    """A donor's cash as the fund manager types it."""
    return {
        "idempotency_key": ids.random_key(),
        "stream": "A",
        "account": "GVA",
        "amount": "2 500,00",
        "received_on_0": "20",
        "received_on_1": "11",
        "received_on_2": "2026",
        "key": "R-2026-2",
        **changes,
    }


class TestRecordingAReceipt:
    ADDRESS = "/receipts/new/"

    def test_makes_it_free_money_of_its_stream(self, fund: Fund) -> None:
        answer = Visit.of(fund.helena).press(self.ADDRESS, **receipt())
        assert (answer["Location"], free(fund.stream)) == ("/fund/streams/A/", usd("12500.00"))

    def test_twice_records_it_once(self, fund: Fund) -> None:
        visit = Visit.of(fund.helena)
        form = receipt(idempotency_key=visit.key(self.ADDRESS))
        assert [visit.press(self.ADDRESS, **form).status_code for _time in range(2)] == [302, 302]
        assert free(fund.stream) == usd("12500.00")

    WRONG = [
        ({"amount": "0"}, "It is nought. Write an amount, or leave the box empty."),
        ({"amount": ""}, "Answer “Amount”."),
        ({"amount": "-1"}, "It is below nought. Write an amount without a minus sign."),
        ({"amount": "nan"}, "It is not a plain number. Write it like 1250.50."),
        ({"received_on_1": "13"}, "This is not a day of the calendar. Write it like 27 11 2026."),
        ({"received_on_2": "26"}, "Write the year with four digits."),
        ({"received_on_0": "24"}, "This day has not come yet."),
        ({"received_on_0": ""}, "Answer “Received on”."),
        ({"key": "R-2026-1"}, "A receipt with this number is recorded already."),
        ({"key": "../x"}, "Write 3 to 40 letters, digits, hyphens or slashes."),
        ({"stream": "Z"}, "Select a valid choice. Z is not one of the available choices."),
    ]

    def test_with_something_wrong_records_nothing(self, fund: Fund) -> None:
        before, visit = everything(), Visit.of(fund.helena)
        for changes, said in self.WRONG:
            answer = visit.press(self.ADDRESS, **receipt(**changes))
            assert (answer.status_code, problems(answer)) == (422, [said])
        assert (everything(), Receipt.objects.count()) == (before, 1)

    def test_on_two_streams_keeps_them_apart(self, fund: Fund) -> None:
        other = make_stream("B")
        Visit.of(fund.marie).press(self.ADDRESS, **receipt(stream="B"))
        assert (free(fund.stream), free(other)) == (usd("10000.00"), usd("2500.00"))


def rate(**changes: str) -> dict[str, str]:
    """A rate as the certifying officer types it."""
    return {
        "currency": "XOF",
        "effective_from_0": "1",
        "effective_from_1": "11",
        "effective_from_2": "2026",
        "units_per_usd": "572,5",
        "source": "Circular 11/2026",
        **changes,
    }


class TestARate:
    def test_counts_after_a_second_person_compared_it(self, fund: Fund) -> None:
        Visit.of(fund.marie).press("/rates/new/", **rate())
        made = ExchangeRate.objects.get(currency="XOF")
        assert (made.units_per_usd, made.state) == (Decimal("572.5"), "ENTERED")
        answer = Visit.of(fund.viktor).press("/rates/XOF/2026-11-01/approve/")
        made.refresh_from_db(fields=["approved_by"])
        assert (answer["Location"], made.approved_by) == ("/rates/", fund.viktor)

    def test_shows_the_one_before_to_whoever_approves(self, fund: Fund) -> None:
        Visit.of(fund.marie).press("/rates/new/", **rate(currency="EUR", units_per_usd="0.9292"))
        said = words(Visit.of(fund.viktor).get("/rates/EUR/2026-11-01/approve/"))
        assert "The rate before 0.92 from 1 Oct 2026 (a change of 1 %)" in said

    WRONG = [
        ({"units_per_usd": "0"}, "This is not a rate. Write units for one US dollar, like 572 or 24.75."),
        ({"units_per_usd": "-3"}, "This is not a rate. Write units for one US dollar, like 572 or 24.75."),
        ({"units_per_usd": "NaN"}, "This is not a rate. Write units for one US dollar, like 572 or 24.75."),
        ({"units_per_usd": "1.2345678"}, "This is not a rate. Write units for one US dollar, like 572 or 24.75."),
        ({"currency": "USD"}, "Select a valid choice. USD is not one of the available choices."),
        ({"source": ""}, "Answer “Where it was published”."),
        (
            {"effective_from_1": "2", "effective_from_0": "30"},
            "This is not a day of the calendar. Write it like 27 11 2026.",
        ),
        (
            {"currency": "KWD"},
            "The rate was not entered. KWD has a rate from this day already. "
            "A rate is never edited; enter a new one from another day.",
        ),
    ]

    def test_with_something_wrong_is_not_entered(self, fund: Fund) -> None:
        before, visit = ExchangeRate.objects.count(), Visit.of(fund.marie)
        for changes, said in self.WRONG:
            answer = visit.press("/rates/new/", **rate(**changes))
            assert (answer.status_code, problems(answer)) == (422, [said])
        assert ExchangeRate.objects.count() == before

    def test_approved_twice_is_told_that_it_moved_on(self, fund: Fund) -> None:
        answer = Visit.of(fund.viktor).press("/rates/KWD/2026-11-01/approve/")
        assert answer.status_code == 409
