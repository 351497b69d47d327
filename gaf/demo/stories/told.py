"""What a story promises, so that the demo can say whether it came true."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Told:
    """One story: its code, its words, the reference it got, and what must be read back from the database."""

    code: str
    title: str
    path: str  # states in order, as the decisions left them
    approved: str  # US dollars
    paid: str
    reconciled: str
    reference: str = ""
    checks: dict[str, str] = field(default_factory=dict)  # a figure's name -> what it must be
    found: dict[str, str] = field(default_factory=dict)  # the same figures, read back from the database
