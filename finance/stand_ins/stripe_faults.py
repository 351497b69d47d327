"""What may go wrong between the fund and Stripe, on order: each fault strikes chosen requests and then is used up."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """How a request goes wrong. Before: Stripe did nothing. After: Stripe did it, and the answer is spoilt."""

    DROPPED_BEFORE = "dropped_before"
    DROPPED_AFTER = "dropped_after"
    ERROR_AFTER = "error_after"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    IN_PROGRESS = "in_progress"
    TRUNCATED = "truncated"
    SLOW = "slow"


BEFORE = frozenset({Trouble.DROPPED_BEFORE, Trouble.UNAVAILABLE, Trouble.RATE_LIMITED, Trouble.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Fault:
    """Strikes requests of `method` to paths that start with `path`: passes over the first `skip`, then `times` of them.

    `seconds` is how long a slow answer takes.
    """

    trouble: Trouble
    path: str = "/v1/"
    method: str = "POST"
    skip: int = 0
    times: int = 1
    seconds: float = 0.0

    def fits(self, method: str, path: str) -> bool:
        return method == self.method and path.startswith(self.path)


class FaultPlan:
    """The faults still to come. The first that fits a request strikes it."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []
        self.struck: list[Fault] = []
        self.add(*faults)

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._waiting += [(fault, 0) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, if any; counts the request for every fault that was waiting for one like it."""
        with self._lock:
            striking: Fault | None = None
            waiting: list[tuple[Fault, int]] = []
            for fault, seen in self._waiting:
                fits = fault.fits(method, path)
                if fits and striking is None and seen >= fault.skip:
                    striking = fault
                if seen + fits < fault.skip + fault.times:
                    waiting.append((fault, seen + fits))
            self._waiting = waiting
            if striking is not None:
                self.struck.append(striking)
            return striking


def seeded_faults(seed: int, requests: int, *, one_in: int = 4, path: str = "/v1/") -> list[Fault]:
    """A repeatable plan for so many POST requests, in which about one in `one_in` goes wrong; none is slow."""
    troubles = [trouble for trouble in Trouble if trouble is not Trouble.SLOW]
    plan = []
    for place in range(requests):
        draw = hashlib.sha256(f"{seed}:{place}".encode()).digest()
        if draw[0] % one_in == 0:
            plan.append(Fault(troubles[draw[1] % len(troubles)], path=path, skip=place))
    return plan
