"""Which stream should bear which line of a budget, and why: pure reckoning, the same answer for the same question.

Donor restrictions are tested for every line (domain: earliest expiry first, then the most restricted, unearmarked
money last; a budget may be split by line, a line is never split). Nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from gaf.money import Money, total
from gaf.templatetags.formats import short_day

UNEARMARKED = 1


@dataclass(frozen=True)
class SpendFacts:
    """What restrictions are tested on: where a line is spent, for whom, for what. Nothing about a person."""

    country: str
    nationalities: frozenset[str]
    categories: frozenset[str]
    assistance_type: str
    children_only: bool

    def found(self, kind: str) -> frozenset[str]:
        """What the line says under a kind of restriction."""
        return {
            "SPENT_IN": frozenset({self.country}),
            "NATIONALITY": self.nationalities,
            "CATEGORY": self.categories,
            "ASSISTANCE_TYPE": frozenset({self.assistance_type}),
        }[kind]


class Condition(Protocol):
    """One restriction of a donor, as the ledger keeps it or as a test writes it."""

    kind: str
    operator: str
    values: list[str]


@dataclass(frozen=True)
class Rule:
    """A restriction by itself."""

    kind: str
    operator: str
    values: list[str]


def is_broken(condition: Condition, facts: SpendFacts) -> bool:
    """Whether a line breaks a restriction."""
    if condition.kind == "CHILDREN_ONLY":
        return not facts.children_only
    found, values = facts.found(condition.kind), set(condition.values)
    return bool(found & values) if condition.operator == "NOT" else not found & values


@dataclass(frozen=True)
class Offer:
    """A stream as it may bear lines: its free money, its restrictions, its end, and until when it is open."""

    code: str
    free: Money
    earmarking: int = UNEARMARKED
    conditions: tuple[Condition, ...] = ()
    ends_on: date | None = None
    is_open: bool = True

    @property
    def is_unearmarked(self) -> bool:
        """Whether the donor left the choice to the fund."""
        return self.earmarking == UNEARMARKED

    @property
    def place(self) -> tuple[bool, date, int, int, str]:
        """Where it stands in the order: earmarked before unearmarked, ends soonest, most restricted, then its code."""
        return (self.is_unearmarked, self.ends_on or date.max, -len(self.conditions), -self.earmarking, self.code)


@dataclass(frozen=True)
class Need:
    """One line that wants a stream, in US dollars."""

    key: str
    usd: Money
    facts: SpendFacts


@dataclass(frozen=True)
class Reason:
    """Why a stream was chosen or was not: a code that stays, and words."""

    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.words} ({self.code})"


@dataclass(frozen=True)
class Choice:
    """The stream proposed for one line and why; `others` says of every other stream why it was not."""

    key: str
    code: str | None
    why: Reason
    others: dict[str, Reason] = field(default_factory=dict)
    fits: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Allocation:
    """What is proposed for a budget: a choice for each line, and the streams that could bear all of it alone."""

    choices: dict[str, Choice]
    bears_all: list[str]

    def by_stream(self, needs: Iterable[Need]) -> dict[str, Money]:
        """What the proposal takes out of each stream, in US dollars."""
        found: dict[str, Money] = {}
        for need in needs:
            code = self.choices[need.key].code
            if code is not None:
                found[code] = found.get(code, Money.zero("USD")) + need.usd
        return found


def allocate(
    needs: Sequence[Need], offers: Sequence[Offer], words: Mapping[str, Sequence[str]] | None = None
) -> Allocation:
    """Propose a stream for each line.

    Lines with the fewest streams to choose from are served first, larger before smaller, so that a narrow line is not
    left without the one stream that fits it. `words` may say, for `line/stream`, the broken restrictions in words.
    """
    ordered = sorted(offers, key=lambda offer: offer.place)
    fitting = {need.key: [offer for offer in ordered if _fits(offer, need)] for need in needs}
    left = {offer.code: offer.free for offer in offers}
    chosen: dict[str, Offer | None] = {}
    left_then: dict[str, dict[str, Money]] = {}
    for need in sorted(needs, key=lambda one: (len(fitting[one.key]), -one.usd.minor, one.key)):
        left_then[need.key] = dict(left)
        choice = next((offer for offer in fitting[need.key] if need.usd <= left[offer.code]), None)
        chosen[need.key] = choice
        if choice is not None:
            left[choice.code] = left[choice.code] - need.usd
    choices = {
        need.key: _explained(need, chosen[need.key], ordered, left_then[need.key], words or {}) for need in needs
    }
    return Allocation(choices, _bears_all(needs, ordered, fitting))


def _fits(offer: Offer, need: Need) -> bool:
    return offer.is_open and not any(is_broken(one, need.facts) for one in offer.conditions)


def _bears_all(needs: Sequence[Need], ordered: Sequence[Offer], fitting: Mapping[str, list[Offer]]) -> list[str]:
    whole = total([need.usd for need in needs], "USD")
    return [
        offer.code
        for offer in ordered
        if needs and whole <= offer.free and all(offer in fitting[need.key] for need in needs)
    ]


def _explained(
    need: Need,
    chosen: Offer | None,
    ordered: Sequence[Offer],
    left: Mapping[str, Money],
    words: Mapping[str, Sequence[str]],
) -> Choice:
    fits = [offer for offer in ordered if _fits(offer, need)]
    others = {
        offer.code: _why_not(offer, need, chosen, left[offer.code], words.get(f"{need.key}/{offer.code}", ()))
        for offer in ordered
        if offer is not chosen
    }
    return Choice(need.key, chosen.code if chosen else None, _why(chosen, fits), others, [offer.code for offer in fits])


def _why(chosen: Offer | None, fits: Sequence[Offer]) -> Reason:
    if chosen is None and fits:
        return Reason("ALLOC-05", _("no stream that fits has enough left"))
    if chosen is None:
        return Reason("ALLOC-06", _("no stream allows this line"))
    if chosen.is_unearmarked:
        return Reason("ALLOC-04", _("unearmarked money, since no earmarked stream fits and has enough"))
    if chosen.ends_on is not None:
        return Reason("ALLOC-01", _("fits, and ends soonest: %(day)s") % {"day": short_day(chosen.ends_on)})
    if len(fits) > 1 and any(not offer.is_unearmarked for offer in fits if offer is not chosen):
        return Reason("ALLOC-02", _("fits, and is the most restricted of those that do"))
    return Reason("ALLOC-03", _("fits, and leaves unearmarked money untouched"))


def _why_not(offer: Offer, need: Need, chosen: Offer | None, left: Money, broken: Sequence[str]) -> Reason:
    if not offer.is_open:
        return Reason("ALLOC-13", _("takes no new commitments today"))
    if not _fits(offer, need):
        return Reason("ALLOC-11", "; ".join(broken) or _("the donor does not allow this line"))
    if left < need.usd:
        return Reason("ALLOC-12", _("has %(left)s left, the line needs %(needs)s") % {"left": left, "needs": need.usd})
    if offer.is_unearmarked:
        return Reason("ALLOC-14", _("fits, and is kept for lines that nothing else fits"))
    if chosen is not None and (offer.ends_on or date.max) > (chosen.ends_on or date.max):
        return Reason("ALLOC-15", _("fits, and ends later"))
    return Reason("ALLOC-16", _("fits, and is less restricted or comes later in the order"))
