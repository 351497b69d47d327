"""Brings the stand-in's events to the fund as Stripe does: signed, one by one, again until taken, sometimes spoilt."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from finance.gateways.stripe_signature import sign
from finance.stand_ins.stripe_event_faults import (
    LATE_ROUNDS,
    SHIFT,
    SPOILT,
    EventPlan,
    EventTrouble,
    of_another_account,
)
from finance.stand_ins.stripe_shapes import Values

MOST_TRIES = 10
_TIMEOUT_SECONDS = 5.0
_OWN_HOSTS = ("127.0.0.1", "localhost")


class Messenger:
    """Delivers events to one address on this machine, and remembers what was delivered and what was spoilt."""

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Callable[[], datetime],
        *,
        twice: bool = False,
        plan: EventPlan | None = None,
    ) -> None:
        target = urlsplit(url)
        if target.scheme != "http" or target.hostname not in _OWN_HOSTS:
            raise ValueError("the stand-in talks to this machine only")
        self._host, self._port, self._path = (target.hostname, target.port or 80, target.path or "/")
        self._secret, self._clock, self._twice = secret, clock, twice
        self.plan = plan or EventPlan()
        self._tries: dict[str, int] = {}
        self._spoilt: set[str] = set()
        self.delivered: set[str] = set()
        self.struck: list[tuple[str, EventTrouble]] = []

    def deliver(self, events: list[Values]) -> int:
        """Send what was not taken yet, oldest first unless planned otherwise. Says how many got a 2xx."""
        waiting = [(place, event) for place, event in enumerate(events) if self._is_due(event["id"])]
        last = [pair for pair in waiting if self._trouble(pair) is EventTrouble.OUT_OF_ORDER]
        first = [pair for pair in waiting if pair not in last]
        return sum(self._bring(event, self._trouble((place, event))) for place, event in [*first, *reversed(last)])

    def deliver_early(self, events: list[Values], known: int) -> None:
        """Send the events after the first `known` ones that are planned to come before the answer that made them."""
        for place, event in list(enumerate(events))[known:]:
            if self._trouble((place, event)) is EventTrouble.EARLY:
                self._bring(event, EventTrouble.EARLY)

    def _trouble(self, pair: tuple[int, Values]) -> EventTrouble | None:
        return self.plan.trouble(*pair)

    def _is_due(self, ref: str) -> bool:
        return ref not in self.delivered and self._tries.get(ref, 0) < MOST_TRIES

    def _bring(self, event: Values, trouble: EventTrouble | None) -> int:
        """One event in this round; says how many copies of it were taken."""
        ref = event["id"]
        self._tries[ref] = self._tries.get(ref, 0) + 1
        if trouble is not None and self._tries[ref] == 1:
            self.struck.append((ref, trouble))
        if trouble is EventTrouble.NEVER or (trouble is EventTrouble.LATE and self._tries[ref] <= LATE_ROUNDS):
            return 0
        if trouble in SPOILT and ref not in self._spoilt:
            self._spoilt.add(ref)
            self._send_spoilt(event, trouble)
            return 0
        if trouble is EventTrouble.OTHER_ACCOUNT:
            self.send(json.dumps(of_another_account(event)))
        copies = 2 if self._twice or trouble is EventTrouble.TWICE else 1
        taken = sum(self.send(json.dumps(event)) for _copy in range(copies))
        if taken:
            self.delivered.add(ref)
        return taken

    def _send_spoilt(self, event: Values, trouble: EventTrouble) -> bool:
        secret = "whsec_of_somebody_else" if trouble is EventTrouble.BADLY_SIGNED else self._secret
        return self.send(json.dumps(event), secret=secret, shift=SHIFT.get(trouble, timedelta()))

    def send(self, payload: str, *, secret: str = "", shift: timedelta = timedelta()) -> bool:
        """Send one signed message; True when it was taken."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(payload, secret or self._secret, self._clock() + shift),
            "User-Agent": "Stripe/1.0 (stand-in)",
        }
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._path, payload.encode(), headers)
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
