"""Tiers 4 and 5: the payee's account with the amount; a reference or an account with an amount that is nearly ours."""

from __future__ import annotations

from collections import defaultdict

from finance.matching.desk import Desk, Pool, days_apart, exchanged, in_band, pool_of
from finance.matching.rules import EXCHANGE
from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason, Tier


def accounts(desk: Desk) -> None:
    """Tier 4: the counterparty's account, the amount, the days; and no other line nor item like it."""
    index: dict[tuple[Pool, str, int], list[OpenItem]] = defaultdict(list)
    for item in desk.open_items.values():
        if item.counterparty_account:
            index[(pool_of(item), item.counterparty_account, item.minor)].append(item)
    claims: dict[int, list[OpenItem]] = {}
    for line in desk.payments():
        alike = (
            index.get((pool_of(line), line.counterparty_account, line.minor), []) if line.counterparty_account else []
        )
        found = [item for item in alike if desk.in_window(line, item)]
        if found:
            claims[line.key] = found
    desk.settle(claims, Tier.ACCOUNT, lambda line, item: _same_account(desk, line, item))


def _same_account(desk: Desk, line: BankLine, item: OpenItem) -> Proposal:
    weights = desk.terms.weights
    reasons = [Reason("account_equal"), Reason("amount_equal"), days_apart(line, item)]
    automatic = abs(line.minor) <= desk.terms.account_limit
    if not automatic:
        reasons.append(Reason("over_limit", (desk.terms.account_limit,)))
    if _names_another(desk, line, item):
        automatic = False
        reasons.append(Reason("names_another"))
    points = (("account", weights["account"]), ("amount", weights["amount"]), ("date", desk.date_points(line, item)))
    return Proposal((line.key,), (item.key,), Tier.ACCOUNT, automatic, tuple(reasons), points)


def _names_another(desk: Desk, line: BankLine, item: OpenItem) -> bool:
    return any(other.key != item.key for other in desk.named.get(line.key, []))


def differences(desk: Desk) -> None:
    """Tier 5: a fee up to the channel's cap or an exchange difference inside its band, told by reference or account."""
    _by_reference(desk)
    _by_account(desk)


def _by_reference(desk: Desk) -> None:
    claims: dict[int, list[OpenItem]] = {}
    for line in desk.payments():
        open_ones = [i for i in desk.named.get(line.key, []) if desk.is_open(i) and pool_of(i) == pool_of(line)]
        found = [item for item in open_ones if _explained(desk, line, item, desk.band_of(line))]
        if found:
            claims[line.key] = found
    desk.settle(claims, Tier.DIFFERENCE, lambda line, item: _differs(desk, line, item, "reference_equal"))


def _by_account(desk: Desk) -> None:
    index: dict[tuple[Pool, str], list[OpenItem]] = defaultdict(list)
    for item in desk.open_items.values():
        if item.counterparty_account:
            index[(pool_of(item), item.counterparty_account)].append(item)
    claims: dict[int, list[OpenItem]] = {}
    for line in desk.payments():
        near = index.get((pool_of(line), line.counterparty_account), []) if line.counterparty_account else []
        found = [i for i in near if desk.in_window(line, i) and _explained(desk, line, i, desk.band_of(line))]
        if found:
            claims[line.key] = found
    desk.settle(claims, Tier.DIFFERENCE, lambda line, item: _differs(desk, line, item, "account_equal"))


def _explained(desk: Desk, line: BankLine, item: OpenItem, band: int) -> bool:
    """Whether a fee or the exchange explains what a line takes beyond its item. A bank never pays us a fee."""
    difference = item.minor - line.minor
    if not difference:
        return False
    if exchanged(item):
        return in_band(difference, item, band)
    return 0 < difference <= desk.terms.fee_cap(item.channel).most


def _differs(desk: Desk, line: BankLine, item: OpenItem, why: str) -> Proposal:
    """By itself only when small, when the reference stands in its own field, and when it names nothing else."""
    terms, difference = desk.terms, item.minor - line.minor
    exchange = exchanged(item)
    doubtful = exchange and 0 < difference <= terms.fee_cap(item.channel).most
    if exchange:  # where the bank took a little more, it may be a fee as well as the exchange
        small = in_band(difference, item, terms.exchange_automatic) and not doubtful
    else:
        small = difference <= terms.fee_cap(item.channel).automatic
    own_field = desk.references.exactly(line.end_to_end) == item.reference != ""
    alone = not _names_another(desk, line, item)
    code = "exchange_difference" if exchange else "fee_difference"
    reasons = [Reason(why), Reason(code, (difference, line.currency)), days_apart(line, item)]
    if doubtful:
        reasons.append(Reason("fee_or_exchange"))
    rule = desk.rule_of(line, EXCHANGE) if exchange else None
    if rule is not None:
        reasons.append(Reason("rule_band", (rule.key, rule.band)))
    main = "reference" if why == "reference_equal" else "account"
    points = ((main, terms.weights[main]), ("date", desk.date_points(line, item)))
    return Proposal(
        (line.key,),
        (item.key,),
        Tier.DIFFERENCE,
        small and own_field and alone and why == "reference_equal",
        tuple(reasons),
        points,
        difference=difference,
        books_to="exchange" if exchange else "bank_fee",
        rule=rule.key if rule is not None else "",
    )
