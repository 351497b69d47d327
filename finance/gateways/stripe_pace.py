"""How many calls a second this process makes to Stripe: a bucket of tokens, and nobody ever sleeps for one.

Stripe takes 100 calls a second, 25 in a sandbox and 25 at one address. A call without a token is not made: it is
answered here as Stripe's 429 would be, and the rail waits as it would then. Questions leave a few tokens in the bucket,
so that a payment that has begun with one call is not held back before its next.
"""

from __future__ import annotations

import threading
from datetime import datetime

KEPT_FOR_PAYMENTS = 5


class Bucket:
    """Holds one second's tokens at most, and fills by the clock."""

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self._tokens = float(per_second)
        self._filled_at: datetime | None = None
        self._lock = threading.Lock()

    def take(self, at: datetime, *, leave: int = 0) -> bool:
        """Take one token if more than `leave` of them are there; False when there are not."""
        with self._lock:
            if self._filled_at is not None and at > self._filled_at:
                passed = (at - self._filled_at).total_seconds()
                self._tokens = min(float(self.per_second), self._tokens + passed * self.per_second)
            self._filled_at = at
            if self._tokens < 1 + leave:
                return False
            self._tokens -= 1
            return True


def kept_back(per_second: int) -> int:
    """How many tokens questions leave to payments: five, or half of a small bucket."""
    return min(KEPT_FOR_PAYMENTS, per_second // 2)
