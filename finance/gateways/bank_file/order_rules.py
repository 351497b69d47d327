"""The rules of a payment file that no schema knows: what a bank would send back, or worse, pay twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.latin import in_latin, is_latin
from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from finance.gateways.bank_file.refusals import refuse_payment_file

LONGEST_ID: Final = 35
_LONGEST_NAME: Final = 140
_LONGEST_TOWN: Final = 35
_MOST_ORDERS: Final = 100_000

_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_NUMBER = re.compile(r"[A-Za-z0-9]{1,34}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_UETR = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}")


def clean_orders(orders: Sequence[CreditOrder]) -> list[CreditOrder]:
    """The orders as the bank can carry them. Raises PaymentFileRefused with the first thing that is wrong.

    BANK-01 no order, BANK-02 no positive amount, BANK-03 a reference used twice, BANK-04 an id too long, empty or with
    forbidden characters, BANK-05 text that has no Latin spelling, BANK-06 text empty or too long, BANK-07 account,
    BANK-08 bank, BANK-09 country.
    """
    if not orders:
        raise refuse_payment_file("BANK-01", _("It holds no order."), _("Release a disbursement first."))
    if len(orders) > _MOST_ORDERS:
        raise refuse_payment_file("BANK-10", _("It holds more orders than a bank reads in one file."))
    cleaned = [_clean_order(order) for order in orders]
    _check_used_once((order.end_to_end for order in cleaned), _("The reference %(value)s is on two orders."))
    _check_used_once((order.instruction_id for order in cleaned), _("The instruction %(value)s is on two orders."))
    _check_used_once((order.uetr for order in cleaned), _("The tracking number %(value)s is on two orders."))
    return cleaned


def clean_debtor(debtor: DebtorAccount) -> DebtorAccount:
    """The paying account as the bank can carry it. Raises PaymentFileRefused (BANK-05 to BANK-09)."""
    _check_bic(debtor.bic, debtor.name)
    _check_country(debtor.country, debtor.name)
    return replace(
        debtor,
        name=_latin(debtor.name, _LONGEST_NAME),
        town=_latin(debtor.town, _LONGEST_TOWN),
        iban_or_number=_account(debtor.iban_or_number, debtor.is_iban, debtor.name),
    )


def check_id(written: str, name: str, longest: int = LONGEST_ID) -> str:
    """An id exactly as given, if a bank carries it unchanged. Raises PaymentFileRefused BANK-04."""
    spoilt = not written or len(written) > longest or not is_latin(written) or written != written.strip()
    if spoilt or written.startswith("/") or written.endswith("/") or "//" in written:
        raise refuse_payment_file(
            "BANK-04",
            _("%(name)s “%(value)s” is not an id of 1 to %(longest)s plain characters.")
            % {"name": name, "value": written[:60], "longest": longest},
        )
    return written


def _clean_order(order: CreditOrder) -> CreditOrder:
    where = check_id(order.end_to_end, _("The end-to-end reference"))
    check_id(order.instruction_id, _("The instruction"))
    if not _UETR.fullmatch(order.uetr):
        raise refuse_payment_file(
            "BANK-04", _("The tracking number of %(order)s is not a UUID of version 4.") % {"order": where}
        )
    if order.money.minor <= 0:
        raise refuse_payment_file("BANK-02", _("The amount of %(order)s is not above zero.") % {"order": where})
    _check_bank(order)
    _check_country(order.payee_country, where)
    return replace(
        order,
        payee_name=_latin(order.payee_name, _LONGEST_NAME, where),
        payee_town=_latin(order.payee_town, _LONGEST_TOWN, where),
        payee_bank_name=_latin(order.payee_bank_name, _LONGEST_NAME, where) if order.payee_bank_name else None,
        remittance=_latin(order.remittance, _LONGEST_NAME, where),
        payee_account=_account(order.payee_account, order.payee_account_is_iban, where),
    )


def _check_used_once(values: Iterable[str], sentence: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise refuse_payment_file("BANK-03", sentence % {"value": value})
        seen.add(value)


def _latin(written: str, longest: int, where: str = "") -> str:
    try:
        plain = in_latin(written)
    except ValueError as letter:
        raise refuse_payment_file(
            "BANK-05",
            _("A text of %(order)s has the character “%(letter)s”, which no bank carries.")
            % {"order": where or _("the paying account"), "letter": letter},
            _("Record the name and town in Latin letters, as the payee's bank writes them."),
        ) from None
    if not 1 <= len(plain) <= longest:
        raise refuse_payment_file(
            "BANK-06",
            _("A text of %(order)s has %(length)s characters; 1 to %(longest)s are carried.")
            % {"order": where or _("the paying account"), "length": len(plain), "longest": longest},
        )
    return plain


def _account(written: str, is_iban: bool, where: str) -> str:
    """The account number without spaces and hyphens. Whether it exists only the bank can say."""
    compact = re.sub(r"[ \-]", "", written)
    if is_iban:
        compact = compact.upper()
    if not (_IBAN if is_iban else _NUMBER).fullmatch(compact):
        raise refuse_payment_file(
            "BANK-07",
            _("The account number of %(order)s is not one that a bank can read.") % {"order": where},
            _("Have the payee's bank data corrected and confirmed."),
        )
    return compact


def _check_bank(order: CreditOrder) -> None:
    if order.payee_bic:
        _check_bic(order.payee_bic, order.end_to_end)
    elif not order.payee_account_is_iban:
        raise refuse_payment_file(
            "BANK-08",
            _("%(order)s names no bank, and an account number without IBAN needs one.") % {"order": order.end_to_end},
            _("Have the payee's bank data corrected and confirmed."),
        )


def _check_bic(bic: str, where: str) -> None:
    if not _BIC.fullmatch(bic):
        raise refuse_payment_file(
            "BANK-08",
            _("The bank code of %(order)s is not a BIC.") % {"order": where},
            _("Have the bank data corrected and confirmed."),
        )


def _check_country(country: str, where: str) -> None:
    if not _COUNTRY.fullmatch(country):
        raise refuse_payment_file(
            "BANK-09", _("The country of %(order)s is not a code of two letters.") % {"order": where}
        )
