"""F52: what the bank says about our payment files, order by order."""

from __future__ import annotations

import pytest

from finance.actions.statement_files import keep_file
from finance.actions.status_reports import take_in_report
from finance.books import verify
from finance.gateways.statements.formats import read_file
from finance.gateways.statements.pain002 import StatusReportRead
from finance.models import Commitment, Disbursement, PaymentFile, StatusReport
from gaf import clock
from gaf.outbox.outbox import drain
from gaf.refusals import Refusal
from tests.finance.builders import Fund, everything, usd


def report_of(message: str, *orders: tuple[str, str, str], group: str = "", space: str = "") -> bytes:
    """A pain.002 about a file: each order's reference, status and reason."""
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf></TxInfAndSts>"
        for reference, status, reason in orders
    )
    payments = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId>{told}</OrgnlPmtInfAndSts>" if told else ""
    status = f"<GrpSts>{group}</GrpSts>" if group else ""
    return (
        f"<Document{space}><CstmrPmtStsRpt><GrpHdr><MsgId>B-1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{message}</OrgnlMsgId>{status}</OrgnlGrpInfAndSts>{payments}</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.fixture
def three(fund: Fund) -> list[Disbursement]:
    """Three disbursements that are at the bank in one file."""
    fund.commit(usd("1000.00"))
    made = [fund.prepare(usd(amount), fund.payee()) for amount in ("100.00", "200.00", "300.00")]
    fund.release(*made)
    fund.signed_file()
    drain()
    return [fund.now(one) for one in made]


def take_in(fund: Fund, content: bytes) -> StatusReport:
    file = keep_file(content=content, name="report.xml", actor=fund.esi, at=clock.now())
    read = read_file(content)
    assert isinstance(read, StatusReportRead)
    return take_in_report(read=read, file=file, actor=fund.esi, at=clock.now())


def states(*disbursements: Disbursement) -> list[str]:
    return [Disbursement.objects.get(pk=one.pk).state for one in disbursements]


class TestARejection:
    def test_f52_of_one_of_many_fails_only_that_one(self, fund: Fund, three: list[Disbursement]) -> None:
        first, second, third = three
        message = PaymentFile.objects.get().message_id
        content = report_of(message, (second.end_to_end, "RJCT", "AC01"), (third.end_to_end, "ACSC", ""), group="PART")
        report = take_in(fund, content)
        assert states(first, second, third) == ["SENT", "FAILED", "SENT"]
        assert [(item.status, item.outcome) for item in report.items.all()] == [("RJCT", "FAILED"), ("ACSC", "NOTED")]
        assert Disbursement.objects.get(pk=second.pk).return_code == "AC01"
        assert Commitment.objects.get().disbursed_usd_minor == 40_000
        assert [one.code for one in verify() if one.broken] == []

    def test_f52_of_the_whole_file_fails_all_of_it(self, fund: Fund, three: list[Disbursement]) -> None:
        take_in(fund, report_of(PaymentFile.objects.get().message_id, group="RJCT"))
        assert states(*three) == ["FAILED", "FAILED", "FAILED"]

    def test_f52_told_again_by_another_report_fails_nothing_more(self, fund: Fund, three) -> None:
        message = PaymentFile.objects.get().message_id
        content = report_of(message, (three[0].end_to_end, "RJCT", "AC01"))
        take_in(fund, content)
        again = take_in(fund, content.replace(b"B-1", b"B-2"))
        assert [(item.outcome, item.reason_code) for item in again.items.all()] == [("NOTED", "")]
        assert states(*three) == ["FAILED", "SENT", "SENT"]


class TestAnAcceptance:
    @pytest.mark.parametrize("status", ["ACTC", "ACSP", "PDNG", "PART"])
    def test_f52_is_noted_and_moves_nothing(self, fund: Fund, three: list[Disbursement], status: str) -> None:
        before = {**everything(), "decisions": 0}
        take_in(fund, report_of(PaymentFile.objects.get().message_id, group=status))
        assert {**everything(), "decisions": 0} == before


class TestAReportWeCannotPlace:
    def test_f52_about_an_unknown_message_is_quarantined_with_the_reason(self, fund: Fund, three) -> None:
        report = take_in(fund, report_of("GAF-UNKNOWN", (three[0].end_to_end, "RJCT", "AC01"), group="RJCT"))
        assert (report.outcome, report.reason_code) == ("QUARANTINED", "unknown_message")
        assert [item.outcome for item in report.items.all()] == ["QUARANTINED"]
        assert states(*three) == ["SENT", "SENT", "SENT"]

    def test_f52_about_an_order_that_is_not_in_the_file_is_quarantined(self, fund: Fund, three) -> None:
        report = take_in(fund, report_of(PaymentFile.objects.get().message_id, ("RF18XXX", "RJCT", "AC01")))
        assert [(item.outcome, item.reason_code) for item in report.items.all()] == [("QUARANTINED", "unknown_order")]
        assert states(*three) == ["SENT", "SENT", "SENT"]

    def test_f52_taken_in_twice_is_refused(self, fund: Fund, three: list[Disbursement]) -> None:
        content = report_of(PaymentFile.objects.get().message_id, group="ACTC")
        take_in(fund, content)
        with pytest.raises(Refusal) as refused:
            take_in(fund, content)
        assert refused.value.code == "STMT-43"


class TestReading:
    @pytest.mark.parametrize("space", ["", " xmlns='urn:x:pain.002.001.03.ch.02.xsd'", " Xmlns='a:pain.002.001.10'"])
    def test_asks_for_no_namespace(self, space: str) -> None:
        read = read_file(report_of("M-1", ("RF1", "RJCT", "AC01"), space=space))
        assert isinstance(read, StatusReportRead)
        assert (read.original_message_id, read.transactions[0].reasons) == ("M-1", ("AC01",))

    def test_refuses_a_status_nobody_knows(self) -> None:
        with pytest.raises(Refusal) as refused:
            read_file(report_of("M-1", group="MAYBE"))
        assert refused.value.code == "STMT-19"
