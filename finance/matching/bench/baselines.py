"""Three widespread rule sets, written anew from a description of their rules, on the same lines and items.

They answer in the same shape. None of them keeps a score that we could read, so each is taken at its best: what it
would book by itself is `automatic`, the one candidate it would put first is its proposal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from rapidfuzz.fuzz import token_set_ratio

from finance.matching.shapes import BankLine, OpenItem, Proposal, Reason

_MONTHS_18, _WINDOW = 548, 30
_DIGITS = re.compile(r"[^0-9\s]")


def _proposal(line: BankLine, items: Iterable[OpenItem], automatic: bool, returns: bool = False) -> Proposal:
    return Proposal((line.key,), tuple(i.key for i in items), 0, automatic, (Reason("other"),), returns=returns)


def _tokens(*texts: str) -> set[str]:
    """Words stripped to their digits, of four digits and more."""
    words = " ".join(_DIGITS.sub("", text) for text in texts).split()
    return {word for word in words if len(word) >= 4}


class Sequential:
    """Odoo's way up to 18: digit tokens of the text, else the partner; one exact amount, else add up, oldest first."""

    def __init__(self, items: Sequence[OpenItem]) -> None:
        self.open = {item.key: item for item in items if not item.settled}
        self.by_token: dict[str, list[OpenItem]] = defaultdict(list)
        self.by_partner: dict[str, list[OpenItem]] = defaultdict(list)
        for item in items:
            for token in _tokens(item.reference, str(item.group)):
                self.by_token[token].append(item)
            self.by_partner[item.counterparty_account].append(item)
        self.settled = {item.key: item for item in items if item.settled}

    def answer(self, line: BankLine) -> Proposal | None:
        """The first model that yields candidates wins."""
        hits: dict[int, int] = defaultdict(int)
        for token in _tokens(line.text, line.end_to_end, line.bank_reference):
            for item in self.by_token.get(token, []):
                hits[item.key] += 1
        candidates = [self.open[key] for key in hits if self._eligible(line, key)]
        by_text = bool(candidates)
        if not candidates and line.counterparty_account:
            candidates = [i for i in self.by_partner[line.counterparty_account] if self._eligible(line, i.key)]
        candidates.sort(key=lambda item: (-hits.get(item.key, 0), item.day, item.key))
        chosen = self._choose(line, candidates)
        if not chosen:
            return None
        for item in chosen:
            del self.open[item.key]
        return _proposal(line, chosen, by_text)

    def _eligible(self, line: BankLine, key: int) -> bool:
        item = self.open.get(key)
        if item is None or item.currency != line.currency or item.account != line.account:
            return False
        return (item.minor > 0) == (line.minor > 0) and 0 <= line.day - item.day + 3 <= _MONTHS_18

    def _choose(self, line: BankLine, candidates: list[OpenItem]) -> list[OpenItem]:
        exact = [item for item in candidates if item.minor == line.minor]
        if len(exact) == 1:
            return exact
        chosen, total = [], 0
        for item in candidates:
            chosen.append(item)
            total += abs(item.minor)
            if total >= abs(line.minor):
                break
        missing = total - abs(line.minor)
        tolerated = missing <= abs(line.minor) * 3 // 100  # under payment only; over payment passes
        return chosen if chosen and tolerated else []


