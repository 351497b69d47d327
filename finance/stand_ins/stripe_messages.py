"""Brings the stand-in's events to the fund as Stripe does: signed, one by one, again until taken, sometimes twice."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from finance.gateways.stripe_signature import sign
from finance.stand_ins.stripe_shapes import Values

MOST_TRIES = 10
_TIMEOUT_SECONDS = 5.0
_OWN_HOSTS = ("127.0.0.1", "localhost")


class Messenger:
    """Delivers events to one address on this machine, and remembers what was delivered."""

    def __init__(self, url: str, secret: str, clock: Callable[[], datetime], *, twice: bool = False) -> None:
        target = urlsplit(url)
        if target.scheme != "http" or target.hostname not in _OWN_HOSTS:
            raise ValueError("the stand-in talks to this machine only")
        self._host, self._port, self._path = (target.hostname, target.port or 80, target.path or "/")
        self._secret, self._clock, self._twice = secret, clock, twice
        self._tries: dict[str, int] = {}
        self.delivered: set[str] = set()

    def deliver(self, events: list[Values]) -> int:
        """Send what was not taken yet, oldest first. Says how many messages were answered with a 2xx."""
        taken = 0
        for event in events:
            ref = event["id"]
            if ref in self.delivered or self._tries.get(ref, 0) >= MOST_TRIES:
                continue
            self._tries[ref] = self._tries.get(ref, 0) + 1
            for _ in range(2 if self._twice else 1):
                if self.send(json.dumps(event)):
                    self.delivered.add(ref)
                    taken += 1
        return taken

    def send(self, payload: str) -> bool:
        """Send one signed message; True when it was taken."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(payload, self._secret, self._clock()),
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
