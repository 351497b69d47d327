"""Tiers 0 to 2: the bank gives back our own reference, a provider's, or that of a whole group, and the sums agree."""

from __future__ import annotations

from collections import defaultdict

from finance.matching.desk import Desk, days_apart, exchanged, in_band, pool_of, same_amount
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Tier


def identity(desk: Desk) -> None:
    """Tier 0: a provider's number or the end-to-end reference, each in its own field, and the amount."""
    claims: dict[int, list[OpenItem]] = {}
    for line in desk.payments():
        found = _own_fields(desk, line)
        agreeing = [item for item in found if _payable(desk, line, item) and same_amount(line, item)]
        if agreeing:
            claims[line.key] = agreeing
    desk.settle(claims, Tier.IDENTITY, lambda line, item: _equal(desk, line, item, Tier.IDENTITY, "identity_equal"))


def _own_fields(desk: Desk, line: BankLine) -> list[OpenItem]:
    found = desk.by_reference.get(desk.references.exactly(line.end_to_end), []) if line.end_to_end else []
    for field in (line.bank_reference, line.end_to_end):
        for item in desk.by_provider.get(field, []) if field else []:
            if item not in found:
                found = [*found, item]
    return found


def read_names(desk: Desk) -> None:
    """Find every reference of ours that the lines still open name, wherever they name it."""
    for line in desk.open_lines.values():
        found = list(_own_fields(desk, line))
        texts = f"{line.end_to_end} {line.bank_reference} {line.text}"
        for reference in desk.references.find(texts) if "f" in texts.lower() else []:
            found += [item for item in desk.by_reference[reference] if item not in found]
        if found:
            desk.named[line.key] = found


def reference(desk: Desk) -> None:
    """Tier 1: a reference of ours with right check digits, however it is written, and the amount."""
    claims: dict[int, list[OpenItem]] = {}
    for line in desk.payments():
        named = desk.named.get(line.key, [])
        agreeing = [item for item in named if _payable(desk, line, item) and same_amount(line, item)]
        if agreeing:
            claims[line.key] = agreeing
    desk.settle(claims, Tier.REFERENCE, lambda line, item: _equal(desk, line, item, Tier.REFERENCE, "reference_equal"))


def _payable(desk: Desk, line: BankLine, item: OpenItem) -> bool:
    near = -desk.terms.days_before <= line.day - item.day <= desk.terms.reference_days_after
    return near and desk.is_open(item) and pool_of(line) == pool_of(item)


def _equal(desk: Desk, line: BankLine, item: OpenItem, tier: int, why: str) -> Proposal:
    """A pair with one reference and one amount; a difference can only be one of exchange, and only inside its band."""
    weights, difference = desk.terms.weights, item.minor - line.minor
    reasons = [Reason(why), Reason("amount_equal"), days_apart(line, item)]
    automatic = True
    if difference:
        reasons.append(Reason("exchange_difference", (difference, line.currency)))
        automatic = exchanged(item) and in_band(difference, item, desk.terms.exchange_most)
    points = (
        ("reference", weights["reference"]),
        ("amount", weights["amount"]),
        ("date", desk.date_points(line, item)),
    )
    books_to = "exchange" if difference else ""
    return Proposal(
        (line.key,), (item.key,), tier, automatic, tuple(reasons), points, difference=difference, books_to=books_to
    )


def groups(desk: Desk) -> None:
    """Tier 2: a group known by its own name adds up to a line, or the lines of one reference add up to it."""
    for line in desk.payments():
        if line.children:
            _listed(desk, line)
        for name in {line.group, line.bank_reference, line.end_to_end, *_words(line)} & desk.by_group.keys():
            _whole_group(desk, line, name)
    _lines_of_one_reference(desk)


def _listed(desk: Desk, line: BankLine) -> None:
    """The bank lists the payments inside a line, each by our own reference; all are ours and open, and they add up."""
    found: list[OpenItem] = []
    for child in line.children:
        named = desk.by_reference.get(desk.references.exactly(child), [])
        found += [item for item in named if desk.is_open(item) and pool_of(item) == pool_of(line)]
    keys = {item.key for item in found}
    if len(keys) != len(line.children) or sum(item.minor for item in found) != line.minor:
        return
    weights = desk.terms.weights
    reasons = (Reason("reference_equal"), Reason("sum_equal", (len(found),)))
    points = (("reference", weights["reference"]), ("amount", weights["amount"]))
    desk.answer(Proposal((line.key,), tuple(i.key for i in found), Tier.GROUP, True, reasons, points))


def _words(line: BankLine) -> list[str]:
    return line.text.replace("/", " ").split()


def _whole_group(desk: Desk, line: BankLine, name: str) -> None:
    members = [item for item in desk.by_group[name] if desk.is_open(item) and pool_of(item) == pool_of(line)]
    if not members or line.key not in desk.open_lines or sum(item.minor for item in members) != line.minor:
        return
    weights = desk.terms.weights
    reasons = (Reason("group_named", (name,)), Reason("sum_equal", (len(members),)))
    points = (("group", weights["group"]), ("amount", weights["amount"]))
    desk.answer(Proposal((line.key,), tuple(i.key for i in members), Tier.GROUP, True, reasons, points))


def _lines_of_one_reference(desk: Desk) -> None:
    naming: dict[int, list[BankLine]] = defaultdict(list)
    for line in desk.payments():
        open_ones = [i for i in desk.named.get(line.key, []) if desk.is_open(i) and pool_of(i) == pool_of(line)]
        if len(open_ones) == 1:
            naming[open_ones[0].key].append(line)
    for key, lines in naming.items():
        item = desk.items[key]
        few = 2 <= len(lines) <= desk.terms.most_parts
        if few and sum(line.minor for line in lines) == item.minor:
            weights = desk.terms.weights
            reasons = (Reason("reference_equal"), Reason("lines_add_up", (len(lines),)))
            points = (("reference", weights["reference"]), ("amount", weights["amount"]))
            desk.answer(Proposal(tuple(line.key for line in lines), (key,), Tier.GROUP, True, reasons, points))
