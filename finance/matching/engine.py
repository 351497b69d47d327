"""One run of matching: hard filters, then nine tiers in their fixed order; the same input gives the same answer."""

from __future__ import annotations

from collections.abc import Sequence

from finance.matching.amounts import accounts, differences
from finance.matching.desk import Desk
from finance.matching.exact import groups, identity, read_names, reference
from finance.matching.names import names
from finance.matching.returning import returns
from finance.matching.rules import Rule, rules
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Terms
from finance.matching.subsets import subsets


def propose(
    lines: Sequence[BankLine], items: Sequence[OpenItem], terms: Terms | None = None, approved: Sequence[Rule] = ()
) -> list[Proposal]:
    """What the lines are, each line at most once and each item at most once a direction, in the bank's order.

    A line with several equal answers gets a proposal without items that lists them as rivals.
    """
    desk = Desk(lines, items, terms or Terms(), approved)
    identity(desk)
    read_names(desk)
    reference(desk)
    groups(desk)
    returns(desk)
    accounts(desk)
    differences(desk)
    subsets(desk)
    rules(desk)
    names(desk)
    _tell_ties(desk)
    place = {line.key: number for number, line in enumerate(lines)}
    return sorted(desk.proposals, key=lambda proposal: place[proposal.lines[0]])


def _tell_ties(desk: Desk) -> None:
    for key, rivals in desk.ties.items():
        line = desk.open_lines.get(key)
        open_rivals = tuple(rival for rival in rivals if rival in desk.open_items)
        if line is not None and open_rivals:
            facts = (len(open_rivals), abs(line.minor), line.currency, line.day)
            why = Reason("several_fit", facts) if len(open_rivals) > 1 else Reason("several_lines")
            desk.answer(Proposal((key,), (), -1, False, (why,), rivals=open_rivals))
