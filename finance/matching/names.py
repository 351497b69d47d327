"""Tier 8: names, misspelt and reordered as they come. They suggest, and never decide; a person reads them."""

from __future__ import annotations

from collections import defaultdict

from rapidfuzz.fuzz import partial_token_sort_ratio, token_set_ratio, token_sort_ratio

from finance.matching.desk import Desk, Pool, days_apart, pool_of
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Tier


def alike(one: str, other: str) -> int:
    """How alike two names are, 0 to 100: order and missing words forgiven, a few wrong letters too."""
    one, other = one.upper(), other.upper()
    whole = token_sort_ratio(one, other)
    parts = 0.9 * max(token_set_ratio(one, other), partial_token_sort_ratio(one, other))
    return int(max(whole, parts))


def names(desk: Desk) -> None:
    """The same amount in the same days, and the name that fits best by a margin; equal claims go in order of days."""
    index: dict[tuple[Pool, int], list[OpenItem]] = defaultdict(list)
    for item in desk.open_items.values():
        index[(pool_of(item), item.minor)].append(item)
    pairs: list[tuple[int, int, int]] = []
    reached: dict[int, list[tuple[int, OpenItem]]] = {}
    for line in desk.payments():
        near = [i for i in index.get((pool_of(line), line.minor), []) if desk.in_window(line, i)]
        found = _scored(desk, line, near)
        if found:
            reached[line.key] = found
            pairs += [(-points, line.key, item.key) for points, item in found]
    for _points, line_key, item_key in sorted(pairs):
        if line_key in desk.open_lines and item_key in desk.open_items:
            desk.answer(_named(desk, desk.lines[line_key], desk.items[item_key], reached[line_key]))


def _scored(desk: Desk, line: BankLine, near: list[OpenItem]) -> list[tuple[int, OpenItem]]:
    """Each candidate with its points; an account that is not the payee's, or a name that is nobody's, is none."""
    found = []
    for item in near:
        same_account = bool(line.counterparty_account) and line.counterparty_account == item.counterparty_account
        if line.counterparty_account and item.counterparty_account and not same_account:
            continue
        likeness = alike(line.counterparty, item.name) if line.counterparty and item.name else 0
        if same_account or likeness >= desk.terms.name_floor:
            found.append((likeness + 40 * same_account - 2 * abs(line.day - item.day), item))
    return found


def _named(desk: Desk, line: BankLine, item: OpenItem, reached: list[tuple[int, OpenItem]]) -> Proposal:
    own = next(points for points, candidate in reached if candidate.key == item.key)
    near = [c.key for points, c in reached if c.key != item.key and points >= own - desk.terms.name_margin]
    likeness = alike(line.counterparty, item.name) if line.counterparty else 0
    reasons = [Reason("name_alike", (likeness,)), Reason("amount_equal"), days_apart(line, item)]
    if near:
        reasons.append(Reason("several_fit", (len(near) + 1, abs(line.minor), line.currency, line.day)))
    weights = desk.terms.weights
    points = (
        ("name", likeness * weights["name"] // 100),
        ("amount", weights["amount"]),
        ("date", desk.date_points(line, item)),
    )
    return Proposal((line.key,), (item.key,), Tier.NAME, False, tuple(reasons), points, rivals=tuple(sorted(near)))
