"""A running balance is compared with its lines at every posting, and what was proved once is not counted again."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from finance import ledger
from finance.actions.chart import install_chart
from finance.books import verify
from finance.ledger import BooksBroken, credit, debit, post
from finance.models import Balance, FundingStream, Journal, JournalLine
from gaf.money import Money
from tests.finance.builders import NOON, usd
from tests.finance.raw_sql import run, unguarded

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def chart(monkeypatch) -> None:
    """The chart of accounts; three lines of a balance are proved for good."""
    install_chart()
    monkeypatch.setattr(ledger, "PROVED_AFTER", 3)


def fee(number: int, amount: str = "5.00") -> Journal:
    """One journal of two lines."""
    return post(
        kind="fee",
        key=f"fee:{number}",
        at=NOON,
        entries=[debit("5100", usd(amount)), credit("1200", usd(amount))],
    )


def fees(count: int, first: int = 1) -> None:
    """Several of them."""
    for number in range(first, first + count):
        fee(number)


def forge(line: JournalLine) -> None:
    """Change an amount in the database, past its guards."""
    with unguarded("finance_journalline"):
        run("UPDATE finance_journalline SET minor = minor + 1 WHERE id = %s", line.pk)


def told_by(check: str) -> list[str]:
    """What one check of the books says of whatever is broken."""
    return [f"{row.row}: {row.what}" for one in verify() if one.code == check for row in one.broken]


def lines() -> list[JournalLine]:
    """The lines of bank fees, in order."""
    return list(JournalLine.objects.filter(account__code="5100").order_by("id"))


class TestABalance:
    def test_is_proved_for_good_after_so_many_lines_and_the_next_posting_counts_on_from_there(self):
        fees(2)
        assert set(Balance.objects.values_list("proved_line", "proved_minor")) == {(0, 0)}
        fee(3)
        kept = Balance.objects.get(account__code="5100")
        assert (kept.proved_line, kept.proved_minor, kept.minor) == (lines()[-1].pk, 1_500, 1_500)

        fees(2, first=4)
        kept.refresh_from_db()
        assert (kept.proved_minor, kept.minor) == (1_500, 2_500)
        assert ledger.balance("5100") == Money(2_500, "USD")
        assert not told_by("I2")

    def test_that_differs_from_its_newest_lines_stops_the_next_posting(self):
        fees(4)
        forge(lines()[-1])
        with pytest.raises(BooksBroken, match="5100 says 2500, its lines say 2501"), transaction.atomic():
            fee(5)
        assert not Journal.objects.filter(key="fee:5").exists()

    def test_that_was_changed_by_hand_stops_the_next_posting(self):
        fees(4)
        run("UPDATE finance_balance SET minor = minor - 1 WHERE stream_key = ''")
        with pytest.raises(BooksBroken):
            fee(5)

    def test_of_which_a_line_proved_long_ago_was_changed_is_named_when_the_books_are_verified(self):
        fees(4)
        forge(lines()[0])
        fee(5)
        assert any("and that sum is another" in words for words in told_by("I2"))

    def test_takes_as_many_statements_for_many_places_as_for_one(self, monkeypatch):
        monkeypatch.setattr(ledger, "PROVED_AFTER", 1_000)
        fees(4)
        stream = FundingStream.objects.create(code="A", name="Without limits", earmarking=1, starts_on=NOON.date())
        given = [debit("1200", usd("9.00")), credit("9100", usd("9.00"), stream)]
        post(
            kind="receipt",
            key="receipt:1",
            at=NOON,
            entries=[*given, debit("9200", usd("1.00"), stream), credit("9200", usd("1.00"), stream)],
        )
        counts = []
        for number, pairs in ((5, 1), (6, 2)):
            entries = [debit("5100", usd("5.00")), credit("1200", usd("5.00"))]
            entries += [debit("9100", usd("1.00"), stream), credit("9200", usd("1.00"), stream)] * (pairs - 1)
            with CaptureQueriesContext(connection) as asked:
                post(kind="fee", key=f"fee:{number}", at=NOON, entries=entries)
            counts.append(len(asked))
        assert counts[0] == counts[1]
