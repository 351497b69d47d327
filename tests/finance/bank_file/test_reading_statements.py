"""What is read from a bank's statement, and that its balance is proved first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.gateways.bank_file.refusals import StatementRefused
from finance.gateways.statements.camt import read_camt
from finance.gateways.statements.reading import DETAILS_DIFFER, EntryRead
from gaf.money import Money
from tests.finance.bank_file.samples import balance, details, entry, small_file, statement, statement_file

_LONG_REFERENCE = f"<NtryRef>{'r' * 141}</NtryRef>"


def refusal(content: bytes) -> StatementRefused:
    with pytest.raises(StatementRefused) as refused:
        read_camt(content)
    return refused.value


class TestAStatement:
    def test_is_read_with_its_balances_and_signed_entries(self) -> None:
        (read,) = read_camt(small_file()).statements
        assert (read.statement_id, read.number, read.account) == ("S-1", 7, "0012345")
        assert (read.opening_money, read.closing_money) == (Money(10_000, "USD"), Money(11_025, "USD"))
        assert [one.money for one in read.entries] == [Money(1_250, "USD"), Money(-225, "USD")]
        assert (read.from_date, read.to_date) == (date(2026, 11, 23), date(2026, 11, 23))
        assert (read.entries[0].booking_date, read.entries[0].value_date) == (date(2026, 11, 23), date(2026, 11, 24))

    @pytest.mark.parametrize("version", ["02", "04", "08", "13"])
    def test_is_read_in_any_version_of_the_format(self, version: str) -> None:
        space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
        content = small_file().replace(b"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", space.encode())
        assert read_camt(content).statements[0].closing_money == Money(11_025, "USD")

    def test_is_read_with_a_namespace_prefix_and_in_a_wide_encoding(self) -> None:
        plain = small_file().decode().replace("<Document xmlns=", "<c:Document xmlns:c=")
        prefixed = plain.replace("</", "</c:").replace("</c:c:", "</c:")
        prefixed = "<c:Document" + prefixed.removeprefix("<c:Document").replace("<", "<c:").replace("<c:/c:", "</c:")
        wide = ("<?xml version='1.0' encoding='UTF-16'?>" + prefixed).encode("utf-16")
        assert read_camt(wide).statements == read_camt(small_file()).statements

    def test_may_begin_and_end_below_zero(self) -> None:
        content = statement_file(
            statement(
                balance("OPBD", "5.00", direction="DBIT"),
                balance("CLBD", "7.00", direction="DBIT"),
                entry("2.00", "DBIT"),
            )
        )
        assert read_camt(content).statements[0].closing_money == Money(-700, "USD")

    def test_may_open_with_the_balance_of_the_day_before(self) -> None:
        content = statement_file(statement(balance("PRCD", "1.00"), balance("CLBD", "1.00")))
        assert read_camt(content).statements[0].opening_money == Money(100, "USD")

    def test_gives_entries_that_are_not_booked_but_does_not_count_them(self) -> None:
        content = statement_file(
            statement(balance("OPBD", "1.00"), balance("CLBD", "1.00"), entry("9.00", status="PDNG"))
        )
        (read,) = read_camt(content).statements
        assert [one.status for one in read.entries] == ["PDNG"]
        assert read.booked == ()

    def test_of_a_bank_that_dates_no_entries_takes_the_closing_day(self) -> None:
        undated = "<Ntry><Amt Ccy='USD'>1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"
        content = statement_file(statement(balance("OPBD", "1.00"), balance("CLBD", "2.00"), undated))
        (only,) = read_camt(content).statements[0].entries
        assert (only.booking_date, only.value_date, only.is_booked) == (date(2026, 11, 23), date(2026, 11, 23), True)

    def test_keeps_an_amount_whole_that_a_comment_cuts_in_two(self) -> None:
        content = statement_file(
            statement(balance("OPBD", "0.00"), balance("CLBD", "1234.00"), entry("12<!-- cut -->34.00"))
        )
        assert read_camt(content).statements[0].entries[0].money == Money(123_400, "USD")

    @given(
        currency=st.sampled_from(["XOF", "USD", "KWD"]),
        opening=st.integers(-(10**12), 10**12),
        moves=st.lists(st.integers(-(10**11), 10**11), max_size=8),
    )
    @settings(max_examples=120, database=None, deadline=None)
    def test_gives_back_every_amount_to_the_minor_unit(self, currency: str, opening: int, moves: list[int]) -> None:
        def parts(minor: int) -> tuple[str, str]:
            return format(abs(Money(minor, currency)).decimal, "f"), "DBIT" if minor < 0 else "CRDT"

        def of_balance(code: str, minor: int) -> str:
            amount, direction = parts(minor)
            return balance(code, amount, currency, direction)

        entries = [entry(*parts(minor), currency=currency) for minor in moves]
        closing = opening + sum(moves)
        content = statement_file(statement(of_balance("OPBD", opening), of_balance("CLBD", closing), *entries))
        (read,) = read_camt(content).statements
        assert (read.opening_money.minor, read.closing_money.minor) == (opening, closing)
        assert [one.money.minor for one in read.entries] == moves
        assert read.balanced is True
        out_by_one = statement_file(statement(of_balance("OPBD", opening), of_balance("CLBD", closing + 1), *entries))
        assert read_camt(out_by_one).statements[0].balanced is False


class TestAnEntry:
    def read(self, inside: str, direction: str = "DBIT") -> EntryRead:
        opening, closing = ("10.00", "0.00") if direction == "DBIT" else ("0.00", "10.00")
        content = statement_file(
            statement(balance("OPBD", opening), balance("CLBD", closing), entry("10.00", direction, inside=inside))
        )
        return read_camt(content).statements[0].entries[0]

    def test_names_the_order_it_belongs_to_and_what_was_instructed(self) -> None:
        read = self.read(
            "<AcctSvcrRef>BANK-1</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>XBCT</SubFmlyCd>"
            "</Fmly></Domn></BkTxCd>"
            + details(
                "<Refs><MsgId>GAF20261123-000007</MsgId><InstrId>abc</InstrId><EndToEndId>RF18P202600001</EndToEndId>"
                "</Refs><AmtDtls><InstdAmt><Amt Ccy='XOF'>5720</Amt><CcyXchg><SrcCcy>USD</SrcCcy>"
                "<XchgRate>572</XchgRate></CcyXchg></InstdAmt></AmtDtls>"
                "<Chrgs><TtlChrgsAndTaxAmt Ccy='USD'>0.50</TtlChrgsAndTaxAmt></Chrgs>"
                "<RltdPties><Dbtr><Pty><Nm>Fund</Nm></Pty></Dbtr><Cdtr><Pty><Nm>Vendor</Nm></Pty></Cdtr>"
                "<CdtrAcct><Id><Othr><Id>0099</Id></Othr></Id></CdtrAcct></RltdPties>"
                "<RmtInf><Ustrd>RF18</Ustrd><Ustrd>P202600001</Ustrd></RmtInf>"
            )
        )
        assert (read.msg_id, read.instruction_id, read.end_to_end) == ("GAF20261123-000007", "abc", "RF18P202600001")
        assert (read.original_money, read.exchange_rate) == (Money(5720, "XOF"), Decimal(572))
        assert read.charges is not None
        assert read.charges.money == Money(50, "USD")
        assert (read.counterparty_name, read.counterparty_account) == ("Vendor", "0099")
        assert (read.remittance, read.domain_code, read.bank_reference) == (
            "RF18 P202600001",
            "PMNT/ICDT/XBCT",
            "BANK-1",
        )
        assert not read.is_return
        assert not read.is_bank_charge

    def test_that_brings_money_back_says_why_and_names_who_was_to_be_paid(self) -> None:
        read = self.read(
            details(
                "<Refs><EndToEndId>RF18P202600001</EndToEndId></Refs>"
                "<RltdPties><Cdtr><Nm>Vendor</Nm></Cdtr></RltdPties><RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>"
            ),
            direction="CRDT",
        )
        assert (read.is_return, read.return_reason, read.money) == (True, "AC01", Money(1000, "USD"))
        assert (read.end_to_end, read.counterparty_name) == ("RF18P202600001", "Vendor")

    def test_without_a_reference_has_none(self) -> None:
        assert self.read(details("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>")).end_to_end == ""

    def test_keeps_its_own_sign_when_it_is_a_reversal_or_its_detail_contradicts_it(self) -> None:
        read = self.read("<RvslInd>true</RvslInd>" + details("<CdtDbtInd>CRDT</CdtDbtInd>"))
        assert (read.is_reversal, read.money) == (True, Money(-1000, "USD"))

    def test_booked_as_a_batch_gives_its_transactions_which_add_up(self) -> None:
        read = self.read(
            details(
                "<Refs><EndToEndId>RF-A</EndToEndId></Refs><Amt Ccy='USD'>7.50</Amt>",
                "<Refs><EndToEndId>RF-B</EndToEndId></Refs><Amt Ccy='USD'>2.50</Amt>",
            )
        )
        assert read.end_to_end == ""
        assert [(one.end_to_end, one.money) for one in read.details] == [
            ("RF-A", Money(-750, "USD")),
            ("RF-B", Money(-250, "USD")),
        ]

    def test_booked_as_a_batch_that_does_not_add_up_says_so(self) -> None:
        batch = details("<Amt Ccy='USD'>7.50</Amt>", "<Amt Ccy='USD'>2.49</Amt>")
        assert self.read(batch).notes == (DETAILS_DIFFER,)
        assert self.read(batch.replace("2.49", "2.50")).notes == ()


class TestTheProof:
    def test_fails_when_a_statement_is_out_by_one_cent(self) -> None:
        assert read_camt(small_file()).statements[0].balanced is True
        assert read_camt(small_file().replace(b"110.25", b"110.26")).statements[0].balanced is False

    def test_is_each_statements_own(self) -> None:
        right = statement(balance("OPBD", "1.00"), balance("CLBD", "1.00"))
        wrong = statement(balance("OPBD", "1.00"), balance("CLBD", "2.00"), statement_id="S-2")
        assert [one.balanced for one in read_camt(statement_file(right, wrong)).statements] == [True, False]

    @pytest.mark.parametrize(
        ("parts", "balanced"),
        [
            ([balance("CLBD", "1.00")], None),
            ([balance("OPBD", "1.00")], None),
            ([balance("OPBD", "1.00"), balance("CLBD", "1.00", "EUR")], False),
            ([balance("OPBD", "1.00"), balance("CLBD", "2.00"), entry("1.00", currency="EUR")], None),
        ],
    )
    def test_cannot_be_asked_where_a_balance_is_missing_or_currencies_mix(self, parts, balanced) -> None:
        assert read_camt(statement_file(statement(*parts))).statements[0].balanced is balanced


class TestAFileIsRefusedWhole:
    @pytest.mark.parametrize(
        ("code", "parts"),
        [
            ("STMT-17", [balance("OPBD", "1.00"), balance("OPBD", "2.00"), balance("CLBD", "1.00")]),
            ("STMT-13", [balance("OPBD", "1.00"), balance("CLBD", "1.00", "US")]),
            ("STMT-10", [balance("OPBD", "1.00"), balance("CLBD", "1.00"), "<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"]),
            ("STMT-10", [balance("OPBD", "1.00"), balance("CLBD", "1.00"), "<Ntry><Amt Ccy='USD'>1.00</Amt></Ntry>"]),
            ("STMT-19", [balance("OPBD", "1.00"), balance("CLBD", "2.00"), entry("1.00", "IN")]),
            ("STMT-19", [balance("OPBD", "1.00"), balance("CLBD", "2.00"), entry("1.00", status="PERHAPS")]),
            ("STMT-23", [balance("OPBD", "1.00"), balance("CLBD", "2.00"), entry("1.00</Amt><Amt Ccy='USD'>5.00")]),
            ("STMT-24", [balance("OPBD", "1.00"), balance("CLBD", "2.00"), entry("1<x>0</x>0")]),
            ("STMT-22", [balance("OPBD", "1.00"), balance("CLBD", "2.00"), entry("1.00", inside=_LONG_REFERENCE)]),
        ],
    )  # fmt: skip
    def test_for_the_first_wrong_thing_in_it(self, code: str, parts: list[str]) -> None:
        assert refusal(statement_file(statement(*parts))).code == code

    def test_when_a_statement_is_in_it_twice(self) -> None:
        one = statement(balance("OPBD", "1.00"), balance("CLBD", "1.00"))
        assert refusal(statement_file(one, one)).code == "STMT-09"

    def test_when_no_statement_is_in_it(self) -> None:
        assert refusal(statement_file()).code == "STMT-08"

    @pytest.mark.parametrize(
        "day", ["2026-02-30", "23.11.2026", "2026-11-23x", "0000-00-00", "\uff12\uff10\uff12\uff16-11-23"]
    )
    def test_for_a_day_that_does_not_exist(self, day: str) -> None:
        content = small_file().decode().replace("<BookgDt><Dt>2026-11-23", f"<BookgDt><Dt>{day}").encode()
        assert refusal(content).code == "STMT-18"
