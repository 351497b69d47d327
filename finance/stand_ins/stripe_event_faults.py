"""What may go wrong with the stand-in's messages: twice, late, never, in another order, badly signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from finance.stand_ins.stripe_shapes import Values


class EventTrouble(StrEnum):
    """How a message goes wrong. All but NEVER bring the genuine message too, at once or the next time."""

    TWICE = "twice"
    LATE = "late"
    NEVER = "never"  # it stands in the list of events only
    OUT_OF_ORDER = "out_of_order"
    EARLY = "early"  # before the answer to the request that made it
    BADLY_SIGNED = "badly_signed"
    OLD = "old"
    FUTURE = "future"
    OTHER_ACCOUNT = "other_account"


# What is sent first, and refused; the genuine message comes with the next delivery.
SPOILT = frozenset({EventTrouble.BADLY_SIGNED, EventTrouble.OLD, EventTrouble.FUTURE})
SHIFT = {EventTrouble.OLD: timedelta(minutes=-6), EventTrouble.FUTURE: timedelta(minutes=6)}
LATE_ROUNDS = 2


@dataclass
class EventPlan:
    """Which messages go wrong and how: by seed (about one in `one_in`), or by the type of the event.

    The same seed spoils the same places in the order of events, whatever their ids are.
    """

    seed: int | None = None
    one_in: int = 3
    by_type: Mapping[str, EventTrouble] = field(default_factory=dict)

    def trouble(self, place: int, event: Values) -> EventTrouble | None:
        """What happens to the event in this place of the order, if anything."""
        if event["type"] in self.by_type:
            return self.by_type[event["type"]]
        if self.seed is None:
            return None
        draw = hashlib.sha256(f"event:{self.seed}:{place}".encode()).digest()
        if draw[0] % self.one_in:
            return None
        return list(EventTrouble)[draw[1] % len(EventTrouble)]


def of_another_account(event: Values) -> Values:
    """The same event under another number, as if it had happened on an account nobody knows."""
    return {**event, "id": f"{event['id']}x", "account": "acct_nobody"}
