"""The bank's folder as a rail: the same six words as any other, and a signed file handed over once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finance.gateways.bank_file.rail import BankFileRail
from finance.gateways.port import (
    Accepted,
    Found,
    Instruction,
    NotFound,
    ProviderStatus,
    Quote,
    Refused,
    SignedFile,
    Then,
    Unknown,
)
from finance.gateways.rails import goes_by_file, rail_for
from gaf.money import Money

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILE = SignedFile("FILE-2026-00007", b"<Document>signed by two</Document>")
ORDER = Instruction("P-2026-00031", "a" * 32, Money(25_000, "USD"), "RF18P202600031", "GAF P", "DE89", FILE)
ANSWER = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<OrgnlGrpInfAndSts><OrgnlMsgId>{file}</OrgnlMsgId><GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{order}</OrgnlEndToEndId><TxSts>{status}</TxSts>
<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""


@pytest.fixture
def rail(tmp_path):
    (tmp_path / "out").mkdir()
    return BankFileRail(tmp_path)


def hand_over(rail, order=ORDER):
    return rail.create(order, first_called_at=None, now=NOON)


def answered(tmp_path, *, status="RJCT", group="PART", file=FILE.name, order=ORDER.end_to_end):
    words = ANSWER.format(file=file, group=group, order=order, status=status, reason="AC01")
    (tmp_path / "out" / "answer.xml").write_text(words)


class TestTheBanksFolderAsARail:
    def test_takes_a_signed_file_and_finds_it_there(self, rail, tmp_path):
        assert rail.find(ORDER) == NotFound()
        assert hand_over(rail) == Accepted(FILE.name)
        assert (tmp_path / "in" / f"{FILE.name}.xml").read_bytes() == FILE.content
        assert rail.find(ORDER) == Found(FILE.name, ProviderStatus.PENDING, ORDER.money)

    def test_holds_one_file_however_often_it_is_handed_over(self, rail, tmp_path):
        assert [hand_over(rail), hand_over(rail)] == [Accepted(FILE.name)] * 2
        assert len(list((tmp_path / "in").iterdir())) == 1

    def test_never_writes_over_a_file_of_that_name_with_other_bytes(self, rail, tmp_path):
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / f"{FILE.name}.xml").write_bytes(b"somebody else's")
        answer = hand_over(rail)
        assert (answer.code, answer.then) == ("other_bytes", Then.CALL_A_PERSON)
        assert (tmp_path / "in" / f"{FILE.name}.xml").read_bytes() == b"somebody else's"

    def test_does_not_hand_over_again_what_the_bank_fetched_and_answered(self, rail, tmp_path):
        answered(tmp_path, status="ACSP")
        assert hand_over(rail) == Accepted(FILE.name)
        assert not (tmp_path / "in").exists()

    def test_says_what_the_bank_refused_and_why(self, rail, tmp_path):
        hand_over(rail)
        assert rail.status(ORDER, FILE.name).status is ProviderStatus.PENDING
        answered(tmp_path)
        state = rail.status(ORDER, FILE.name)
        assert (state.status, state.failure_code) == (ProviderStatus.FAILED, "AC01")

    @pytest.mark.parametrize("wrong", [{"file": "FILE-2026-00008"}, {"order": "RF00OTHER", "group": ""}])
    def test_takes_no_answer_about_another_file_or_order_for_its_own(self, rail, tmp_path, wrong):
        hand_over(rail)
        answered(tmp_path, **wrong)
        assert rail.status(ORDER, FILE.name).status is ProviderStatus.PENDING

    def test_stops_only_what_was_never_handed_over(self, rail):
        assert rail.cancel(ORDER, FILE.name).status is ProviderStatus.CANCELED
        hand_over(rail)
        assert rail.cancel(ORDER, FILE.name).status is ProviderStatus.PENDING

    def test_refuses_what_lies_in_no_file_and_brings_nothing_back_itself(self, rail):
        loose = Instruction("P-1", "b" * 32, ORDER.money, "RF1", "GAF", "DE89")
        assert isinstance(hand_over(rail, loose), Refused)
        assert rail.bring_back(ORDER).code == "comes_by_statement"
        assert (rail.quote(ORDER), rail.funds("USD")) == (Quote(ORDER.money), None)

    def test_leaves_it_unknown_when_the_folder_cannot_be_written(self, tmp_path):
        (tmp_path / "in").write_text("a file where the folder should be")
        answer = hand_over(BankFileRail(tmp_path))
        assert isinstance(answer, Unknown)


class TestTheChoiceOfARail:
    def test_is_made_in_one_place_and_every_rail_speaks_the_same_words(self, settings):
        settings.STRIPE_API_KEY = "sk_test_suite"
        words = {"quote", "funds", "create", "find", "status", "cancel", "bring_back"}
        for kind in ("BANK_FILE", "STRIPE"):
            assert words <= set(dir(rail_for(kind)))
        assert (goes_by_file("BANK_FILE"), goes_by_file("STRIPE")) == (True, False)
