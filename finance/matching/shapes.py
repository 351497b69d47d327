"""What matching reads and what it answers: plain values, whole minor units, days as ordinal numbers, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Tier:
    """The signals in their fixed order; the first that has exactly one answer wins."""

    IDENTITY = 0
    REFERENCE = 1
    GROUP = 2
    RETURN = 3
    ACCOUNT = 4
    DIFFERENCE = 5
    SUBSET = 6
    RULE = 7
    NAME = 8


class Reason(NamedTuple):
    """One reason of a proposal: a code, and the values that its sentence needs."""

    code: str
    values: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class BankLine:
    """One line of the bank. `minor` is signed: what came in is positive. `day` is an ordinal."""

    key: int
    account: str
    currency: str
    minor: int
    day: int
    end_to_end: str = ""
    bank_reference: str = ""
    text: str = ""
    counterparty: str = ""
    counterparty_account: str = ""  # a keyed hash, never the number
    original_minor: int = 0  # what was ordered, where the bank booked another currency; unsigned
    original_currency: str = ""
    is_return: bool = False
    is_charge: bool = False
    group: str = ""  # the message or payout the bank says it booked as one
    children: tuple[str, ...] = ()  # the references of the payments inside, where the bank lists them


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One record of ours that a line may be: signed in the account's currency as the bank is expected to book it.

    `settled` items left the account on an earlier line; they can only come back.
    """

    key: int
    account: str
    currency: str
    minor: int
    day: int
    reference: str = ""  # compact ISO 11649
    provider: tuple[str, ...] = ()
    group: str = ""  # the file or payout it travels with
    counterparty_account: str = ""
    name: str = ""
    channel: str = ""
    ordered_minor: int = 0  # in the payee's currency; unsigned
    ordered_currency: str = ""
    settled: bool = False
    returnable: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What some lines are, by one tier. `items` may be several (a batch), `lines` too (a split), never both.

    `difference` is what the line took beyond the items (minor units, signed), and `books_to` where it goes.
    Without items it is a tie or a rule's classification: nothing of ours is named.
    """

    lines: tuple[int, ...]
    items: tuple[int, ...]
    tier: int
    automatic: bool
    reasons: tuple[Reason, ...]
    scores: tuple[tuple[str, int], ...] = ()
    rivals: tuple[int, ...] = ()  # other items it could be as well
    difference: int = 0
    books_to: str = ""  # "", "bank_fee", "exchange"
    returns: bool = False
    rule: str = ""
    classified: str = ""

    @property
    def score(self) -> int:
        """The sum of its parts; shown under “why”, never what decides between tiers."""
        return sum(points for _part, points in self.scores)


@dataclass(frozen=True, slots=True)
class FeeCap:
    """What a bank on this channel may keep: proposed up to `most`, booked by itself up to `automatic` (minor units)."""

    automatic: int
    most: int


@dataclass(frozen=True)
class Terms:
    """Windows, caps, bands and weights. Amounts in minor units of the account, bands in basis points."""

    days_before: int = 3  # the bank may book a little before our own day
    days_after: int = 10
    reference_days_after: int = 400
    group_days: int = 4  # so long may a batch take to be booked
    limit: int = 5_000_000  # above it nothing is booked by itself
    account_limit: int = 2_500_000
    fee_caps: dict[str, FeeCap] = field(default_factory=lambda: {"": FeeCap(500, 5_000)})
    exchange_automatic: int = 50
    exchange_most: int = 300
    most_candidates: int = 25
    most_parts: int = 6
    node_budget: int = 20_000
    name_floor: int = 55
    name_margin: int = 10
    weights: dict[str, int] = field(
        default_factory=lambda: {"reference": 60, "amount": 20, "date": 10, "account": 40, "name": 30, "group": 50}
    )

    @property
    def group_window(self) -> int:
        """How many of our days one booking of a batch may cover."""
        return self.group_days + self.days_before + 1

    def fee_cap(self, channel: str) -> FeeCap:
        """The cap of a channel; the general one where it has none of its own."""
        return self.fee_caps.get(channel) or self.fee_caps.get("") or FeeCap(0, 0)
