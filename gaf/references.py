"""References people read aloud: GAF-2026-00042, P-2026-00031; and the ISO 11649 reference that travels with money."""

from __future__ import annotations

import re

from django.db import connection

from gaf import clock

REQUEST = re.compile(r"^GAF-\d{4}-\d{5,}$")


def issue(prefix: str) -> str:
    """The next reference of this kind and year, without gaps inside a committed history.

    Must be called inside a transaction: the counter's row stays locked until the record itself is saved.
    """
    year = clock.now().year
    return f"{prefix}-{year}-{_count_on(prefix, year, 1):05d}"


def issue_many(prefix: str, year: int, count: int) -> list[str]:
    """The next so many references of this kind in a year, in their order; inside a transaction, as `issue`."""
    last = _count_on(prefix, year, count)
    return [f"{prefix}-{year}-{number:05d}" for number in range(last - count + 1, last + 1)]


def _count_on(prefix: str, year: int, count: int) -> int:
    """Move a counter on and say where it stands; its row is there from the first number on, and locked from here on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO decisions_referencecounter AS counter (prefix, year, last) VALUES (%s, %s, %s) "
            "ON CONFLICT (prefix, year) DO UPDATE SET last = counter.last + EXCLUDED.last RETURNING last",
            [prefix, year, count],
        )
        return int(cursor.fetchone()[0])


def _digits(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text))


def rf_reference(text: str) -> str:
    """The ISO 11649 creditor reference of a number: `RF`, two check digits, up to 21 letters and digits."""
    body = re.sub(r"[^A-Z0-9]", "", text.upper())
    if not 1 <= len(body) <= 21:
        raise ValueError(f"an ISO 11649 reference has 1 to 21 characters, not {len(body)}")
    return f"RF{98 - _digits(body + 'RF00') % 97:02d}{body}"


def is_valid_rf(text: str) -> bool:
    """Whether the check digits of an ISO 11649 reference hold; spaces and small letters are forgiven."""
    compact = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", compact):
        return False
    return _digits(compact[4:] + compact[:4]) % 97 == 1
