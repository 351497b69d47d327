"""A refund due comes back in parts or whole, and its dollars always add up. No database is needed to say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finance.models import RefundDue
from gaf.money import Money
from gaf.refusals import Refusal

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def bdt(text: str) -> Money:
    """Taka."""
    return Money.of(text, "BDT")


@pytest.fixture
def due(monkeypatch):
    """BDT 19,200.00 disallowed at 122: USD 157.38. Nothing is stored."""
    monkeypatch.setattr(RefundDue, "save", lambda self, **fields: None)
    return RefundDue(
        key="R-2026-00001", minor=1_920_000, currency="BDT", usd_minor=15_738, kind="DISALLOWED", reason_code="OTHER"
    )


class TestARefundInParts:
    def test_is_open_until_the_last_part_came(self, due):
        first = due.receive(bdt("10000.00"), AT)

        assert (first, due.open, due.received_at) == (Money(8_197, "USD"), bdt("9200.00"), None)

        second = due.receive(bdt("9200.00"), AT)

        assert (second, due.open, due.open_usd, due.received_at) == (
            Money(7_541, "USD"),
            bdt("0.00"),
            Money(0, "USD"),
            AT,
        )

    def test_gives_the_last_part_the_last_cent(self, due):
        thirds = [due.receive(bdt("6400.00"), AT) for _third in range(3)]

        assert sum(part.minor for part in thirds) == 15_738

    @pytest.mark.parametrize("part", [bdt("19200.01"), bdt("0.00"), bdt("-1.00"), Money(100, "USD")])
    def test_is_never_more_than_is_due(self, due, part):
        with pytest.raises(Refusal) as refusal:
            due.receive(part, AT)

        assert refusal.value.code == "REFUND-01"
        assert (due.received_minor, due.received_usd_minor) == (0, 0)
