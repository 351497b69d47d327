"""What the bank is asked to do, in plain values: the account that pays, and one order for each disbursement."""

from __future__ import annotations

from dataclasses import dataclass

from gaf.money import Money


@dataclass(frozen=True, slots=True)
class DebtorAccount:
    """One of the fund's own bank accounts, from which orders are paid.

    `currency` is the account's own; an order may ask for another currency, and the bank then converts.
    `country` is an ISO 3166 code of two letters, `bic` the paying bank's ISO 9362 code.
    """

    name: str
    iban_or_number: str
    is_iban: bool
    bic: str
    currency: str
    country: str
    town: str


@dataclass(frozen=True, slots=True)
class CreditOrder:
    """One disbursement as the bank sees it: how much, to which account, under which references.

    `instruction_id` is the key of the attempt (hexadecimal, up to 35 characters), `end_to_end` the ISO 11649 reference
    that comes back on the statement, `uetr` a random UUID (version 4) that follows the order through every bank.
    `remittance` is what the payee reads; it must say nothing about the case.
    """

    instruction_id: str
    end_to_end: str
    uetr: str
    money: Money
    payee_name: str
    payee_account: str
    payee_account_is_iban: bool
    payee_bic: str
    payee_bank_name: str | None
    payee_country: str
    payee_town: str
    remittance: str
