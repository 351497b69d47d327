"""The demo's bank. It knows only the files it is given: payment files come in, statements go out, as at a real bank.

It does by itself what real banks do: charges a fee for a file, converts at its own rate, dates the value a day later,
sends back what it cannot deliver and charges for that too, and books a stranger's money nobody announced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

from finance.stand_ins import bank_books
from finance.stand_ins.account_numbers import is_iban, passes_luhn, with_luhn_digit
from finance.stand_ins.bank_books import BankAccount, BankBooks, BankEntry, IssuedStatement
from finance.stand_ins.bank_orders import FileRejected, Order, OrderFile, Party, read_order_file
from finance.stand_ins.bank_other_formats import csv_file, mt940_file
from finance.stand_ins.bank_statements import statement_file
from gaf.money import Money, exponent

__all__ = ["BankStandIn", "FileReceived", "Tariff", "is_iban", "passes_luhn", "with_luhn_digit"]

_SENT: Final = "PMNT/ICDT/XBCT"
_RECEIVED: Final = "PMNT/RCDT/XBCT"
_SENT_BACK: Final = "PMNT/ICDT/RRTN"
_CHARGE_FOR_FILE: Final = "ACMT/MDOP/CHRG"
_INTEREST: Final = "ACMT/MCOP/INTR"
_CHARGE_FOR_RETURN: Final = "PMNT/ICDT/CHRG"

_FOUR_DOLLARS: Final = Money(400, "USD")
_TEN_DOLLARS: Final = Money(1000, "USD")
_TWENTY_FIVE_DOLLARS: Final = Money(2500, "USD")

_WRITERS: Final = {"camt.053": statement_file, "MT940": mt940_file, "CSV": csv_file}
_ENDINGS: Final = {"camt.053": "xml", "MT940": "sta", "CSV": "csv"}

_WRONG_ACCOUNT: Final = "AC01"
_DUPLICATE: Final = "AM05"
_UNKNOWN_CURRENCY: Final = "AM11"
_UNKNOWN_DEBTOR: Final = "AC02"


@dataclass(frozen=True)
class Tariff:
    """What the bank charges. Amounts in another currency than the account's are converted at the plain rate."""

    spread_basis_points: int = 20
    for_file: Money = _FOUR_DOLLARS
    for_return: Mapping[str, Money] = field(
        default_factory=lambda: {"IDR": Money.of("150000", "IDR"), "XOF": Money.of("6000", "XOF")}
    )
    for_other_return: Money = _TEN_DOLLARS
    value_days: int = 1
    return_days: int = 4
    strangers_gift: Money = _TWENTY_FIVE_DOLLARS


@dataclass(frozen=True, slots=True)
class FileReceived:
    """What the bank did with one file: ACCEPTED, DUPLICATE or REJECTED; how many orders it booked, which it refused."""

    file: str
    message: str
    outcome: str
    reason: str
    booked: int
    refused: tuple[tuple[str, str], ...] = ()


