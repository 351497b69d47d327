"""What disbursing costs the database: an act takes at most twenty statements, whatever number of rows it is about.

Preparing a disbursement takes more, and no more than is written here. The lock that PostgreSQL takes for each chain is
not counted, which SQLite does not need.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.models import Disbursement, PayeeVersion, PaymentFile, RateList
from gaf import ids
from tests.finance.builders import REQUEST, Fund, usd
from tests.finance.pages.visits import Visit

pytestmark = pytest.mark.both
MOST = 20
PREPARE, FILES, LISTS = f"/disbursements/prepare/{REQUEST}/", "/disbursements/files/", "/rates/lists/"
RATES = "code,effective date,rate\nXOF,2026-12-01,601.25\nKWD,2026-12-01,0.3075\n"
NEW_PAYEE = {
    "mission": "NE",
    "kind": "VENDOR",
    "rail": "BANK_FILE",
    "currency": "USD",
    "holder": "Maison Sûre",
    "account_is": "IBAN",
    "account": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "bank": "Sample Bank",
    "town": "Frankfurt",
    "country": "DE",
}


def pressed(visit: Visit, address: str, **typed: Any) -> list[str]:
    """Press the button of a form that does something; what the database was asked."""
    with CaptureQueriesContext(connection) as asked:
        answer = visit.press(address, **typed)
    assert answer.status_code == 302, answer.content.decode()[:900]
    return [one["sql"][:160] for one in asked if "pg_advisory_xact_lock" not in one["sql"]]


def told(asked: list[str]) -> str:
    """How many there were, and which."""
    return f"{len(asked)}\n" + "\n".join(asked)


def prepare(fund: Fund, payee: PayeeVersion, **typed: Any) -> list[str]:
    said = {"payee": payee.decision_subject(), "account": "GVA", "amount_L1": "100.00", **typed}
    return pressed(Visit.of(fund.marie), PREPARE, idempotency_key=ids.random_key(), **said)


@pytest.fixture
def three(fund: Fund) -> list[Disbursement]:
    """Three disbursements, released, to three payees out of one line."""
    fund.commit(usd("1000.00"))
    rows = [fund.prepare(usd("100.00"), fund.payee(holder=f"House {n}")) for n in range(3)]
    fund.release(*rows)
    return rows


@pytest.fixture
def to_sign(fund: Fund, three: list[Disbursement]) -> str:
    """The address of a file of the three that the payer has signed."""
    divya = Visit.of(fund.divya)
    divya.press(FILES, account="GVA")
    address = f"{FILES}{PaymentFile.objects.get().message_id}/"
    divya.press(f"{address}sign-first/")
    return address


class TestPreparingADisbursement:
    """Four more than twenty: the form is there once, and a line, the payee, the list and a number are taken besides."""

    def test_takes_the_statements_that_are_written_here(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))

        asked = prepare(fund, fund.payee())

        assert len(asked) == 24, told(asked)

    def test_takes_no_more_for_two_lines(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.commit(usd("500.00"), line_key="L2")

        asked = prepare(fund, fund.payee(), amount_L2="50.00")

        assert len(asked) == 24, told(asked)

    def test_looks_for_the_same_payment_only_where_something_was_paid(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.prepare(usd("300.00"), fund.payee())

        asked = prepare(fund, fund.payee())

        assert len(asked) == 25, told(asked)


class TestStoppingADisbursement:
    def test_takes_at_most_twenty_statements(self, fund: Fund, prepared: Disbursement) -> None:
        asked = pressed(Visit.of(fund.helena), f"/disbursements/{prepared.number}/stop/", reason="Not needed.")

        assert len(asked) <= MOST, told(asked)


class TestAFileOfThree:
    def test_is_prepared_in_at_most_twenty_statements(self, fund: Fund, three: list[Disbursement]) -> None:
        asked = pressed(Visit.of(fund.divya), FILES, account="GVA")

        assert len(asked) <= MOST, told(asked)

    def test_is_signed_second_in_at_most_twenty_statements(self, fund: Fund, to_sign: str) -> None:
        asked = pressed(Visit.of(fund.helena), f"{to_sign}sign-second/")

        assert len(asked) <= MOST, told(asked)

    def test_is_discarded_in_at_most_twenty_statements(self, fund: Fund, to_sign: str) -> None:
        asked = pressed(Visit.of(fund.helena), f"{to_sign}discard/", reason="Wrong day.")

        assert len(asked) <= MOST, told(asked)


class TestAPayee:
    def test_is_recorded_in_at_most_twenty_statements(self, fund: Fund) -> None:
        asked = pressed(Visit.of(fund.moussa), "/payees/new/", idempotency_key=ids.random_key(), **NEW_PAYEE)

        assert len(asked) <= MOST, told(asked)

    def test_gets_new_details_in_at_most_twenty_statements(self, fund: Fund) -> None:
        address = f"/payees/{fund.payee().payee.key}/new-version/"
        said = {name: typed for name, typed in NEW_PAYEE.items() if name not in ("mission", "kind")}

        asked = pressed(Visit.of(fund.moussa), address, idempotency_key=ids.random_key(), **said)

        assert len(asked) <= MOST, told(asked)

    def test_is_confirmed_in_at_most_twenty_statements_also_over_older_details(self, fund: Fund) -> None:
        newer = fund.recorded_payee(payee=fund.payee().payee)
        address = f"/payees/{newer.payee.key}/{newer.number}/confirm/"

        asked = pressed(Visit.of(fund.viktor), address, call_back_note="Rang the number of the contract.")

        assert len(asked) <= MOST, told(asked)


class TestAListOfRates:
    def test_is_approved_in_at_most_twenty_statements(self, fund: Fund) -> None:
        said = {"kind": "FULL", "source": "Circular 12/2026", "text": RATES}
        Visit.of(fund.marie).press(f"{LISTS}import/", **said)

        asked = pressed(Visit.of(fund.viktor), f"{LISTS}{RateList.objects.get().key}/approve/")

        assert len(asked) <= MOST, told(asked)


class TestTheYearsEnd:
    def test_is_approved_in_at_most_twenty_statements(self, fund: Fund) -> None:
        address = f"/fund/year-end/2026/{fund.commit(usd('500.00')).pk}/"
        said = {"outcome": "CANCEL", "reason_code": "not_needed", "reason": "The stay was shorter."}
        Visit.of(fund.marie).press(f"{address}propose/", **said)

        asked = pressed(Visit.of(fund.helena), f"{address}approve/")

        assert len(asked) <= MOST, told(asked)


class TestPlanningTranches:
    def test_takes_at_most_twenty_statements(self, fund: Fund) -> None:
        fund.commit(usd("1200.00"))
        said = {"amount_1": "600", "amount_2": "600", "condition_2": "GATE"}

        asked = pressed(Visit.of(fund.marie), f"/tranches/{REQUEST}/L1/", **said)

        assert len(asked) <= MOST, told(asked)
