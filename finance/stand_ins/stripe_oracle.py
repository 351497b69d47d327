"""Judges a run from Stripe's side: what every payment came to there, and whether everybody kept to the rules.

It reads the stand-in's own book and the requests it saw, and nothing that the fund's code worked out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finance.gateways.stripe_amounts import to_stripe
from finance.stand_ins.stripe_server import SeenRequest, StripeStandIn
from gaf.money import Money

_PAID, _OPEN = ("SENT", "CONFIRMED"), ("SENDING", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class Ours:
    """One disbursement as the fund's books tell it."""

    number: str
    money: Money
    state: str


def judge(stand_in: StripeStandIn, disbursements: Iterable[Ours]) -> list[str]:
    """Everything that is wrong, in words; an empty list is a good run.

    Each payment: nothing or exactly its amount at Stripe, and so it stands in our books; no outcome open; Stripe's own
    book balanced; no key used for two things; every request and answer within Stripe's types.
    """
    ours = list(disbursements)
    found = [fault for one in ours for fault in _of_one(stand_in, one)]
    named = {one.number for one in ours}
    strangers = {row["metadata"].get("disbursement", "") for row in stand_in.payouts()} - named
    found += [f"Stripe paid {number or 'something'}, which our books do not know" for number in sorted(strangers)]
    if not stand_in.book().is_balanced:
        found.append("Stripe's own book does not balance")
    found += _keys(stand_in.seen)
    if stand_in.refused_key_reuses:
        found.append(f"{stand_in.refused_key_reuses} keys came again with other parameters")
    return found + [f"out of Stripe's types: {fault}" for fault in stand_in.out_of_type]


def _of_one(stand_in: StripeStandIn, one: Ours) -> list[str]:
    currency, whole = one.money.currency.lower(), to_stripe(one.money)
    there = stand_in.paid_for(one.number)
    if there not in ({}, {currency: whole}):
        return [f"{one.number}: {there} at Stripe, {whole} in our books"]
    if one.state in _OPEN:
        return [f"{one.number}: its outcome is still open ({one.state})"]
    if (one.state in _PAID) != bool(there):
        return [f"{one.number}: {one.state} in our books, {there or 'nothing'} at Stripe"]
    return []


def _keys(seen: Iterable[SeenRequest]) -> list[str]:
    used: dict[tuple[str, str], tuple[str, str]] = {}
    found = []
    for one in seen:
        if one.method != "POST":
            continue
        if not one.key:
            found.append(f"POST {one.path} carried no key")
            continue
        first = used.setdefault((one.account, one.key), (one.path, one.form))
        if first != (one.path, one.form):
            found.append(f"key {one.key} was used for {first[0]} and for {one.path} with other parameters")
    return found
