"""Tier 3: money that comes back, by the reference of what it was, whole or cut short, less what a bank kept."""

from __future__ import annotations

from finance.matching.desk import Desk
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Tier


def returns(desk: Desk) -> None:
    """Lines that say that they give back or take back, and lines of the other direction that name a payment of ours."""
    gone = {key for proposal in desk.proposals for key in proposal.items if not proposal.returns}
    whole: dict[int, list[OpenItem]] = {}
    cut: dict[int, list[OpenItem]] = {}
    for line in list(desk.open_lines.values()):
        if line.is_charge:
            continue
        named = [item for item in desk.named.get(line.key, []) if _could_return(desk, line, item, gone)]
        if named:
            whole[line.key] = named
        elif line.is_return:
            begun = [item for ref in desk.references.cut(_texts(line)) for item in desk.by_reference[ref]]
            found = [item for item in begun if _could_return(desk, line, item, gone)]
            if found:
                cut[line.key] = found
    desk.settle(whole, Tier.RETURN, lambda line, item: _returned(desk, line, item, "original_named"))
    desk.settle(cut, Tier.RETURN, lambda line, item: _returned(desk, line, item, "original_cut"))


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


def _returned(desk: Desk, line: BankLine, item: OpenItem, why: str) -> Proposal:
    """Whole and to the cent it counts as returned by itself; whether it is paid again a person decides."""
    missing = abs(item.minor) - abs(line.minor)
    reasons = [Reason(why), Reason("came_back")]
    reasons.append(Reason("amount_equal") if not missing else Reason("kept_by_bank", (missing, line.currency)))
    weights = desk.terms.weights
    points = (("reference", weights["reference"]), ("amount", weights["amount"] if not missing else 0))
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
    )
