"""Files made to mislead, to read other files, or to wear the machine out."""

from __future__ import annotations

from pathlib import Path

import pytest

from finance.gateways.bank_file import hardened_xml
from finance.gateways.bank_file.refusals import StatementRefused
from finance.gateways.statements.camt import read_camt
from tests.finance.bank_file.samples import balance, entry, payment_file, small_file, statement, statement_file


def refused_as(content: bytes) -> str:
    with pytest.raises(StatementRefused) as refused:
        read_camt(content)
    assert refused.value.what == "The statement file was not read; nothing was imported."
    return refused.value.code


class TestADocumentType:
    def test_is_refused_even_when_it_is_empty(self) -> None:
        assert refused_as(b"<!DOCTYPE Document>" + small_file()) == "STMT-03"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    def test_is_found_in_every_accepted_encoding(self, encoding: str) -> None:
        assert refused_as(("<!DOCTYPE Document>" + small_file().decode()).encode(encoding)) == "STMT-03"

    def test_that_names_a_file_of_ours_reads_nothing(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("12.50")
        content = f"<!DOCTYPE D [<!ENTITY x SYSTEM 'file://{secret}'>]>".encode() + small_file().replace(
            b"12.50", b"&x;"
        )
        assert refused_as(content) == "STMT-03"

    def test_that_grows_a_thousandfold_is_not_even_parsed(self) -> None:
        laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
        content = f"<!DOCTYPE D [<!ENTITY l0 'ha'>{laughs}]>".encode() + small_file().replace(b"12.50", b"&l9;")
        assert refused_as(content) == "STMT-03"

    def test_is_not_hidden_by_an_encoding_we_cannot_search(self) -> None:
        hidden = "<?xml version='1.0' encoding='cp037'?><!DOCTYPE D>" + small_file().decode()
        assert refused_as(hidden.encode("cp037")) == "STMT-05"
        assert refused_as(b"<?xml version='1.0' encoding='UTF-7'?>" + small_file()) == "STMT-04"

    def test_that_the_search_of_bytes_overlooked_is_still_found_by_the_parser(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hardened_xml, "check_bytes", lambda content: None)
        assert refused_as(b"<!DOCTYPE Document []>" + small_file()) == "STMT-03"


class TestAFile:
    @pytest.mark.parametrize("content", [b"", b"  \n", b"\x00\x00"])
    def test_without_content_is_refused(self, content: bytes) -> None:
        assert refused_as(content) == "STMT-01"

    def test_larger_than_any_statement_is_refused_before_parsing(self) -> None:
        assert refused_as(b"<" + b"x" * hardened_xml.MOST_BYTES) == "STMT-02"

    def test_of_more_elements_than_any_statement_has_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hardened_xml, "MOST_ELEMENTS", 1000)
        assert refused_as(small_file().replace(b"<Stmt>", b"<Stmt>" + b"<x/>" * 1000)) == "STMT-02"

    @pytest.mark.parametrize("content", [b"PK\x03\x04", b":20:STARTUMS", b"{}", b"<", b"<<", b"<\x00"])
    def test_that_is_no_xml_is_refused(self, content: bytes) -> None:
        assert refused_as(content) == "STMT-05"

    @pytest.mark.parametrize("wrong", [b"</Ntry></Stmt>", b"<Bal", b"\xff\xfe", b"&nothing;", b"&#0;", b"&#x1F;"])
    def test_with_something_that_is_no_xml_is_refused(self, wrong: bytes) -> None:
        assert refused_as(small_file().replace(b"12.50", wrong)) == "STMT-05"

    def test_cut_off_anywhere_is_refused(self) -> None:
        whole = small_file()
        for length in range(1, len(whole) - 1, 7):
            assert refused_as(whole[:length]) in {"STMT-05", "STMT-07"}

    @pytest.mark.parametrize("levels", [70, 300, 200_000])
    def test_nested_too_deep_is_refused(self, levels: int) -> None:
        deep = b"<x>" * levels + b"</x>" * levels
        assert refused_as(small_file().replace(b"<Stmt>", b"<Stmt>" + deep)) == "STMT-06"

    @pytest.mark.parametrize("message", [b"CstmrPmtStsRpt", b"CstmrCdtTrfInitn", b"html", b"Stmt"])
    def test_of_another_kind_is_refused(self, message: bytes) -> None:
        assert refused_as(small_file().replace(b"BkToCstmrStmt", message)) == "STMT-07"

    def test_of_two_kinds_at_once_is_refused(self) -> None:
        both = small_file().replace(b"</Document>", b"<BkToCstmrAcctRpt/></Document>")
        assert refused_as(both) == "STMT-07"

    def test_that_is_our_own_payment_file_is_refused(self) -> None:
        assert refused_as(payment_file()) == "STMT-07"

    def test_without_a_namespace_is_refused(self) -> None:
        assert refused_as(b"<Document/>") == "STMT-07"


class TestAnAmount:
    @pytest.mark.parametrize(
        "amount",
        ["NaN", "Infinity", "1E+9", "-5.00", "+5.00", "12,50", "1 000.00", "", ".50", "5.", "\uff11\uff12.50", "0x10",
         "12..34", "12345678901234.00", "1.000001"],
    )  # fmt: skip
    def test_that_is_not_plain_digits_is_refused(self, amount: str) -> None:
        parts = [balance("OPBD", "0.00"), balance("CLBD", "0.00"), entry(amount)]
        assert refused_as(statement_file(statement(*parts))) == "STMT-11"

    @pytest.mark.parametrize(("amount", "currency"), [("1.005", "USD"), ("1.5", "XOF"), ("1.0005", "KWD")])
    def test_with_more_decimals_than_its_currency_is_no_money(self, amount: str, currency: str) -> None:
        (read,) = read_camt(statement_file(statement(entry(amount, currency=currency)))).entries
        with pytest.raises(StatementRefused) as refused:
            _ = read.money
        assert refused.value.code == "STMT-12"

    def test_with_zeros_after_its_last_decimal_is_read(self) -> None:
        parts = [balance("OPBD", "0"), balance("CLBD", "1.50000"), entry("1.500")]
        assert read_camt(statement_file(statement(*parts))).statements[0].closing_money.minor == 150

    def test_of_a_foreign_namespace_is_not_taken_for_the_banks(self) -> None:
        foreign = "<Ntry xmlns='urn:other'><Amt Ccy='USD'>5.00</Amt></Ntry>"
        parts = [balance("OPBD", "1.00"), balance("CLBD", "1.00"), foreign]
        assert read_camt(statement_file(statement(*parts))).statements[0].entries == ()
