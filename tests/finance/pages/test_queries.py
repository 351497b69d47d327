"""No page of the money asks the database more when there are more rows."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.models import BankAccount, PayeeVersion
from gaf.accounts.models import User
from tests.finance.builders import GOOD_NUMBER, Fund, make_stream, usd
from tests.finance.pages.visits import Visit

LISTS = {
    "/disbursements/": "divya",
    "/disbursements/files/": "divya",
    "/reconciliation/": "esi",
    "/reconciliation/GVA/": "esi",
    "/reconciliation/GVA/?show=all": "helena",
    "/fund/": "helena",
    "/fund/streams/A/": "helena",
    "/payees/": "viktor",
    "/screening/?state=all": "viktor",
    "/rates/": "viktor",
    "/rates/lists/": "viktor",
    "/fund/agreements/": "helena",
    "/fund/months/": "helena",
    "/fund/refunds/": "helena",
    "/fund/streams/A/free/": "helena",
    "/fund/streams/A/spent/": "helena",
    "/fund/year-end/2026/": "helena",
}


def queries(person: User, address: str) -> int:
    """How many questions a page asks."""
    visit = Visit.of(person)
    with CaptureQueriesContext(connection) as asked:
        assert visit.get(address).status_code == 200
    return len(asked)


@pytest.fixture
def payee(fund: Fund) -> PayeeVersion:
    fund.commit(usd("5000.00"))
    return fund.payee()


def work(fund: Fund, payee: PayeeVersion, day: int, times: int) -> None:
    """Disbursements in files, a statement about them, and some more of everything."""
    for place in range(times):
        fund.send_by_file(usd("20.00"), payee)
        fund.payee(account=GOOD_NUMBER, is_iban=False)
        fund.payee(holder="Tarvek Osmarello")
        make_stream(f"S{day}{place}"[:4])
        fund.prepare(usd("5.00"), payee)
    fund.import_next_statement(date(2026, 12, day))


class TestAList:
    def test_asks_the_same_with_many_rows_and_fifteen_times_at_most(self, fund: Fund, payee: PayeeVersion) -> None:
        work(fund, payee, 1, 1)
        few = {address: queries(getattr(fund, name), address) for address, name in LISTS.items()}
        work(fund, payee, 2, 4)
        BankAccount.objects.filter(code="STR").update(name="Another")
        many = {address: queries(getattr(fund, name), address) for address, name in LISTS.items()}
        assert many == few
        assert {address: count for address, count in many.items() if count > 15} == {}


class TestARecord:
    def test_asks_twenty_five_times_at_most(self, fund: Fund, payee: PayeeVersion) -> None:
        work(fund, payee, 1, 2)
        sent = payee.disbursements.filter(state="SENT").first()
        waiting = payee.disbursements.filter(state="PREPARED").first()
        records = {
            f"/disbursements/{sent.number}/": fund.divya,
            f"/disbursements/{waiting.number}/": fund.divya,
            f"/disbursements/files/{sent.payment_file.message_id}/": fund.helena,
            f"/payees/{payee.payee.key}/": fund.viktor,
            "/disbursements/prepare/GAF-2026-00042/": fund.marie,
        }
        counts = {address: queries(person, address) for address, person in records.items()}
        assert {address: count for address, count in counts.items() if count > 25} == {}
