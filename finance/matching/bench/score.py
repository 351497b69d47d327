"""What a rule set got right, against the truth. Noise and open payments are in no denominator; wrong is wrong anywhere.

Booking a difference to the wrong account is wrong too, for a rule set that books differences at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from finance.matching.bench.generator import USD_PER_HUNDRED, World
from finance.matching.shapes import Proposal


def _is_right(world: World, proposal: Proposal) -> bool:
    """The links are the truth: this line with exactly these payments, all lines of a split together or each of them."""
    items = frozenset(proposal.items)
    return all(
        key in world.truth and world.truth[key].items == items and world.truth[key].returns == proposal.returns
        for key in proposal.lines
    )


def _in_usd(world_line_currency: str, minor: int) -> int:
    return abs(minor) * USD_PER_HUNDRED[world_line_currency] // 100


def score(world: World, proposals: Iterable[Proposal]) -> dict[str, object]:
    """The figures of one rule set: shares to six places, money in minor units of US dollars at invented rates."""
    lines = {line.key: line for line in world.lines}
    automatic = wrong = money = found = offered = by_itself = links_found = 0
    tiers: Counter[str] = Counter()
    for proposal in proposals:
        if not proposal.items and not proposal.classified:
            tiers["tie"] += len(proposal.lines)
            continue
        right, many = _is_right(world, proposal), len(proposal.lines)
        tiers[f"{proposal.tier}{' automatic' if proposal.automatic else ''}"] += many
        offered += many
        found += many * right
        links_found += right * max(many, len(proposal.items))
        if proposal.automatic:
            automatic += many
            misbooked = right and proposal.books_to not in ("", world.truth[proposal.lines[0]].books_to)
            by_itself += many * (right and not misbooked)
            wrong += many * (misbooked or not right)
            if misbooked:
                money += _in_usd(lines[proposal.lines[0]].currency, proposal.difference)
            elif not right:
                money += sum(_in_usd(lines[key].currency, lines[key].minor) for key in proposal.lines)
    wanted = len(world.truth)
    links = sum(len(truth.items) for truth in world.truth.values())
    return {
        "precision_automatic": round((automatic - wrong) / automatic, 6) if automatic else 1.0,
        "wrong_automatic": wrong,
        "money_wrongly_posted_usd_minor": money,
        "recall": round(found / wanted, 6),
        "recall_links": round(links_found / links, 6),
        "precision_proposals": round(found / offered, 6) if offered else 1.0,
        "share_without_a_person": round(by_itself / wanted, 6),
        "tiers": dict(sorted(tiers.items())),
    }
