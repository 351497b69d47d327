"""The check digits of account numbers, as a bank's own computer looks at them."""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, annex B)."""
    if not re.fullmatch(r"[0-9]{2,34}", number):
        return False
    return _luhn_sum(number) % 10 == 0


def with_luhn_digit(stem: str) -> str:
    """The account number that a bank would give out for these digits: the digits and their check digit."""
    return stem + str(-_luhn_sum(stem + "0") % 10)


def is_iban(number: str) -> bool:
    """Whether the number is an IBAN whose check digits hold (ISO 13616, remainder 1 by 97)."""
    if not _IBAN.fullmatch(number):
        return False
    turned = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _luhn_sum(number: str) -> int:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 for digit in digits[1::2]]
    return sum(digits[0::2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)
