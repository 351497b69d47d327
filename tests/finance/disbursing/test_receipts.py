"""A donor's cash: free money once it is recorded, in the bank once the bank's own line says so, and never twice."""

from __future__ import annotations

from datetime import date

import pytest

from finance.models import Match, StatementLine
from finance.states import StatementLineState
from tests.finance.builders import Fund, free, last_journal, lines_of, usd
from tests.finance.disbursing.test_amounts import books_are_true, pay_in

pytestmark = [pytest.mark.both, pytest.mark.django_db]


class TestADonorsCash:
    def test_recorded_after_the_account_was_opened_is_matched_with_the_line_of_the_bank(self, fund: Fund) -> None:
        free_before = free(fund.stream)
        fund.receive(usd("750.00"), key="DONOR-77", on=date(2026, 11, 20))
        assert free(fund.stream) == free_before + usd("750.00")
        assert lines_of(last_journal("receipt"))[0] == "1100-GVA USD 750.00"

        pay_in("DONOR-77", usd("750.00"))
        statement = fund.import_next_statement(date(2026, 11, 27))
        line = StatementLine.objects.get(end_to_end="DONOR-77")
        assert line.state == StatementLineState.PROPOSED
        fund.explain(statement)

        assert Match.objects.get(line=line).kind == Match.Kind.RECEIPT
        assert lines_of(last_journal("match")) == ["1000-GVA USD 750.00", "1100-GVA USD -750.00"]
        assert free(fund.stream) == free_before + usd("750.00")
        assert books_are_true()

    def test_of_another_amount_than_was_recorded_is_not_suggested(self, fund: Fund) -> None:
        fund.receive(usd("750.00"), key="DONOR-78", on=date(2026, 11, 20))

        pay_in("DONOR-78", usd("749.99"))
        fund.import_next_statement(date(2026, 11, 27))

        assert StatementLine.objects.get(end_to_end="DONOR-78").state == StatementLineState.UNMATCHED
        assert not Match.objects.filter(kind=Match.Kind.RECEIPT).exists()
