"""Tier 6: several of ours make one line, or several lines make one of ours; only where just one way adds up.

The search is bounded: 25 candidates, 6 parts, a budget of sums. Beyond that it says nothing rather than something.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from finance.matching.desk import Desk, Pool, pool_of
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Tier


class Sums:
    """Every sum of up to half the parts of some amounts, made once and asked for many totals."""

    def __init__(self, amounts: Sequence[int], most_parts: int, budget: int) -> None:
        self.amounts, self.most_parts = amounts, most_parts
        self.half = (most_parts + 1) // 2
        self.exhausted = False
        self._places: list[tuple[int, ...]] = []
        self._by_sum: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for size in range(1, self.half + 1):
            for places in combinations(range(len(amounts)), size):
                if len(self._places) >= budget:
                    self.exhausted = True
                    return
                self._places.append(places)
                self._by_sum[sum(amounts[place] for place in places)].append(places)

    def ways(self, total: int, at_most: int = 2) -> list[tuple[int, ...]]:
        """Up to `at_most` different ways to make a total of two to `most_parts` amounts; nothing when out of budget.

        A way is split in the middle: its first half (the larger) and its second lie in order, so each is met once.
        """
        if self.exhausted:
            return []
        found: list[tuple[int, ...]] = []
        for first in self._places:
            rest = total - sum(self.amounts[place] for place in first)
            for second in self._by_sum.get(rest, ()):
                in_order = first[-1] < second[0]
                halves = len(first) - len(second) in (0, 1) and len(first) + len(second) <= self.most_parts
                if in_order and halves:
                    found.append((*first, *second))
                    if len(found) >= at_most:
                        return found
        return found


def subsets(desk: Desk) -> None:
    """Both directions, each against what was open when the direction began."""
    _several_items(desk)
    _several_lines(desk)


def _several_items(desk: Desk) -> None:
    by_day: dict[tuple[Pool, int], list[OpenItem]] = defaultdict(list)
    for item in desk.open_items.values():
        by_day[(pool_of(item), item.day)].append(item)
    tables: dict[tuple[int, ...], Sums] = {}
    claims: dict[int, list[tuple[OpenItem, ...]]] = {}
    for line in desk.payments():
        days = range(line.day - desk.terms.days_after, line.day + desk.terms.days_before + 1)
        pool = pool_of(line)
        if any(item.minor == line.minor for day in days for item in by_day.get((pool, day), ())):
            continue  # one payment explains it more simply
        near = [item for day in days[-desk.terms.group_window :] for item in by_day.get((pool, day), ())]
        found = [way for bundle in _bundles(desk, near) for way in _ways(desk, line.minor, bundle, tables)]
        if found:
            claims[line.key] = found
    _settle_ways(desk, claims)


def _bundles(desk: Desk, near: list[OpenItem]) -> list[list[OpenItem]]:
    """Everything near when it is little; otherwise what travelled together."""
    if len(near) <= desk.terms.most_candidates:
        return [near]
    together: dict[str, list[OpenItem]] = defaultdict(list)
    for item in near:
        if item.group:
            together[item.group].append(item)
    return list(together.values())


def _ways(
    desk: Desk, total: int, bundle: list[OpenItem], tables: dict[tuple[int, ...], Sums]
) -> list[tuple[OpenItem, ...]]:
    if not 2 <= len(bundle) <= desk.terms.most_candidates:
        return []
    if abs(sum(item.minor for item in bundle)) < abs(total):
        return []
    keys = tuple(item.key for item in bundle)
    table = tables.get(keys)
    if table is None:
        table = Sums([item.minor for item in bundle], desk.terms.most_parts, desk.terms.node_budget)
        tables[keys] = table
    return [tuple(bundle[place] for place in way) for way in table.ways(total)]


def _settle_ways(desk: Desk, claims: dict[int, list[tuple[OpenItem, ...]]]) -> None:
    """Only one way for the line, and no other line that wants one of its parts."""
    wanted: dict[int, int] = defaultdict(int)
    for ways in claims.values():
        for key in {item.key for way in ways for item in way}:
            wanted[key] += 1
    for key, ways in claims.items():
        line = desk.lines[key]
        items = ways[0]
        if len(ways) > 1 or any(wanted[item.key] > 1 for item in items):
            desk.tied(line, [item for way in ways for item in way])
            continue
        reasons = (Reason("sum_equal", (len(items),)), Reason("only_way"))
        points = (("amount", desk.terms.weights["amount"]),)
        desk.answer(Proposal((key,), tuple(i.key for i in items), Tier.SUBSET, False, reasons, points))


def _several_lines(desk: Desk) -> None:
    """Lines of one counterparty (its account, or the very same name) that add up to one item."""
    bundles: dict[tuple[Pool, str], list[BankLine]] = defaultdict(list)
    for line in desk.payments():
        who = line.counterparty_account or line.counterparty.strip().upper()
        if who:
            bundles[(pool_of(line), who)].append(line)
    by_account: dict[tuple[Pool, str], list[OpenItem]] = defaultdict(list)
    by_amount: dict[tuple[Pool, int], list[OpenItem]] = defaultdict(list)
    for item in desk.open_items.values():
        by_account[(pool_of(item), item.counterparty_account)].append(item)
        by_amount[(pool_of(item), item.minor)].append(item)
    for (pool, who), lines in bundles.items():
        if len(lines) < 2:
            continue
        known = by_account.get((pool, who), [])
        if known:
            for item in known:
                _lines_of(desk, item, lines)
        elif len(lines) <= desk.terms.most_parts and not lines[0].counterparty_account:
            alike = [i for i in by_amount.get((pool, sum(x.minor for x in lines)), []) if desk.in_window(lines[0], i)]
            if len(alike) == 1:
                _lines_of(desk, alike[0], lines)


def _lines_of(desk: Desk, item: OpenItem, lines: list[BankLine]) -> None:
    near = [line for line in lines if line.key in desk.open_lines and desk.in_window(line, item)]
    if not 2 <= len(near) <= desk.terms.most_candidates or not desk.is_open(item):
        return
    ways = Sums([line.minor for line in near], desk.terms.most_parts, desk.terms.node_budget).ways(item.minor)
    if len(ways) != 1:
        for line in near if ways else []:
            desk.tied(line, [item])
        return
    parts = tuple(near[place].key for place in ways[0])
    reasons = (Reason("lines_add_up", (len(parts),)), Reason("only_way"), Reason("same_counterparty"))
    points = (("amount", desk.terms.weights["amount"]), ("account", desk.terms.weights["account"]))
    desk.answer(Proposal(parts, (item.key,), Tier.SUBSET, False, reasons, points))
