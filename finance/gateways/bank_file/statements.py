"""What a bank statement says once it has been read and its balance proved. Credits are plus, debits minus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gaf.money import Money

BOOKED = "BOOK"


@dataclass(frozen=True, slots=True)
class DetailRead:
    """One transaction inside an entry that the bank booked as a batch. `money` is None where the bank gives none."""

    money: Money | None
    end_to_end: str
    instruction_id: str
    msg_id: str
    bank_reference: str
    return_reason: str
    is_return: bool
    original_money: Money | None
    exchange_rate: Decimal | None
    charges: Money | None
    counterparty_name: str
    counterparty_account: str
    remittance: str
    domain_code: str


@dataclass(frozen=True, slots=True)
class EntryRead:
    """One line of a statement. Texts that the bank did not give are empty.

    `money` is what moved on the account, in the account's currency; `original_money` what was instructed, perhaps in
    another one, at `exchange_rate` as the bank printed it. `details` is filled only where one entry holds several
    transactions; their amounts then add up to the entry's. An entry whose status is not BOOK moved nothing yet.
    """

    money: Money
    booking_date: date
    value_date: date
    is_reversal: bool
    status: str
    bank_reference: str
    entry_reference: str
    end_to_end: str
    instruction_id: str
    msg_id: str
    return_reason: str
    is_return: bool
    original_money: Money | None
    exchange_rate: Decimal | None
    charges: Money | None
    counterparty_name: str
    counterparty_account: str
    remittance: str
    domain_code: str
    details: tuple[DetailRead, ...] = ()

    @property
    def is_booked(self) -> bool:
        """Whether the entry counts in the balance."""
        return self.status == BOOKED

    @property
    def is_bank_charge(self) -> bool:
        """Whether the bank itself says that this entry is a charge of its own."""
        return self.domain_code.rsplit("/", 1)[-1] in {"CHRG", "COMM", "FEES"}


@dataclass(frozen=True, slots=True)
class StatementRead:
    """One account, one period, with its balance proved: `opening` plus the booked entries is `closing`, to the cent."""

    statement_id: str
    electronic_sequence: int | None
    account: str
    currency: str
    from_date: date
    to_date: date
    opening: Money
    closing: Money
    entries: tuple[EntryRead, ...]

    @property
    def booked(self) -> tuple[EntryRead, ...]:
        """The entries that count."""
        return tuple(entry for entry in self.entries if entry.is_booked)
