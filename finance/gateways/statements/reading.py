"""What a bank's file says once it has been read, the same for every format. Credits are plus, debits minus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.refusals import refuse_statement
from gaf.money import EXPONENTS, Money

BOOKED: Final = "BOOK"
OPENING_CODES: Final = ("OPBD", "60F", "60M", "PRCD")
CLOSING_CODES: Final = ("CLBD", "62F", "62M", "LEDGERBAL", "015")

# What a reader noticed and a person should look at; the words stand with the import page.
IMPOSSIBLE_DAY: Final = "impossible_day"
DETAILS_DIFFER: Final = "details_differ"
CONTROL_TOTAL: Final = "control_total"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as the bank wrote it, signed, and its currency's three letters; it may be no money of ours yet."""

    value: Decimal
    currency: str

    @property
    def money(self) -> Money:
        """In minor units. Raises StatementRefused: STMT-13 no known currency, STMT-12 more decimals than it has."""
        if self.currency not in EXPONENTS:
            raise refuse_statement(
                "STMT-13", _("The amount “%(amount)s” has no known currency.") % {"amount": format(self.value, "f")}
            )
        scaled = self.value.scaleb(EXPONENTS[self.currency])
        if scaled != scaled.to_integral_value():
            raise refuse_statement(
                "STMT-12",
                _("“%(amount)s” has more decimals than %(currency)s has.")
                % {"amount": format(self.value, "f"), "currency": self.currency},
            )
        return Money(int(scaled), self.currency)


@dataclass(frozen=True, slots=True)
class BalanceRead:
    """A balance on a day, under the bank's own code for its kind (OPBD, 60F, LEDGERBAL, 015 …)."""

    code: str
    amount: Amount
    day: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of one transaction. Texts that the bank did not give are empty.

    `original` is what was instructed, perhaps in another currency, at `exchange_rate` as the bank printed it.
    """

    end_to_end: str = ""
    instruction_id: str = ""
    msg_id: str = ""
    batch_key: str = ""
    bank_reference: str = ""
    return_reason: str = ""
    is_return: bool = False
    original: Amount | None = None
    exchange_rate: Decimal | None = None
    charges: Amount | None = None
    counterparty_name: str = ""
    counterparty_account: str = ""
    remittance: str = ""
    domain_code: str = ""

    @property
    def original_money(self) -> Money | None:
        """What was instructed, in minor units."""
        return self.original.money if self.original is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRead(Facts):
    """One transaction inside an entry that the bank booked as a batch. `amount` is None where the bank gives none."""

    amount: Amount | None

    @property
    def money(self) -> Money | None:
        """The amount in minor units, signed."""
        return self.amount.money if self.amount is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead(Facts):
    """One line of a statement: what moved on the account, and on which days.

    `details` is filled only where one entry holds several transactions. An entry whose status is not BOOK moved nothing
    yet. `value_date` is None where the bank names none, or names a day that does not exist (then `notes` says so).
    """

    amount: Amount
    booking_date: date | None
    value_date: date | None
    is_reversal: bool = False
    status: str = BOOKED
    entry_reference: str = ""
    transactions: int = 0
    details: tuple[DetailRead, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def money(self) -> Money:
        """The amount in minor units, signed."""
        return self.amount.money

    @property
    def is_booked(self) -> bool:
        """Whether the entry counts in the balance."""
        return self.status == BOOKED

    @property
    def is_bank_charge(self) -> bool:
        """Whether the bank itself says that this entry is a charge of its own."""
        return self.domain_code.rsplit("/", 1)[-1] in {"CHRG", "COMM", "FEES", "NCHG", "FCHG", "FEE", "SRVCHG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRead:
    """One account and one period. `opening` and `closing` are None where the bank gives none."""

    statement_id: str
    account: str
    currency: str
    opening: BalanceRead | None
    closing: BalanceRead | None
    entries: tuple[EntryRead, ...]
    number: int | None = None
    from_date: date | None = None
    to_date: date | None = None
    notes: tuple[str, ...] = ()

    @property
    def opening_money(self) -> Money | None:
        """The opening balance in minor units."""
        return self.opening.amount.money if self.opening is not None else None

    @property
    def closing_money(self) -> Money | None:
        """The closing balance in minor units."""
        return self.closing.amount.money if self.closing is not None else None

    @property
    def booked(self) -> tuple[EntryRead, ...]:
        """The entries that count."""
        return tuple(entry for entry in self.entries if entry.is_booked)

    @property
    def net_booked(self) -> Decimal:
        """What the booked entries in the account's currency make together."""
        own = (entry.amount.value for entry in self.booked if entry.amount.currency == self.currency)
        return sum(own, Decimal(0))

    @property
    def is_mixed(self) -> bool:
        """Whether entries are in more than one currency; then nothing can be added up."""
        return any(entry.amount.currency != self.currency for entry in self.entries)

    @property
    def balanced(self) -> bool | None:
        """Whether opening plus booked entries is closing, exactly; None where that cannot be asked."""
        if self.opening is None or self.closing is None or self.is_mixed:
            return None
        opening, closing = self.opening.amount, self.closing.amount
        return opening.currency == closing.currency and opening.value + self.net_booked == closing.value


@dataclass(frozen=True, slots=True)
class FileRead:
    """A whole file of statements, and in which format it was."""

    format: str
    statements: tuple[StatementRead, ...]

    @property
    def entries(self) -> tuple[EntryRead, ...]:
        """Every entry of every statement, in the file's order."""
        return tuple(entry for statement in self.statements for entry in statement.entries)


def first_of(balances: Iterable[BalanceRead], codes: Iterable[str]) -> BalanceRead | None:
    """The first balance of the first of these kinds that is there."""
    known = list(balances)
    return next((one for code in codes for one in known if one.code == code), None)


def last_of(balances: Iterable[BalanceRead], codes: Iterable[str]) -> BalanceRead | None:
    """The last balance of any of these kinds."""
    return next((one for one in reversed(list(balances)) if one.code in tuple(codes)), None)
