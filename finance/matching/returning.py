"""Tier 3: money that comes back, by the reference of what it was, whole or cut short, less what a bank kept.

A line that its bank does not mark may be called a return by an approved rule; then the payee's account may name it too.
"""

from __future__ import annotations

from collections import defaultdict

from finance.matching.desk import Desk
from finance.matching.rules import RETURN, Rule
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Tier


def returns(desk: Desk) -> None:
    """Lines that say that they give back or take back, and lines of the other direction that name a payment of ours."""
    gone = {key for proposal in desk.proposals for key in proposal.items if not proposal.returns}
    whole: dict[int, list[OpenItem]] = {}
    cut: dict[int, list[OpenItem]] = {}
    told: dict[int, Rule] = {}
    for line in list(desk.open_lines.values()):
        if line.is_charge:
            continue
        rule = desk.rule_of(line, RETURN) if desk.approved and not line.is_return else None
        if rule is not None:
            told[line.key] = rule
        named = [item for item in desk.named.get(line.key, []) if _could_return(desk, line, item, gone)]
        if named:
            whole[line.key] = named
        elif line.is_return or rule is not None:
            begun = [item for ref in desk.references.cut(_texts(line)) for item in desk.by_reference[ref]]
            found = [item for item in begun if _could_return(desk, line, item, gone)]
            if found:
                cut[line.key] = found
    desk.settle(whole, Tier.RETURN, lambda line, item: _returned(desk, line, item, "original_named", told))
    desk.settle(cut, Tier.RETURN, lambda line, item: _returned(desk, line, item, "original_cut", told))
    if told:
        by_account = _from_the_same_account(desk, told, gone)
        desk.settle(by_account, Tier.RETURN, lambda line, item: _returned(desk, line, item, "account_equal", told))


def _from_the_same_account(desk: Desk, told: dict[int, Rule], gone: set[int]) -> dict[int, list[OpenItem]]:
    """Of lines that a rule calls returns and that name nothing: what went to the same account, to the cent."""
    index: dict[tuple[str, int], list[OpenItem]] = defaultdict(list)
    for item in desk.items.values():
        if item.counterparty_account and (item.settled or item.key in gone):
            index[(item.counterparty_account, -item.minor)].append(item)
    claims: dict[int, list[OpenItem]] = {}
    for line in [desk.open_lines[key] for key in told if key in desk.open_lines and key not in desk.ties]:
        found = [
            item
            for item in index.get((line.counterparty_account, line.minor), [])
            if _could_return(desk, line, item, gone)
        ]
        if found:
            claims[line.key] = found
    return claims


def _texts(line: BankLine) -> str:
    return f"{line.end_to_end} {line.bank_reference} {line.text}"


def _could_return(desk: Desk, line: BankLine, item: OpenItem, gone: set[int]) -> bool:
    """The other direction of the same account and currency, out before, and not more than went out."""
    same_place = (line.account, line.currency) == (item.account, item.currency)
    opposite = (line.minor > 0) != (item.minor > 0)
    out = item.settled or item.key in gone or (line.is_return and item.returnable)
    missing = abs(item.minor) - abs(line.minor)
    kept = 0 <= missing <= desk.terms.fee_cap(item.channel).most or line.original_minor == item.ordered_minor > 0
    return same_place and opposite and out and item.returnable and kept and line.day >= item.day - 1


def _returned(desk: Desk, line: BankLine, item: OpenItem, why: str, told: dict[int, Rule]) -> Proposal:
    """Whole and to the cent it counts as returned by itself; whether it is paid again a person decides."""
    missing = abs(item.minor) - abs(line.minor)
    reasons = [Reason(why), Reason("came_back")]
    reasons.append(Reason("amount_equal") if not missing else Reason("kept_by_bank", (missing, line.currency)))
    rule = told.get(line.key)
    if rule is not None:
        reasons.append(Reason("rule", (rule.key, rule.classifies)))
    weights = desk.terms.weights
    main = "account" if why == "account_equal" else "reference"
    points = ((main, weights[main]), ("amount", weights["amount"] if not missing else 0))
    automatic = why == "original_named" and not missing and line.is_return
    return Proposal(
        (line.key,),
        (item.key,),
        Tier.RETURN,
        automatic,
        tuple(reasons),
        points,
        difference=missing,
        books_to="bank_fee" if missing else "",
        returns=True,
        rule=rule.key if rule is not None else "",
    )