class Ranked:
    """ERPNext's way: filters, then one point each for reference, amount and party; books by itself on the reference."""

    def __init__(self, items: Sequence[OpenItem]) -> None:
        self.open = {item.key: item for item in items if not item.settled}
        self.by_reference = {item.reference: item for item in items if not item.settled}
        self.by_amount: dict[tuple[str, str, int], list[OpenItem]] = defaultdict(list)
        self.by_party: dict[str, list[OpenItem]] = defaultdict(list)
        for item in self.open.values():
            self.by_amount[(item.account, item.currency, item.minor)].append(item)
            self.by_party[item.counterparty_account].append(item)

    def answer(self, line: BankLine) -> Proposal | None:
        """Reference number equal: booked, whatever the amount. Otherwise the one that ranks alone at the top."""
        named = self.by_reference.get(line.end_to_end or line.bank_reference)
        if named is not None and self._passes(line, named):
            del self.open[named.key]
            return _proposal(line, [named], True)
        near = [i for i in self.by_amount[(line.account, line.currency, line.minor)] if self._passes(line, i)]
        if line.counterparty_account:
            near += [i for i in self.by_party[line.counterparty_account] if self._passes(line, i) and i not in near]
        party = self._party(line, near)
        ranks = sorted(((self._rank(line, item, party), item.key) for item in near), reverse=True)
        if ranks and (len(ranks) == 1 or ranks[0][0] > ranks[1][0]):
            return _proposal(line, [self.open.pop(ranks[0][1])], False)
        return None

    def _passes(self, line: BankLine, item: OpenItem) -> bool:
        same = item.key in self.open and item.account == line.account and item.currency == line.currency
        return same and (item.minor > 0) == (line.minor > 0) and abs(line.day - item.day) <= _WINDOW

    def _party(self, line: BankLine, near: list[OpenItem]) -> str:
        """By account number, else by name over 80 when one name alone is at the top."""
        if line.counterparty_account:
            return line.counterparty_account
        likely = sorted(
            {(token_set_ratio(line.counterparty.upper(), i.name.upper()), i.counterparty_account) for i in near},
            reverse=True,
        )
        alone = len(likely) == 1 or (len(likely) > 1 and likely[0][0] > likely[1][0])
        return likely[0][1] if likely and likely[0][0] > 80 and alone else ""

    def _rank(self, line: BankLine, item: OpenItem, party: str) -> int:
        return (
            1 + (item.reference == line.end_to_end) + (item.minor == line.minor) + (item.counterparty_account == party)
        )


class Coded:
    """pretix's way: known codes in the text, spacing and look-alikes forgiven; several only if they add up exactly."""

    _CODE = re.compile(r"RF[0-9]{2}P2026[0-9]{6}")

    def __init__(self, items: Sequence[OpenItem]) -> None:
        self.items = {item.reference: item for item in items}
        self.paid: set[int] = set()

    def _codes(self, line: BankLine) -> list[str]:
        text = f"{line.end_to_end} {line.text}".upper()
        squeezed = re.sub(r"[\s\-/]", "", text)
        readings = [text, squeezed, squeezed.replace("O", "0").replace("I", "1").replace("P2O26", "P2026")]
        found = [list(dict.fromkeys(self._CODE.findall(reading))) for reading in readings]
        return max(found, key=len)

    def answer(self, line: BankLine) -> Proposal | None:
        """Valid, already paid, too little, other currency, or nothing."""
        named = [self.items[code] for code in self._codes(line) if code in self.items]
        if line.minor > 0:
            back = [item for item in named if item.settled and -item.minor == line.minor]
            return _proposal(line, back, True, returns=True) if len(back) == 1 else None
        open_ones = [i for i in named if i.key not in self.paid and not i.settled and i.currency == line.currency]
        if not open_ones or (len(named) > 1 and sum(item.minor for item in open_ones) != line.minor):
            return None
        if len(open_ones) == 1 and abs(line.minor) < abs(open_ones[0].minor):
            return _proposal(line, open_ones, False)  # too little: it stays pending, a person is told
        self.paid |= {item.key for item in open_ones}
        return _proposal(line, open_ones, True)


class RuleSet(Protocol):
    """One way to match, line by line, in the bank's order."""

    def answer(self, line: BankLine) -> Proposal | None:
        """What the line is, or nothing."""


RULE_SETS: dict[str, Callable[[Sequence[OpenItem]], RuleSet]] = {"odoo": Sequential, "erpnext": Ranked, "pretix": Coded}


def run(name: str, lines: Sequence[BankLine], items: Sequence[OpenItem]) -> list[Proposal]:
    """One rule set over all lines in the bank's order."""
    rule_set = RULE_SETS[name](items)
    answers = (rule_set.answer(line) for line in lines)
    return [answer for answer in answers if answer is not None]