class BankStandIn:
    """A bank that lives in a folder: payment files in `in/`, statements in `out/`, its memory in `ledger.json`.

    `accounts` gives each customer's account its currency and what it held at the start, `rates` the units of each
    currency for one US dollar. The same files at the same times make the same statements, byte for byte.
    """

    def __init__(
        self,
        folder: Path,
        accounts: Mapping[str, tuple[str, Money]],
        rates: Mapping[str, Decimal],
        tariff: Tariff | None = None,
    ) -> None:
        self.folder, self.tariff = Path(folder), tariff or Tariff()
        self.rates = {"USD": Decimal(1), **rates}
        self._accounts = dict(accounts)
        for number, (currency, opening) in self._accounts.items():
            if opening.currency != currency or currency not in self.rates:
                raise ValueError(f"account {number}: no rate for {currency}, or its opening is in another currency")
        for name in ("in", "out"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def receive(self, now: datetime) -> list[FileReceived]:
        """Read every payment file that has come in since the last time, in the order of their names."""
        received = []
        with bank_books.one_at_a_time(self.folder):
            books = self._books()
            for path in sorted((self.folder / "in").glob("*.xml")):
                content = path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                if books.files.get(path.name) == digest:
                    continue
                received.append(self._take_file(books, path.name, content, now.date()))
                books.files[path.name] = digest
            self._save(books)
        return received

    def pay_interest(self, account: str, money: Money, on: date) -> None:
        """Book interest on an account, as banks do at the end of a quarter: without any reference."""
        with bank_books.one_at_a_time(self.folder):
            books = self._books()
            self._enter(books, account, on, _INTEREST, None, minor=money.minor, remittance="CREDIT INTEREST")
            self._save(books)

    def statement(self, account: str, day_from: date, day_to: date, written: str = "camt.053") -> Path:
        """Issue the next statement of an account: every booked line up to `day_to` that no statement has reported.

        Statements are numbered without a gap, follow each other without a gap in days, and open with the balance
        that the last one closed with; `day_from` therefore counts only for the first. Asked again for a day that is
        already closed, the bank gives the statement it issued. `written` is camt.053, MT940 or CSV; a list without
        entries says no balance, so the bank writes such a statement as camt.053. Raises ValueError for an unknown
        account, for days in the wrong order, or for an earlier day with no statement of its own.
        """
        if day_from > day_to:
            raise ValueError("a statement cannot end before it begins")
        with bank_books.one_at_a_time(self.folder):
            books = self._books()
            if account not in books.accounts:
                raise ValueError(f"the bank keeps no account {account}")
            held = books.accounts[account]
            for issued in held.statements:
                if issued.to_day == day_to.isoformat():
                    return self.folder / "out" / issued.file
            if held.statements and date.fromisoformat(held.statements[-1].to_day) > day_to:
                raise ValueError(f"a later statement of account {account} has already been issued")
            path = self._issue(books, account, held, day_from, day_to, written)
            self._save(books)
        return path

    def _books(self) -> BankBooks:
        books = bank_books.load(self.folder / "ledger.json")
        for number, (currency, opening) in self._accounts.items():
            books.accounts.setdefault(number, BankAccount(currency=currency, opening=opening.minor))
        return books

    def _save(self, books: BankBooks) -> None:
        bank_books.save(books, self.folder / "ledger.json")

    def _take_file(self, books: BankBooks, name: str, content: bytes, today: date) -> FileReceived:
        try:
            file = read_order_file(content)
        except FileRejected as rejected:
            books.refusals.append({"file": name, "order": "", "reason": rejected.reason})
            return FileReceived(name, "", "REJECTED", rejected.reason, 0)
        if file.message in books.messages:
            books.refusals.append({"file": name, "order": "", "reason": _DUPLICATE})
            return FileReceived(name, file.message, "DUPLICATE", _DUPLICATE, 0)
        books.messages[file.message] = name
        refused: list[tuple[str, str]] = []
        for order in file.orders:
            reason = self._refusal(books, order)
            if reason:
                refused.append((order.end_to_end, reason))
                books.refusals.append({"file": name, "order": order.end_to_end, "reason": reason})
            else:
                self._book(books, order, file.message, today)
        self._charge_for_file(books, file, {reference for reference, _reason in refused}, today)
        return FileReceived(name, file.message, "ACCEPTED", "", len(file.orders) - len(refused), tuple(refused))

    def _refusal(self, books: BankBooks, order: Order) -> str:
        """Why the bank does not book an order; empty where it does."""
        if f"{order.instruction}|{order.end_to_end}" in books.instructions:
            return _DUPLICATE
        if order.instructed.currency not in self.rates:
            return _UNKNOWN_CURRENCY
        if order.debtor.number not in books.accounts and order.creditor.number not in books.accounts:
            return _UNKNOWN_DEBTOR
        return ""

    def _book(self, books: BankBooks, order: Order, message: str, today: date) -> None:
        books.instructions.append(f"{order.instruction}|{order.end_to_end}")
        references = {
            "end_to_end": order.end_to_end,
            "instruction": order.instruction,
            "message": message,
            "uetr": order.uetr,
            "remittance": order.remittance,
        }
        if order.debtor.number in books.accounts:
            self._debit(books, order, max(today, order.execute_on), references)
        if order.creditor.number in books.accounts:
            credit = self._exchanged(books, order.creditor.number, order.instructed, paid_out=False)
            on = max(today, order.execute_on)
            self._enter(books, order.creditor.number, on, _RECEIVED, order.debtor, **credit, **references)

    def _debit(self, books: BankBooks, order: Order, on: date, references: dict[str, Any]) -> None:
        number = order.debtor.number
        paid = self._exchanged(books, number, order.instructed, paid_out=True)
        sent = self._enter(books, number, on, _SENT, order.creditor, **paid, **references)
        if order.creditor.number not in books.accounts and not _can_be_delivered(order.creditor):
            self._send_back(books, sent, order, references)

    def _send_back(self, books: BankBooks, sent: BankEntry, order: Order, references: dict[str, Any]) -> None:
        """Give the whole amount back after some days, and charge for it in a line of its own."""
        on = date.fromisoformat(sent.booked_on) + timedelta(days=self.tariff.return_days)
        back = {
            "minor": -sent.minor,
            "instructed_minor": sent.instructed_minor,
            "instructed_currency": sent.instructed_currency,
            "rate": sent.rate,
            "reason": _WRONG_ACCOUNT,
        }
        self._enter(books, sent.account, on, _SENT_BACK, order.creditor, **back, **references)
        fee = self.tariff.for_return.get(order.instructed.currency, self.tariff.for_other_return)
        charge = self._charge(books, sent.account, fee)
        note = {"note": "Charge for a returned payment"}
        kept = {name: references[name] for name in ("end_to_end", "instruction", "message")}
        self._enter(books, sent.account, on, _CHARGE_FOR_RETURN, None, **charge, **kept, **note)

    def _charge_for_file(self, books: BankBooks, file: OrderFile, refused: set[str], today: date) -> None:
        """One fee for the file on each account that paid from it."""
        first_day: dict[str, date] = {}
        for order in file.orders:
            if order.debtor.number in books.accounts and order.end_to_end not in refused:
                day = max(today, order.execute_on)
                first_day[order.debtor.number] = min(day, first_day.get(order.debtor.number, day))
        for number, day in first_day.items():
            charge = self._charge(books, number, self.tariff.for_file)
            note = {"note": "Handling of a payment file", "message": file.message}
            self._enter(books, number, day, _CHARGE_FOR_FILE, None, **charge, **note)

    def _enter(
        self, books: BankBooks, account: str, on: date, code: str, other: Party | None, **facts: Any
    ) -> BankEntry:
        """Book a line, never on a day whose statement has gone out."""
        statements = books.accounts[account].statements
        if statements:
            on = max(on, date.fromisoformat(statements[-1].to_day) + timedelta(days=1))
        named: dict[str, Any] = {}
        if other is not None:
            named = {"other_name": other.name, "other_number": other.number, "other_is_iban": other.is_iban}
        entry = BankEntry(
            reference=books.next_reference(),
            account=account,
            booked_on=on.isoformat(),
            value_on=(on + timedelta(days=self.tariff.value_days)).isoformat(),
            code=code,
            **named,
            **facts,
        )
        books.entries.append(entry)
        return entry

    def _exchanged(self, books: BankBooks, account: str, instructed: Money, *, paid_out: bool) -> dict[str, Any]:
        """What an order moves on an account: at the bank's own rate, with the spread against the customer."""
        spread = Decimal(self.tariff.spread_basis_points) / 10_000
        return self._moved(
            books, account, instructed, Decimal(1) + (-spread if paid_out else spread), -1 if paid_out else 1
        )

    def _charge(self, books: BankBooks, account: str, fee: Money) -> dict[str, Any]:
        """What a fee moves on an account: at the plain rate."""
        return self._moved(books, account, fee, Decimal(1), -1)

    def _moved(self, books: BankBooks, account: str, instructed: Money, factor: Decimal, sign: int) -> dict[str, Any]:
        currency = books.accounts[account].currency
        told = {"instructed_minor": instructed.minor, "instructed_currency": instructed.currency}
        if currency == instructed.currency:
            return {"minor": sign * instructed.minor, **told}
        rate = _printable(self.rates[instructed.currency] / self.rates[currency] * factor)
        worth = (instructed.decimal / rate).scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return {"minor": sign * int(worth), "rate": format(rate, "f"), **told}

    def _issue(
        self, books: BankBooks, account: str, held: BankAccount, day_from: date, day_to: date, written: str
    ) -> Path:
        """Write the statement's file first and remember it after: a process that dies between writes it again."""
        last = held.statements[-1] if held.statements else None
        from_day = date.fromisoformat(last.to_day) + timedelta(days=1) if last else day_from
        entries = self._unreported(books, account, day_to)
        if entries and not held.had_stranger:
            self._book_stranger(books, account, held, entries[0])
            entries = self._unreported(books, account, day_to)
        if entries:
            from_day = min(from_day, date.fromisoformat(entries[0].booked_on))
        number = last.number + 1 if last else 1
        issued = IssuedStatement(
            number=number,
            from_day=from_day.isoformat(),
            to_day=day_to.isoformat(),
            opening=held.reported,
            closing=held.reported + sum(entry.minor for entry in entries),
            file=f"statement-{account}-{number:05d}.{'xml' if not entries else _ENDINGS[written]}",
        )
        write = _WRITERS[written] if entries else statement_file
        content = write(account=account, currency=held.currency, statement=issued, entries=entries)
        path = self.folder / "out" / issued.file
        bank_books.write_whole(path, content)
        for entry in entries:
            entry.statement = number
        held.statements.append(issued)
        return path

    def _unreported(self, books: BankBooks, account: str, day_to: date) -> list[BankEntry]:
        waiting = [
            entry
            for entry in books.entries
            if entry.account == account and not entry.statement and entry.booked_on <= day_to.isoformat()
        ]
        return sorted(waiting, key=lambda entry: (entry.booked_on, entry.reference))

    def _book_stranger(self, books: BankBooks, account: str, held: BankAccount, first: BankEntry) -> None:
        """Money from somebody nobody knows, without any reference: once on each account."""
        gift = self.tariff.strangers_gift.converted(
            held.currency, units_per_usd_from=Decimal(1), units_per_usd_to=self.rates[held.currency]
        )
        stranger = Party(name="Sunrise Trading", number=with_luhn_digit("7992739871"), is_iban=False)
        self._enter(books, account, date.fromisoformat(first.booked_on), _RECEIVED, stranger, minor=gift.minor)
        held.had_stranger = True


def _can_be_delivered(payee: Party) -> bool:
    """Whether the payee's account number can exist: IBAN check digits, or the Luhn digit of any other number."""
    return is_iban(payee.number) if payee.is_iban else passes_luhn(payee.number)


def _printable(rate: Decimal) -> Decimal:
    """The rate as a statement can print it: eleven digits, no more than ten of them after the point."""
    whole_digits = max(1, rate.adjusted() + 1)
    return rate.quantize(Decimal(1).scaleb(-min(10, 11 - whole_digits)), rounding=ROUND_HALF_UP)
