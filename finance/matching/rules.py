"""Rules that people wrote and other people approved. Most say what a line is that names nothing of ours (tier 7);

one of returns makes a line a return (tier 3), one of the exchange says how far it may differ (tier 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from re import Pattern
from typing import TYPE_CHECKING

from finance.matching.shapes import BankLine, Proposal, Reason, Tier

if TYPE_CHECKING:
    from finance.matching.desk import Desk

MOST_PATTERN, MOST_TEXT = 120, 500
RETURN, EXCHANGE = "RETURN", "EXCHANGE"
_REPEATS = re.compile(r"[*+?}]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: every condition that is given must hold. Amounts unsigned, in minor units."""

    key: str
    classifies: str
    incoming: bool
    contains: tuple[str, ...] = ()
    pattern: str = ""
    counterparty_account: str = ""
    least: int = 0
    most: int = 0
    currency: str = ""
    band: int = 0  # basis points
    automatic: bool = False

    def fits(self, line: BankLine) -> bool:
        """Whether this line is what the rule describes."""
        amount, text = abs(line.minor), f"{line.counterparty} {line.text}"[:MOST_TEXT].upper()
        if (line.minor > 0) != self.incoming or (self.currency and line.currency != self.currency):
            return False
        if amount < self.least or (self.most and amount > self.most):
            return False
        if self.counterparty_account and line.counterparty_account != self.counterparty_account:
            return False
        if not all(word.upper() in text for word in self.contains):
            return False
        return not self.pattern or compiled(self.pattern).search(text) is not None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Pattern[str]:
    """The pattern, whatever its case. Raises ValueError when it is one that could take for ever, or is none at all.

    Repetition may stand only on a single character or class, never on a group, and nothing refers back.
    """
    if len(pattern) > MOST_PATTERN or len(_REPEATS.findall(pattern)) > 8:
        raise ValueError("too long")
    if re.search(r"\)\s*[*+?{]", pattern) or re.search(r"\\[1-9]|\(\?", pattern):
        raise ValueError("a group is repeated or referred to")
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as wrong:
        raise ValueError(str(wrong)) from wrong


def rules(desk: Desk) -> None:
    """Classify the lines that no record of ours explains; two rules that say different things are a tie."""
    approved = desk.approved
    for line in list(desk.open_lines.values()) if approved else []:
        fitting = [rule for rule in approved if rule.classifies != EXCHANGE and rule.fits(line)]
        if not fitting or line.is_return:
            continue
        kinds = {rule.classifies for rule in fitting}
        if len(kinds) > 1:
            desk.ties.setdefault(line.key, ())
            continue
        rule = fitting[0]
        reasons = (Reason("rule", (rule.key, rule.classifies)),)
        automatic = rule.automatic and all(one.automatic for one in fitting) and line.key not in desk.named
        desk.answer(Proposal((line.key,), (), Tier.RULE, automatic, reasons, rule=rule.key, classified=rule.classifies))
