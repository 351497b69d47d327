"""Money by kind of help, told so that no kind stands for a request or two: those are told of together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST_REQUESTS = 3
OTHER = "OTHER"


@dataclass(frozen=True)
class KindOfHelp:
    """What was approved and spent on one kind of help, in cents of US dollars.

    `requests` are those behind the amounts. `open_ones` are those of them that everybody at headquarters may know of;
    a case that is kept to named people helps no row to stand by itself.
    """

    code: str
    approved: int
    spent: int
    requests: frozenset[str]
    open_ones: frozenset[str]


def told_apart(kinds: Iterable[KindOfHelp]) -> list[KindOfHelp]:
    """The kinds that may stand by themselves, by code, and the rest as one row, never a single kind.

    Where a lone small kind, or small ones with too few requests, would be left, the next smallest joins them: what is
    left of the sum then names nobody. Empty where even all together are too few.
    """
    ordered = sorted(kinds, key=lambda one: (len(one.open_ones), one.code))
    small = [one for one in ordered if len(one.open_ones) < LEAST_REQUESTS]
    wide = [one for one in ordered if len(one.open_ones) >= LEAST_REQUESTS]
    while small and wide and (len(small) < 2 or _too_few(small)):
        small.append(wide.pop(0))
    if small and _too_few(small):
        return []
    apart = sorted(wide, key=lambda one: one.code)
    return [*apart, _together(small)] if small else apart


def _too_few(kinds: list[KindOfHelp]) -> bool:
    return len(frozenset[str]().union(*(one.open_ones for one in kinds))) < LEAST_REQUESTS


def _together(kinds: list[KindOfHelp]) -> KindOfHelp:
    return KindOfHelp(
        OTHER,
        sum(one.approved for one in kinds),
        sum(one.spent for one in kinds),
        frozenset[str]().union(*(one.requests for one in kinds)),
        frozenset[str]().union(*(one.open_ones for one in kinds)),
    )
