"""The stand-in's own double-entry book: where every unit is, so that the fund's books can be held against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FUNDING, ON_THE_WAY, STRIPE_FEES, BALANCE, BANK = ("funding", "on_the_way", "stripe_fees", "balance:", "bank:")


@dataclass(frozen=True, slots=True)
class BookTotals:
    """Where the money is, in Stripe's units by currency. `banks` is what reached the payees' banks and stayed there."""

    platform: dict[str, int]
    accounts: dict[str, dict[str, int]]
    on_the_way: dict[str, int]
    banks: dict[str, dict[str, int]]
    funding: dict[str, int]
    fees: dict[str, int]
    is_balanced: bool


class Ledger:
    """Entries (what happened, account, currency, signed amount) that add up to zero for each happening."""

    def __init__(self, entries: list[list[str | int]] | None = None) -> None:
        self.entries: list[list[str | int]] = []
        self._totals: dict[tuple[str, str], int] = {}
        for what, account, currency, amount in entries or []:
            self._write(str(what), str(account), str(currency), int(amount))

    def move(self, what: str, *, amount: int, currency: str, out_of: str, into: str) -> None:
        """Move a positive amount from one account to another."""
        if amount <= 0:
            raise ValueError(f"{what}: only a positive amount moves, not {amount}")
        self._write(what, out_of, currency, -amount)
        self._write(what, into, currency, amount)

    def total(self, account: str, currency: str) -> int:
        return self._totals.get((account, currency), 0)

    def by_currency(self, account: str) -> dict[str, int]:
        return {currency: amount for (name, currency), amount in self._totals.items() if name == account}

    def totals(self) -> BookTotals:
        """Everything, added up again from the entries rather than from the running totals."""
        again = Ledger(self.entries)
        return BookTotals(
            platform=again.by_currency(BALANCE),
            accounts=again._grouped(BALANCE),
            on_the_way=again.by_currency(ON_THE_WAY),
            banks=again._grouped(BANK),
            funding=again.by_currency(FUNDING),
            fees=again.by_currency(STRIPE_FEES),
            is_balanced=again._totals == self._totals and not any(again._sums().values()),
        )

    def _grouped(self, prefix: str) -> dict[str, dict[str, int]]:
        """Accounts of connected accounts: the platform's own is the prefix alone."""
        names = {name for name, _ in self._totals if name.startswith(prefix) and name != prefix}
        return {name.removeprefix(prefix): self.by_currency(name) for name in sorted(names)}

    def _sums(self) -> Mapping[str, int]:
        sums: dict[str, int] = {}
        for (_, currency), amount in self._totals.items():
            sums[currency] = sums.get(currency, 0) + amount
        return sums

    def _write(self, what: str, account: str, currency: str, amount: int) -> None:
        self.entries.append([what, account, currency, amount])
        self._totals[account, currency] = self.total(account, currency) + amount
