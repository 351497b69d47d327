"""The desk of one run: what is still open on both sides, by everything it can be found by, and who claims what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from finance.matching.reading import References
from finance.matching.rules import EXCHANGE, Rule
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Terms

Pool = tuple[str, str, bool]


def pool_of(one: BankLine | OpenItem) -> Pool:
    """The hard filter: account, currency, direction. What differs in one of them is never the same money."""
    return (one.account, one.currency, one.minor > 0)


class Desk:
    """Open lines and items of a run, and the answers so far. A tier reads it as it stood when the tier began."""

    def __init__(
        self, lines: Sequence[BankLine], items: Sequence[OpenItem], terms: Terms, approved: Sequence[Rule] = ()
    ) -> None:
        self.terms, self.approved = terms, list(approved)
        self.lines = {line.key: line for line in lines}
        self.items = {item.key: item for item in items}
        self.open_lines: dict[int, BankLine] = dict(self.lines)
        self.open_items: dict[int, OpenItem] = {item.key: item for item in items if not item.settled}
        self.named: dict[int, list[OpenItem]] = {}
        self.ties: dict[int, tuple[int, ...]] = {}
        self.proposals: list[Proposal] = []
        self._index(items)

    def _index(self, items: Sequence[OpenItem]) -> None:
        self.by_reference: dict[str, list[OpenItem]] = {}
        self.by_provider: dict[str, list[OpenItem]] = {}
        self.by_group: dict[str, list[OpenItem]] = {}
        for item in items:
            if item.reference:
                self.by_reference.setdefault(item.reference, []).append(item)
            for provider in item.provider:
                self.by_provider.setdefault(provider, []).append(item)
            if item.group:
                self.by_group.setdefault(item.group, []).append(item)
        self.references = References(set(self.by_reference))

    def payments(self) -> Iterator[BankLine]:
        """Open lines that say neither that they are a return nor that they are the bank's own charge."""
        return (line for line in list(self.open_lines.values()) if not line.is_return and not line.is_charge)

    def rule_of(self, line: BankLine, classifies: str) -> Rule | None:
        """The approved rule that calls this line so; of several exchange rules the one with the narrowest band."""
        fitting = [rule for rule in self.approved if rule.classifies == classifies and rule.fits(line)]
        return min(fitting, key=lambda rule: (rule.band, rule.key)) if fitting else None

    def band_of(self, line: BankLine) -> int:
        """How far the exchange of this line may differ, in basis points: as a rule says, else as the fund does."""
        rule = self.rule_of(line, EXCHANGE)
        return rule.band if rule is not None else self.terms.exchange_most

    def is_open(self, item: OpenItem) -> bool:
        """Whether nothing has answered for an item yet."""
        return item.key in self.open_items

    def tied(self, line: BankLine, rivals: Iterable[OpenItem]) -> None:
        """Remember that a line had more than one answer: whatever is found later is for a person."""
        known = self.ties.get(line.key, ())
        self.ties[line.key] = known + tuple(sorted({item.key for item in rivals} - set(known)))

    def settle(self, claims: dict[int, list[OpenItem]], tier: int, answer: object) -> None:
        """Give every line of a tier its item where the two have only each other; call the others tied.

        `answer(line, item)` makes the proposal of a pair.
        """
        claimed: dict[int, int] = defaultdict(int)
        for found in claims.values():
            for item in found:
                claimed[item.key] += 1
        for key, found in claims.items():
            line = self.lines[key]
            if len(found) == 1 and claimed[found[0].key] == 1:
                self.answer(answer(line, found[0]))  # type: ignore[operator]
            else:
                self.tied(line, found)

    def answer(self, proposal: Proposal) -> None:
        """Keep a proposal; its lines and items are open no longer. After a tie, or over the limit, never by itself."""
        if proposal.automatic:
            tie = any(key in self.ties for key in proposal.lines)
            most = max(abs(self.lines[key].minor) for key in proposal.lines)
            if tie or most > self.terms.limit:
                why = [Reason("tie_seen")] if tie else [Reason("over_limit", (self.terms.limit,))]
                told = why if tie or self.terms.limit else []  # no limit at all: the fund lets nothing go by itself
                proposal = replace(proposal, automatic=False, reasons=(*proposal.reasons, *told))
        self.proposals.append(proposal)
        for key in proposal.lines:
            self.open_lines.pop(key, None)
        for key in proposal.items:
            self.open_items.pop(key, None)

    def in_window(self, line: BankLine, item: OpenItem) -> bool:
        """Whether the bank's day lies near enough to ours for amounts and names to mean anything."""
        return -self.terms.days_before <= line.day - item.day <= self.terms.days_after

    def date_points(self, line: BankLine, item: OpenItem) -> int:
        """The nearer the days, the more; none beyond ten days."""
        return max(0, self.terms.weights["date"] - abs(line.day - item.day))


def days_apart(line: BankLine, item: OpenItem) -> Reason:
    """How far the bank's day lies from ours."""
    return Reason("days_apart", (abs(line.day - item.day),))


def same_amount(line: BankLine, item: OpenItem) -> bool:
    """Equal to the minor unit: in the account's currency, or in the currency it was ordered in."""
    if line.minor == item.minor:
        return True
    ordered = item.ordered_minor and line.original_minor == item.ordered_minor
    return bool(ordered and line.original_currency == item.ordered_currency)


def exchanged(item: OpenItem) -> bool:
    """Whether the bank had to change money for it."""
    return bool(item.ordered_currency) and item.ordered_currency != item.currency


def in_band(difference: int, item: OpenItem, basis_points: int) -> bool:
    """Whether a difference lies inside a band around what the rate of the day made us expect."""
    return abs(difference) * 10_000 <= abs(item.minor) * basis_points
