"""The stand-in bank's own books, kept in one JSON file so that a restart forgets nothing."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class BankEntry:
    """A line on an account. `minor` is signed, in the account's currency; days are ISO dates, `rate` plain text.

    `rate` is how many units of the instructed currency one unit of the account's currency bought or cost.
    `statement` is the number of the statement that reported the line, 0 while none did.
    """

    reference: str
    account: str
    minor: int
    booked_on: str
    value_on: str
    code: str
    end_to_end: str = ""
    instruction: str = ""
    message: str = ""
    uetr: str = ""
    instructed_minor: int = 0
    instructed_currency: str = ""
    rate: str = ""
    reason: str = ""
    other_name: str = ""
    other_number: str = ""
    other_is_iban: bool = False
    remittance: str = ""
    note: str = ""
    statement: int = 0


@dataclass(slots=True)
class IssuedStatement:
    """A statement that has gone out; its days are closed."""

    number: int
    from_day: str
    to_day: str
    opening: int
    closing: int
    file: str


@dataclass(slots=True)
class BankAccount:
    """A customer's account: what it held at the start, and the statements issued since."""

    currency: str
    opening: int
    had_stranger: bool = False
    statements: list[IssuedStatement] = field(default_factory=list)

    @property
    def reported(self) -> int:
        """The balance on the last statement, in minor units."""
        return self.statements[-1].closing if self.statements else self.opening


@dataclass(slots=True)
class BankBooks:
    """Everything the bank remembers."""

    accounts: dict[str, BankAccount] = field(default_factory=dict)
    entries: list[BankEntry] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)
    instructions: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)

    def next_reference(self) -> str:
        """The bank's own number for its next entry."""
        return f"SIM{len(self.entries) + 1:010d}"


def load(path: Path) -> BankBooks:
    """The books as they were left; empty ones where there are none."""
    if not path.exists():
        return BankBooks()
    kept = json.loads(path.read_text(encoding="utf-8"))
    accounts = {
        number: BankAccount(**{**account, "statements": [IssuedStatement(**one) for one in account["statements"]]})
        for number, account in kept.pop("accounts").items()
    }
    return BankBooks(accounts=accounts, entries=[BankEntry(**entry) for entry in kept.pop("entries")], **kept)


def save(books: BankBooks, path: Path) -> None:
    """Put the books away whole: a process that dies here leaves the old ones."""
    write_whole(path, json.dumps(asdict(books), indent=1, sort_keys=True, ensure_ascii=False).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process at a time work on the books."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
