"""The demo's bank, which knows nothing but the files it is given."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from lxml import etree

from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from finance.gateways.statements.camt import read_camt
from finance.gateways.statements.reading import EntryRead, StatementRead
from finance.stand_ins.bank import BankStandIn, is_iban, passes_luhn, with_luhn_digit
from gaf.money import Money
from tests.finance.bank_file.samples import CAMT_SCHEMA, FUND_IBAN, order, payment_file, schema_of

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MONDAY, THURSDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 26), date(2026, 11, 27)
WRONG_DIGIT = "79927398714"
IDR_ACCOUNT = "5550001119"
RATES = {"XOF": Decimal(572), "IDR": Decimal(16480), "KWD": Decimal("0.3058"), "CHF": Decimal("0.88")}

Bank = Callable[[], BankStandIn]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """Opens the same bank again and again, as separate processes would."""

    def opened() -> BankStandIn:
        accounts = {FUND_IBAN: ("USD", Money.of("100000", "USD")), IDR_ACCOUNT: ("IDR", Money.of("90000000", "IDR"))}
        return BankStandIn(tmp_path / "bank", accounts, RATES)

    return opened


def drop(bank: BankStandIn, name: str, content: bytes) -> None:
    (bank.folder / "in" / name).write_bytes(content)


def read(path: Path) -> StatementRead:
    (statement,) = read_camt(path.read_bytes()).statements
    return statement


def one_day(bank: BankStandIn, *orders: CreditOrder, upto: date = MONDAY) -> StatementRead:
    drop(bank, "a.xml", payment_file(*orders))
    bank.receive(NOW)
    return read(bank.statement(FUND_IBAN, MONDAY, upto))


def only(statement: StatementRead, code: str) -> EntryRead:
    (found,) = [entry for entry in statement.entries if entry.domain_code == code]
    return found


SENT, BACK, FILE_FEE, RETURN_FEE = ("PMNT/ICDT/XBCT", "PMNT/ICDT/RRTN", "ACMT/MDOP/CHRG", "PMNT/ICDT/CHRG")
RECEIVED = "PMNT/RCDT/XBCT"


class TestTheBank:
    def test_books_an_order_in_the_accounts_currency_and_dates_its_value_a_day_later(self, bank: Bank) -> None:
        sent = only(one_day(bank(), order(1, Money(12_345, "USD"))), SENT)
        assert sent.money == Money(-12_345, "USD")
        assert (sent.booking_date, sent.value_date) == (MONDAY, date(2026, 11, 24))
        assert (sent.end_to_end, sent.instruction_id) == ("RF18P202600001", f"{1:032x}")
        assert sent.msg_id == "GAF20261123-000007"
        assert (sent.original_money, sent.exchange_rate) == (Money(12_345, "USD"), None)
        assert sent.counterparty_account == "79927398713"

    @pytest.mark.parametrize(
        ("instructed", "paid"),
        [
            (Money.of("904000", "XOF"), Money.of("-1583.59", "USD")),
            (Money.of("171.385", "KWD"), Money.of("-561.57", "USD")),
            (Money.of("24000000", "IDR"), Money.of("-1459.23", "USD")),
        ],
    )
    def test_converts_at_a_rate_of_its_own_that_the_statement_shows(
        self, bank: Bank, instructed: Money, paid: Money
    ) -> None:
        sent = only(one_day(bank(), order(1, instructed)), SENT)
        assert (sent.original_money, sent.money) == (instructed, paid)
        assert sent.exchange_rate == RATES[instructed.currency] * Decimal("0.998")
        recomputed = (instructed.decimal / sent.exchange_rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert -recomputed == sent.money.decimal

    def test_charges_four_dollars_for_a_file_in_a_line_of_its_own(self, bank: Bank) -> None:
        fee = only(one_day(bank(), order(1), order(2)), FILE_FEE)
        assert (fee.money, fee.end_to_end, fee.msg_id) == (Money(-400, "USD"), "", "GAF20261123-000007")
        assert fee.is_bank_charge

    def test_books_a_strangers_money_once_on_each_account(self, bank: Bank) -> None:
        first = one_day(bank(), order(1))
        stranger = only(first, RECEIVED)
        assert (stranger.money, stranger.end_to_end, stranger.remittance) == (Money(2_500, "USD"), "", "")
        drop(bank(), "b.xml", payment_file(order(2), msg_id="GAF20261124-000008"))
        bank().receive(datetime(2026, 11, 24, 10, tzinfo=UTC))
        second = read(bank().statement(FUND_IBAN, MONDAY, date(2026, 11, 24)))
        assert [entry.domain_code for entry in second.entries] == [SENT, FILE_FEE]

    def test_waits_for_the_day_the_order_is_to_be_executed(self, bank: Bank) -> None:
        drop(bank(), "a.xml", payment_file(execution_date=FRIDAY))
        bank().receive(NOW)
        assert read(bank().statement(FUND_IBAN, MONDAY, THURSDAY)).entries == ()
        assert only(read(bank().statement(FUND_IBAN, MONDAY, FRIDAY)), SENT).booking_date == FRIDAY

    def test_books_what_a_partner_pays_back_and_keeps_the_reference(self, bank: Bank) -> None:
        partner = DebtorAccount("Partner Shelter", "0011223344", False, "EXMPNENI", "XOF", "NE", "Niamey")
        repaid = order(
            1, Money.of("57200", "XOF"), payee_account=FUND_IBAN, payee_account_is_iban=True, payee_country="CH"
        )
        drop(bank(), "partner.xml", payment_file(repaid, debtor=partner, msg_id="PARTNER-1"))
        (received,) = bank().receive(NOW)
        assert (received.outcome, received.booked) == ("ACCEPTED", 1)
        statement = read(bank().statement(FUND_IBAN, MONDAY, MONDAY))
        (credit,) = [entry for entry in statement.entries if entry.end_to_end]
        assert (credit.money, credit.original_money) == (Money(9_980, "USD"), Money.of("57200", "XOF"))
        assert (credit.end_to_end, credit.remittance) == ("RF18P202600001", "RF18P202600001")
        assert (credit.counterparty_name, credit.counterparty_account) == ("Partner Shelter", "0011223344")
        assert not [entry for entry in statement.entries if entry.is_bank_charge]


class TestAnAccountThatCannotExist:
    def test_is_paid_and_sent_back_whole_four_days_later(self, bank: Bank) -> None:
        wrong = order(1, Money.of("24000000", "IDR"), payee_account=WRONG_DIGIT)
        statement = one_day(bank(), wrong, upto=FRIDAY)
        sent, back = only(statement, SENT), only(statement, BACK)
        assert back.money == -sent.money
        assert (back.is_return, back.return_reason, back.end_to_end) == (True, "AC01", "RF18P202600001")
        assert (back.booking_date, back.value_date) == (FRIDAY, date(2026, 11, 28))
        assert back.original_money == Money.of("24000000", "IDR")
        assert back.counterparty_account == WRONG_DIGIT

    @pytest.mark.parametrize(
        ("amount", "fee", "charged"),
        [
            (Money.of("24000000", "IDR"), Money.of("150000", "IDR"), Money.of("-9.10", "USD")),
            (Money.of("904000", "XOF"), Money.of("6000", "XOF"), Money.of("-10.49", "USD")),
            (Money.of("171.385", "KWD"), Money.of("10", "USD"), Money.of("-10", "USD")),
        ],
    )
    def test_costs_a_fee_of_its_own_at_the_plain_rate(
        self, bank: Bank, amount: Money, fee: Money, charged: Money
    ) -> None:
        statement = one_day(bank(), order(1, amount, payee_account=WRONG_DIGIT), upto=FRIDAY)
        charge = only(statement, RETURN_FEE)
        assert (charge.original_money, charge.money) == (fee, charged)
        assert (charge.booking_date, charge.end_to_end, charge.is_return) == (FRIDAY, "RF18P202600001", False)

    def test_is_not_yet_sent_back_on_the_third_day(self, bank: Bank) -> None:
        statement = one_day(bank(), order(1, payee_account=WRONG_DIGIT), upto=THURSDAY)
        assert BACK not in {entry.domain_code for entry in statement.entries}

    def test_may_be_an_iban_with_wrong_check_digits(self, bank: Bank) -> None:
        right, wrong = "SN08SN0100152000048500003035", "SN08SN0100152000048500003036"
        statement = one_day(
            bank(),
            order(1, payee_account=right, payee_account_is_iban=True),
            order(2, payee_account=wrong, payee_account_is_iban=True),
            upto=FRIDAY,
        )
        assert only(statement, BACK).end_to_end == "RF18P202600002"

    def test_is_known_by_its_check_digit(self) -> None:
        assert with_luhn_digit("7992739871") == "79927398713"
        assert passes_luhn("79927398713")
        assert not any(passes_luhn(f"7992739871{digit}") for digit in "012456789")
        assert is_iban("GB82WEST12345698765432")
        assert not is_iban("GB82WEST12345698765431")


class TestAFileSentTwice:
    def test_is_paid_once_even_by_another_process_and_under_another_name(self, bank: Bank) -> None:
        drop(bank(), "a.xml", payment_file())
        assert [one.outcome for one in bank().receive(NOW)] == ["ACCEPTED"]
        assert bank().receive(NOW) == []
        drop(bank(), "b.xml", payment_file())
        (again,) = bank().receive(NOW)
        assert (again.outcome, again.reason, again.booked) == ("DUPLICATE", "AM05", 0)
        statement = read(bank().statement(FUND_IBAN, MONDAY, MONDAY))
        assert [entry.domain_code for entry in statement.entries] == [SENT, FILE_FEE, RECEIVED]

    def test_with_new_orders_under_a_used_id_books_none_of_them(self, bank: Bank) -> None:
        drop(bank(), "a.xml", payment_file(order(1)))
        drop(bank(), "b.xml", payment_file(order(2)))
        assert [one.outcome for one in bank().receive(NOW)] == ["ACCEPTED", "DUPLICATE"]
        assert only(read(bank().statement(FUND_IBAN, MONDAY, MONDAY)), SENT).end_to_end == "RF18P202600001"

    def test_under_a_new_id_has_its_old_orders_refused_one_by_one(self, bank: Bank) -> None:
        drop(bank(), "a.xml", payment_file(order(1)))
        drop(bank(), "b.xml", payment_file(order(1), order(2), msg_id="GAF20261123-000008"))
        first, second = bank().receive(NOW)
        assert (first.booked, second.booked, second.refused) == (1, 1, (("RF18P202600001", "AM05"),))


class TestABankThatIsStoppedHalfWay:
    @pytest.fixture
    def stopped(self, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> BankStandIn:
        """A bank that dies before it has put its books away."""
        one = bank()

        def dies(books: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(one, "_save", dies)
        return one

    def test_books_a_file_once_when_it_starts_again(self, bank: Bank, stopped: BankStandIn) -> None:
        drop(bank(), "a.xml", payment_file())
        with pytest.raises(KeyboardInterrupt):
            stopped.receive(NOW)
        assert [one.outcome for one in bank().receive(NOW)] == ["ACCEPTED"]
        assert only(read(bank().statement(FUND_IBAN, MONDAY, MONDAY)), SENT).money == Money(-12_345, "USD")

    def test_issues_the_same_statement_when_it_starts_again(self, bank: Bank, stopped: BankStandIn) -> None:
        drop(bank(), "a.xml", payment_file())
        bank().receive(NOW)
        with pytest.raises(KeyboardInterrupt):
            stopped.statement(FUND_IBAN, MONDAY, MONDAY)
        (left_behind,) = (stopped.folder / "out").glob("*.xml")
        before = left_behind.read_bytes()
        assert bank().statement(FUND_IBAN, MONDAY, MONDAY) == left_behind
        assert left_behind.read_bytes() == before


class TestAFileTheBankCannotTake:
    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            (b"<CtrlSum>123.45<", b"<CtrlSum>123.46<", "AM10"),
            (b"<NbOfTxs>1<", b"<NbOfTxs>2<", "AM18"),
            (b"false</BtchBookg>\n      <NbOfTxs>1<", b"false</BtchBookg>\n      <NbOfTxs>2<", "AM18"),
            (b">123.45</InstdAmt>", b">123.456</InstdAmt>", "AM12"),
            (b"pain.001.001.09", b"pain.008.001.09", "FF01"),
            (b"</Document>", b"", "FF01"),
            (b"<Document", b"<!DOCTYPE x><Document", "FF01"),
        ],
    )
    def test_is_rejected_whole_and_moves_nothing(self, bank: Bank, old: bytes, new: bytes, reason: str) -> None:
        content = payment_file()
        assert old in content
        drop(bank(), "a.xml", content.replace(old, new, 1))
        (rejected,) = bank().receive(NOW)
        assert (rejected.outcome, rejected.reason) == ("REJECTED", reason)
        statement = read(bank().statement(FUND_IBAN, MONDAY, MONDAY))
        assert (statement.entries, statement.opening_money) == ((), statement.closing_money)

    def test_for_accounts_it_does_not_keep_books_nothing(self, bank: Bank) -> None:
        elsewhere = DebtorAccount("Elsewhere", "0011223344", False, "EXMPNENI", "XOF", "NE", "Niamey")
        drop(bank(), "a.xml", payment_file(debtor=elsewhere))
        (received,) = bank().receive(NOW)
        assert (received.booked, received.refused) == (0, (("RF18P202600001", "AC02"),))


class TestItsStatements:
    def test_are_valid_under_the_published_schema_and_add_up(self, bank: Bank) -> None:
        schema = schema_of(CAMT_SCHEMA)
        orders = [order(n, Money(1_000_000 + n, ("USD", "XOF", "KWD", "IDR")[n % 4])) for n in range(40)]
        orders += [order(50, Money(77_777, "IDR"), payee_account=WRONG_DIGIT)]
        drop(bank(), "a.xml", payment_file(*orders))
        rupiah = DebtorAccount("Fund, Jakarta", IDR_ACCOUNT, False, "EXMPIDJA", "IDR", "ID", "Jakarta")
        drop(bank(), "b.xml", payment_file(order(60, Money(5_000, "USD")), debtor=rupiah, msg_id="GAF20261123-000009"))
        bank().receive(NOW)
        for account in (FUND_IBAN, IDR_ACCOUNT):
            path = bank().statement(account, MONDAY, FRIDAY)
            schema.assertValid(etree.parse(str(path)))
            statement = read(path)
            assert (statement.account, statement.number) == (account, 1)
        assert statement.opening_money == Money.of("90000000", "IDR")

    def test_follow_each_other_without_a_gap(self, bank: Bank) -> None:
        first = one_day(bank(), order(1, payee_account=WRONG_DIGIT))
        second = read(bank().statement(FUND_IBAN, FRIDAY, FRIDAY))
        assert (first.number, second.number) == (1, 2)
        assert second.opening_money == first.closing_money == Money.of("99897.55", "USD")
        assert (second.from_date, second.to_date) == (date(2026, 11, 24), FRIDAY)
        assert [entry.domain_code for entry in second.entries] == [BACK, RETURN_FEE]
        assert second.closing_money == Money.of("100011", "USD")

    def test_are_the_same_file_when_asked_for_again(self, bank: Bank) -> None:
        one_day(bank())
        path = bank().statement(FUND_IBAN, MONDAY, MONDAY)
        before = path.read_bytes()
        assert bank().statement(FUND_IBAN, MONDAY, MONDAY) == path
        assert path.read_bytes() == before
        assert len(list(path.parent.glob("*.xml"))) == 1

    def test_of_a_closed_day_never_change_so_a_late_file_is_booked_the_day_after(self, bank: Bank) -> None:
        one_day(bank(), order(1))
        drop(bank(), "late.xml", payment_file(order(2), msg_id="GAF20261123-000008"))
        bank().receive(NOW)
        late = only(read(bank().statement(FUND_IBAN, MONDAY, FRIDAY)), SENT)
        assert (late.end_to_end, late.booking_date) == ("RF18P202600002", date(2026, 11, 24))

    def test_are_refused_for_days_that_make_no_sense(self, bank: Bank) -> None:
        bank().statement(FUND_IBAN, MONDAY, FRIDAY)
        for account, day_from, day_to in [
            (FUND_IBAN, MONDAY, THURSDAY),
            (IDR_ACCOUNT, FRIDAY, MONDAY),
            ("0099", MONDAY, FRIDAY),
        ]:
            with pytest.raises(ValueError, match=r"statement|account"):
                bank().statement(account, day_from, day_to)

    def test_are_the_same_to_the_last_byte_at_another_bank_that_had_the_same_files(self, tmp_path: Path) -> None:
        written = []
        for name in ("one", "two"):
            one = BankStandIn(tmp_path / name, {FUND_IBAN: ("USD", Money(0, "USD"))}, RATES)
            drop(one, "a.xml", payment_file(order(1), order(2, Money(904_000, "XOF"), payee_account=WRONG_DIGIT)))
            one.receive(NOW)
            written.append(one.statement(FUND_IBAN, MONDAY, FRIDAY).read_bytes())
        assert written[0] == written[1]


def test_the_bank_knows_neither_our_writer_nor_our_database() -> None:
    imported: set[str] = set()
    folder = Path(__file__).parents[3] / "finance/stand_ins"
    modules = [folder / "account_numbers.py", *folder.glob("bank*.py")]
    assert len(modules) == 6
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
    ours = {name for name in imported if name.split(".")[0] in {"gaf", "finance", "workflow", "cms", "django"}}
    assert {name for name in ours if not name.startswith("finance.stand_ins")} == {"gaf.money"}
