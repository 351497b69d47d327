"""What an import keeps, and what it refuses to count twice: overlapping files, equal lines, gaps, other accounts."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from finance.actions.statements import TakenIn, accept_statement, import_sheets
from finance.books import verify
from finance.chain import chain_of
from finance.models import LineDetail, PendingLine, RepeatedLine, Statement, StatementLine
from finance.views.accounts import accounts_today
from gaf import clock
from gaf.accounts.queries import system_actor
from gaf.gate import acting
from gaf.money import Money
from gaf.refusals import NotPermitted, Refusal
from gaf.sealing import fingerprint
from tests.finance.bank_file.samples import balance, details
from tests.finance.builders import Fund, everything, usd

ACCOUNT = "CH9300762011623852957"
DAYS = {1: "2026-11-19", 2: "2026-11-20", 3: "2026-11-21"}


def line(
    amount: str, reference: str = "", *, day: int = 1, text: str = "", status: str = "BOOK", inside: str = ""
) -> str:
    """An entry: `-5.00` is a debit."""
    direction = "DBIT" if amount.startswith("-") else "CRDT"
    told = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    more = inside or (details(f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>") if text else "")
    return (
        f"<Ntry><Amt Ccy='USD'>{amount.lstrip('-')}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>"
        f"<BookgDt><Dt>{DAYS[day]}</Dt></BookgDt>{told}{more}</Ntry>"
    )


def file_of(
    *lines: str, opening: str = "", closing: str = "", name: str = "S-1", days: tuple[int, int] = (1, 1),
    message: str = "BkToCstmrStmt", sheet: str = "Stmt", account: str = ACCOUNT, number: int = 0,
) -> bytes:  # fmt: skip
    """A file of one statement, or of one report where it has no balances."""
    ends = (balance("OPBD", opening) if opening else "") + (balance("CLBD", closing) if closing else "")
    numbered = f"<ElctrncSeqNb>{number}</ElctrncSeqNb>" if number else ""
    period = f"<FrToDt><FrDtTm>{DAYS[days[0]]}T00:00:00Z</FrDtTm><ToDtTm>{DAYS[days[1]]}T23:00:00Z</ToDtTm></FrToDt>"
    return (
        f"<Document><{message}><{sheet}><Id>{name}</Id>{numbered}{period}<Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{ends}{''.join(lines)}</{sheet}></{message}></Document>"
    ).encode()


def report_of(*lines: str, name: str = "R-1") -> bytes:
    """An intraday report (camt.052)."""
    return file_of(*lines, name=name, message="BkToCstmrAcctRpt", sheet="Rpt")


def advice_of(*lines: str, name: str = "A-1") -> bytes:
    """An advice (camt.054)."""
    return file_of(*lines, name=name, message="BkToCstmrDbtCdtNtfctn", sheet="Ntfctn")


def bring(fund: Fund, content: bytes) -> TakenIn:
    (taken,) = import_sheets(content=content, actor=fund.esi, at=clock.now())
    return taken


def minors() -> list[int]:
    return list(StatementLine.objects.order_by("id").values_list("minor", flat=True))


def findings(taken: TakenIn) -> list[str]:
    return [one["code"] for one in taken.statement.findings]


def books_hold() -> bool:
    return [one.code for one in verify() if one.broken] == []


class TestTheSameStatementTwice:
    def test_f42_same_bytes_or_other_line_endings_bring_nothing_new(self, fund: Fund) -> None:
        content = file_of(line("5.00", "B1"), opening="10000.00", closing="10005.00")
        assert bring(fund, content).new == 1
        before = everything()
        for again in (content, content.replace(b"><", b">\r\n<"), content.replace(b"><", b">\n<")):
            taken = bring(fund, again)
            assert (taken.was_here, taken.new, taken.known) == (True, 0, 1)
        assert everything() == before


class TestOverlappingStatements:
    def test_f43_a_statement_after_an_intraday_report_adds_only_what_is_new(self, fund: Fund) -> None:
        report = bring(fund, report_of(line("5.00", "B1"), line("-2.00", "B2", status="PDNG")))
        assert (report.new, report.pending, report.statement.kind) == (1, 1, "REPORT")
        statement = bring(
            fund,
            file_of(
                line("5.00", "B1"), line("-2.00", "B2"), line("1.00", "B3"), opening="10000.00", closing="10004.00"
            ),
        )
        assert (statement.new, statement.known, statement.statement.state) == (2, 1, "IMPORTED")
        assert minors() == [500, -200, 100]
        assert PendingLine.objects.get().replaced_by == StatementLine.objects.get(minor=-200)
        chain = chain_of(fund.geneva)
        assert (chain.whole, chain.balance, chain.open_minor) == (True, usd("10004.00"), 0)
        assert books_hold()

    def test_f43_a_monthly_statement_after_daily_ones_adds_nothing_and_fits(self, fund: Fund) -> None:
        bring(fund, file_of(line("5.00", "B1"), opening="10000.00", closing="10005.00"))
        bring(
            fund,
            file_of(line("7.00", day=2, text="x"), opening="10005.00", closing="10012.00", name="S-2", days=(2, 2)),
        )
        month = bring(
            fund,
            file_of(
                line("5.00", "B1"), line("7.00", day=2, text="x"), opening="10000.00", closing="10012.00",
                name="MONTH", days=(1, 3),
            ),
        )  # fmt: skip
        assert (month.new, month.known, findings(month)) == (0, 2, [])
        assert RepeatedLine.objects.count() == 2
        assert (chain_of(fund.geneva).whole, chain_of(fund.geneva).balance) == (True, usd("10012.00"))
        assert books_hold()

    def test_f43_a_longer_statement_adds_the_days_that_are_new(self, fund: Fund) -> None:
        bring(fund, file_of(line("5.00", "B1"), opening="10000.00", closing="10005.00"))
        longer = bring(
            fund,
            file_of(
                line("5.00", "B1"),
                line("7.00", "B2", day=2),
                opening="10000.00",
                closing="10012.00",
                name="S-2",
                days=(1, 2),
            ),
        )
        assert (longer.new, longer.known, findings(longer)) == (1, 1, [])
        assert chain_of(fund.geneva).balance == usd("10012.00")

    def test_f43_a_report_line_that_the_statement_does_not_list_is_found(self, fund: Fund) -> None:
        bring(fund, report_of(line("5.00", "B1"), line("3.00", "GHOST")))
        statement = bring(fund, file_of(line("5.00", "B1"), opening="10000.00", closing="10005.00"))
        assert (findings(statement), statement.statement.state) == (["unlisted"], "NEEDS_REVIEW")


class TestEqualLines:
    def test_f44_two_genuine_equal_lines_are_two_and_stay_two(self, fund: Fund) -> None:
        twice = [line("-3.00", text="Coffee"), line("-3.00", text="Coffee")]
        bring(fund, file_of(*twice, opening="10000.00", closing="9994.00"))
        assert minors() == [-300, -300]
        longer = bring(
            fund, file_of(*twice, line("1.00", day=2), opening="10000.00", closing="9995.00", name="S-2", days=(1, 2))
        )
        assert (longer.new, longer.known) == (1, 2)

    def test_f44_an_equal_line_on_a_later_sheet_of_the_same_day_is_new_where_the_balance_says_so(
        self, fund: Fund
    ) -> None:
        bring(fund, file_of(line("-3.00", text="Coffee"), opening="10000.00", closing="9997.00"))
        second = bring(fund, file_of(line("-3.00", text="Coffee"), opening="9997.00", closing="9994.00", name="S-2"))
        assert (second.new, second.known, findings(second)) == (1, 0, [])
        assert minors() == [-300, -300]
        assert books_hold()


class TestAGap:
    def test_f45_is_kept_for_a_second_look_and_nothing_is_suggested(self, fund: Fund) -> None:
        bring(fund, file_of(opening="10000.00", closing="10000.00"))
        later = bring(
            fund, file_of(line("1.00", "B9", day=3), opening="10007.00", closing="10008.00", name="S-3", days=(3, 3))
        )
        assert findings(later) == ["gap"]
        assert later.statement.findings[0] == {"code": "gap", "expected": 1_000_000, "found": 1_000_700}
        assert StatementLine.objects.get().state == "HELD"
        assert not chain_of(fund.geneva).whole
        assert not accounts_today("GVA")[0].whole
        assert books_hold()

    def test_f45_is_closed_by_the_statement_that_came_late(self, fund: Fund) -> None:
        bring(fund, file_of(opening="10000.00", closing="10000.00"))
        bring(fund, file_of(line("1.00", "B9", day=3), opening="10007.00", closing="10008.00", name="S-3", days=(3, 3)))
        bring(fund, file_of(line("7.00", "B8", day=2), opening="10000.00", closing="10007.00", name="S-2", days=(2, 2)))
        chain = chain_of(fund.geneva)
        assert (chain.whole, chain.balance) == (True, usd("10008.00"))
        assert accounts_today("GVA")[0].whole
        assert books_hold()

    def test_f45_in_the_banks_numbers_is_found_though_the_balance_fits(self, fund: Fund) -> None:
        bring(fund, file_of(opening="10000.00", closing="10000.00", number=4))
        later = bring(fund, file_of(opening="10000.00", closing="10000.00", name="S-3", days=(3, 3), number=6))
        assert later.statement.findings == [{"code": "number_gap", "expected": 5, "found": 6}]

    def test_f45_a_statement_that_does_not_add_up_is_held(self, fund: Fund) -> None:
        wrong = bring(fund, file_of(line("1.00", "B1"), opening="10000.00", closing="10002.00"))
        assert (findings(wrong), wrong.statement.state) == (["unbalanced"], "NEEDS_REVIEW")
        assert not chain_of(fund.geneva).whole
        assert books_hold()

    def test_f45_its_lines_move_only_after_another_persons_look(self, fund: Fund) -> None:
        wrong = bring(fund, file_of(line("1.00", "B1"), opening="10000.00", closing="10002.00")).statement
        held = StatementLine.objects.get()
        letting_go = {"act": "let_line_go", "actor": system_actor(), "at": clock.now()}
        with (
            pytest.raises(DatabaseError, match="STMT-53"),
            transaction.atomic(),
            acting(StatementLine, held.pk, **letting_go) as doing,
        ):
            doing.subject.let_line_go()
        with pytest.raises(NotPermitted) as refused:
            accept_statement(statement_id=wrong.pk, reason="Fine.", actor=fund.esi, at=clock.now())
        assert refused.value.code == "STMT-39"
        with pytest.raises(Refusal) as without:
            accept_statement(statement_id=wrong.pk, reason=" ", actor=fund.helena, at=clock.now())
        assert (without.value.code, StatementLine.objects.get().state) == ("STMT-38", "HELD")
        accepted = accept_statement(statement_id=wrong.pk, reason="Rang.", actor=fund.helena, at=clock.now())
        assert (accepted.state, StatementLine.objects.get().state) == ("REVIEWED", "UNMATCHED")
        assert books_hold()


class TestWhatIsNotForUs:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (file_of(opening="1.00", closing="1.00", account="CH3109000000250097799"), "STMT-31"),
            (file_of(opening="1.00", closing="1.00").replace(b"'USD'", b"'EUR'"), "STMT-31"),
            (file_of(line("1.00").replace("USD", "EUR"), opening="1.00", closing="2.00"), "STMT-14"),
            (file_of(line("1.00").replace(DAYS[1], "2027-11-19"), opening="1.00", closing="2.00"), "STMT-37"),
            (file_of(line("1.00").replace(DAYS[1], "2026-02-30"), opening="1.00", closing="2.00"), "STMT-18"),
            (file_of(line("1.005"), opening="1.00", closing="2.00"), "STMT-12"),
        ],
        ids=["other account", "other currency", "mixed currencies", "future", "30 February", "half a cent"],
    )
    def test_f46_is_refused_and_nothing_is_kept(self, fund: Fund, content: bytes, code: str) -> None:
        before = everything()
        with pytest.raises(Refusal) as refused:
            bring(fund, content)
        assert refused.value.code == code
        assert (everything(), Statement.objects.count()) == (before, 0)

    def test_f46_a_value_day_that_does_not_exist_waits_for_a_second_look(self, fund: Fund) -> None:
        text = ":20:A\n:25:%s\n:28C:1\n:60F:C260101USD10000,00\n:61:2602300301D6,00NMSCX\n:62F:C260301USD9994,00\n-"
        taken = bring(fund, (text % ACCOUNT).encode())
        assert (findings(taken), StatementLine.objects.get().booked_on) == (["impossible_day"], date(2026, 3, 1))


class TestAnAdvice:
    RETURNED = details(
        "<Refs><EndToEndId>RF18P202600001</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
        "<RltdPties><CdtrAcct><Id><Othr><Id>0099</Id></Othr></Id></CdtrAcct></RltdPties>"
    )

    def test_before_its_statement_gives_the_line_its_reason_and_reference(self, fund: Fund) -> None:
        assert bring(fund, advice_of(line("5.00", "B1", inside=self.RETURNED))).pending == 1
        assert minors() == []
        bring(fund, file_of(line("5.00", "B1"), opening="10000.00", closing="10005.00"))
        booked = StatementLine.objects.get()
        assert (booked.return_code, booked.end_to_end, booked.is_return) == ("AC04", "RF18P202600001", True)

    def test_after_its_statement_tells_the_line_more_and_moves_nothing(self, fund: Fund) -> None:
        bring(fund, file_of(line("5.00", "B1"), opening="10000.00", closing="10005.00"))
        bring(fund, advice_of(line("5.00", "B1", inside=self.RETURNED)))
        booked = StatementLine.objects.get()
        assert (booked.return_code, booked.end_to_end, booked.minor) == ("AC04", "RF18P202600001", 500)
        assert (PendingLine.objects.count(), books_hold()) == (0, True)


class TestALine:
    def test_keeps_the_other_sides_account_as_the_hash_payees_have(self, fund: Fund) -> None:
        inside = details("<RltdPties><CdtrAcct><Id><Othr><Id>0099 12</Id></Othr></Id></CdtrAcct></RltdPties>")
        bring(fund, file_of(line("-5.00", "B1", inside=inside), opening="10000.00", closing="9995.00"))
        assert StatementLine.objects.get().counterparty_account_hash == fingerprint("009912")

    def test_booked_as_a_batch_keeps_its_payments_and_whose_message_they_were(self, fund: Fund) -> None:
        batch = (
            "<NtryDtls><Btch><MsgId>GAF1</MsgId><PmtInfId>GAF1-USD</PmtInfId></Btch>"
            "<TxDtls><Refs><EndToEndId>RF-A</EndToEndId></Refs><Amt Ccy='USD'>3.00</Amt></TxDtls>"
            "<TxDtls><Refs><EndToEndId>RF-B</EndToEndId></Refs><Amt Ccy='USD'>2.00</Amt></TxDtls></NtryDtls>"
        )
        bring(fund, file_of(line("-5.00", "B1", inside=batch), opening="10000.00", closing="9995.00"))
        assert StatementLine.objects.get().batch_key == "GAF1-USD"
        assert [(one.end_to_end, one.money) for one in LineDetail.objects.all()] == [
            ("RF-A", Money(-300, "USD")),
            ("RF-B", Money(-200, "USD")),
        ]
