"""What the payment file asks the bank to do."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from finance.gateways.bank_file.credit_transfer import NAMESPACE, PaymentFileRefused
from finance.gateways.bank_file.latin import in_latin
from gaf.money import Money, exponent
from tests.finance.bank_file.samples import FUND, PAIN_SCHEMA, order, payment_file, schema_of

_NAMES = {"p": NAMESPACE}
_SCHEMA = schema_of(PAIN_SCHEMA)


def texts(content: bytes, path: str) -> list[str]:
    return [str(one) for one in etree.fromstring(content).xpath(f"{path}/text()", namespaces=_NAMES)]


class TestAPaymentFile:
    def test_is_valid_under_the_published_schema(self) -> None:
        _SCHEMA.assertValid(etree.fromstring(payment_file()))

    def test_of_a_thousand_orders_in_three_currencies_is_valid_and_adds_up(self) -> None:
        amounts = [Money(1 + number * 7919, ("USD", "XOF", "KWD")[number % 3]) for number in range(1000)]
        content = payment_file(*(order(number, amount) for number, amount in enumerate(amounts)))
        _SCHEMA.assertValid(etree.fromstring(content))
        assert texts(content, "//p:GrpHdr/p:NbOfTxs") == ["1000"]
        assert Decimal(texts(content, "//p:GrpHdr/p:CtrlSum")[0]) == sum(amount.decimal for amount in amounts)
        blocks = [Decimal(one) for one in texts(content, "//p:PmtInf/p:CtrlSum")]
        assert blocks == [
            sum(amount.decimal for amount in amounts if amount.currency == currency)
            for currency in ("KWD", "USD", "XOF")
        ]

    def test_is_the_same_to_the_last_byte_for_the_same_orders(self) -> None:
        first, second = (hashlib.sha256(payment_file(order(1), order(2))).hexdigest() for _again in range(2))
        assert first == second

    def test_states_its_time_in_universal_time_whatever_the_office_clock(self) -> None:
        in_geneva = datetime(2026, 11, 23, 10, 30, tzinfo=timezone(timedelta(hours=1)))
        in_universal_time = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
        assert payment_file(created_at=in_geneva) == payment_file(created_at=in_universal_time)

    def test_needs_a_time_with_a_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            payment_file(created_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC).replace(tzinfo=None))

    def test_has_one_block_for_each_currency_on_the_one_paying_account(self) -> None:
        content = payment_file(
            order(1, Money(904_000, "XOF")), order(2, Money(171_385, "KWD")), order(3, Money(10_000, "XOF"))
        )
        assert texts(content, "//p:PmtInf/p:PmtInfId") == ["GAF20261123-000007-KWD", "GAF20261123-000007-XOF"]
        assert texts(content, "//p:PmtInf/p:NbOfTxs") == ["1", "2"]
        assert texts(content, "//p:PmtInf/p:DbtrAcct/p:Ccy") == ["USD", "USD"]

    @pytest.mark.parametrize(
        ("money", "written"),
        [
            (Money(904_000, "XOF"), "904000"),
            (Money(171_385, "KWD"), "171.385"),
            (Money(15_000_000, "IDR"), "150000.00"),
            (Money(5, "USD"), "0.05"),
            (Money(1, "KWD"), "0.001"),
        ],
    )
    def test_writes_as_many_decimals_as_the_currency_has(self, money: Money, written: str) -> None:
        content = payment_file(order(1, money))
        assert texts(content, "//p:InstdAmt") == [written]
        assert texts(content, "//p:GrpHdr/p:CtrlSum") == [written]

    def test_identifies_an_account_without_iban_by_its_number_and_an_iban_as_iban(self) -> None:
        iban = order(2, payee_account="SN08 SN01 0015 2000 0485 0000 3035", payee_account_is_iban=True)
        content = payment_file(order(1, payee_account="0012 345-6"), iban)
        assert texts(content, "//p:CdtrAcct/p:Id/p:Othr/p:Id") == ["00123456"]
        assert texts(content, "//p:CdtrAcct/p:Id/p:IBAN") == ["SN08SN0100152000048500003035"]

    def test_gives_town_and_country_of_both_sides_and_the_number_that_follows_the_order(self) -> None:
        content = payment_file()
        assert texts(content, "//p:PstlAdr/p:TwnNm") == ["Geneve", "Niamey"]
        assert texts(content, "//p:PstlAdr/p:Ctry") == ["CH", "NE"]
        assert texts(content, "//p:UETR") == ["00000001-1111-4222-8333-444455556666"]

    def test_tells_bank_and_payee_nothing_but_the_reference(self) -> None:
        content = payment_file()
        assert texts(content, "//p:RmtInf/p:Ustrd") == texts(content, "//p:EndToEndId") == ["RF18P202600001"]


class TestWords:
    @pytest.mark.parametrize(
        ("written", "sent"),
        [
            ("Société Nigérienne d’Hôtellerie", "Societe Nigerienne d'Hotellerie"),
            ("Müller & Søn – Œuvre", "Muller + Son - OEuvre"),
            ("Łódź_Łęczyca; Straße", "Lodz-Leczyca, Strasse"),
            ("İstanbul ışık", "Istanbul isik"),
            ("Nguyễn  Văn\u00a0Đức", "Nguyen Van Duc"),
            ("o\ufb03ce", "office"),
        ],
    )
    def test_lose_their_accents_but_not_their_letters(self, written: str, sent: str) -> None:
        assert in_latin(written) == sent

    @pytest.mark.parametrize("written", ["Иван", "مركز", "中心", "Centre\x00", "Centre €", "centre@example", "😀"])
    def test_that_have_no_agreed_latin_spelling_are_refused_not_guessed(self, written: str) -> None:
        with pytest.raises(PaymentFileRefused) as refused:
            payment_file(order(1, payee_name=written))
        assert refused.value.code == "BANK-05"

    @given(st.text(max_size=60))
    @settings(max_examples=150, database=None, deadline=None)
    def test_are_either_refused_or_in_the_banks_character_set(self, written: str) -> None:
        try:
            sent = in_latin(written)
        except ValueError:
            return
        assert set(sent) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
        assert in_latin(sent) == sent


class TestAPaymentFileIsNotWritten:
    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("BANK-02", {"amount": Money(0, "USD")}),
            ("BANK-02", {"amount": Money(-1, "USD")}),
            ("BANK-04", {"end_to_end": "R" * 36}),
            ("BANK-04", {"end_to_end": ""}),
            ("BANK-04", {"end_to_end": "/RF18P202600001"}),
            ("BANK-04", {"end_to_end": "RF18//P202600001"}),
            ("BANK-04", {"end_to_end": "RF18é"}),
            ("BANK-04", {"instruction_id": "f" * 36}),
            ("BANK-04", {"uetr": "00000001-1111-1222-8333-444455556666"}),
            ("BANK-06", {"payee_name": " "}),
            ("BANK-06", {"payee_name": "N" * 141}),
            ("BANK-06", {"payee_town": ""}),
            ("BANK-06", {"payee_town": "T" * 36}),
            ("BANK-07", {"payee_account": "9" * 35}),
            ("BANK-07", {"payee_account": ""}),
            ("BANK-07", {"payee_account": "0012/345"}),
            ("BANK-07", {"payee_account": "79927398713", "payee_account_is_iban": True}),
            ("BANK-08", {"payee_bic": "NOTABIC"}),
            ("BANK-08", {"payee_bic": ""}),
            ("BANK-09", {"payee_country": "NER"}),
        ],
    )
    def test_for_an_order_that_a_bank_would_send_back(self, code: str, changes: dict[str, Any]) -> None:
        with pytest.raises(PaymentFileRefused) as refused:
            payment_file(order(1), order(2, **changes))
        assert refused.value.code == code
        assert refused.value.why
        assert refused.value.next_step

    def test_without_orders(self) -> None:
        with pytest.raises(PaymentFileRefused) as refused:
            payment_file(orders=())
        assert refused.value.code == "BANK-01"

    @pytest.mark.parametrize("field", ["end_to_end", "instruction_id", "uetr"])
    def test_with_a_reference_on_two_orders(self, field: str) -> None:
        with pytest.raises(PaymentFileRefused) as refused:
            payment_file(order(1), order(2, **{field: getattr(order(1), field)}))
        assert refused.value.code == "BANK-03"

    def test_with_an_id_that_leaves_no_room_for_the_blocks(self) -> None:
        assert payment_file(msg_id="G" * 31)
        with pytest.raises(PaymentFileRefused) as refused:
            payment_file(msg_id="G" * 32)
        assert refused.value.code == "BANK-04"

    def test_for_a_paying_account_that_no_bank_can_read(self) -> None:
        with pytest.raises(PaymentFileRefused) as refused:
            payment_file(debtor=replace(FUND, bic="GENEVA"))
        assert refused.value.code == "BANK-08"


@given(currency=st.sampled_from(["XOF", "USD", "KWD"]), minor=st.integers(min_value=1, max_value=10**13 - 1))
@settings(max_examples=100, database=None, deadline=None)
def test_an_amount_written_and_read_again_is_the_same_money(currency: str, minor: int) -> None:
    content = payment_file(order(1, Money(minor, currency)))
    (written,) = texts(content, "//p:InstdAmt")
    assert Money.of(written, currency) == Money(minor, currency)
    assert len(written.partition(".")[2]) == exponent(currency)
