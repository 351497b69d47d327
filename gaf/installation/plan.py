"""What an installation starts with, read from a TOML file: people, roles, accounts, streams, receipts, rates."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plan:
    """One installation file. `shift` moves every date in it (the demo uses whole weeks; a real one none)."""

    values: dict[str, Any]
    shift: timedelta = timedelta()

    @classmethod
    def read(cls, path: Path, shift: timedelta = timedelta()) -> Plan:
        """Read the file at `path`. Raises tomllib.TOMLDecodeError naming the line when it is not TOML."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")), shift)

    @property
    def starts_on(self) -> date:
        """The day from which roles, thresholds and rules are in force."""
        starts_on: date = self.values["starts_on"]
        return starts_on + self.shift

    def day(self, value: date | None) -> date | None:
        """A day of the file, moved."""
        return value + self.shift if value is not None else None

    def rows(self, section: str) -> list[dict[str, Any]]:
        """The rows of a section; none when it is not there."""
        return [dict(row) for row in self.values.get(section, [])]

    def signer(self, what: str) -> str:
        """The e-mail address of the person who signs this part of the start."""
        return str(self.values["signed_by"][what])
