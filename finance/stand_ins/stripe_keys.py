"""Idempotency as Stripe does it: the first answer under a key is kept for a day and given again, errors included."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from finance.stand_ins.stripe_errors import StripeSaysNo

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body that is JSON text."""

    status: int
    body: str


@dataclass(slots=True)
class _Kept:
    fingerprint: str
    since: int
    reply: Reply | None = None


class KeyBook:
    """Which keys were used, for what, and with which outcome. A key belongs to one account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}
        self.refused_reuses = 0

    def begin(self, account: str, key: str, fingerprint: str, now: int) -> Reply | None:
        """The reply to give again, or None when the request is to be carried out now."""
        if len(key) > LONGEST_KEY:
            raise StripeSaysNo(400, "Idempotency keys may have 255 characters at most.", kind="idempotency_error")
        with self._lock:
            kept = self._kept.get((account, key))
            if kept is None or now - kept.since >= KEPT_SECONDS:
                self._kept[account, key] = _Kept(fingerprint, now)
                return None
            if kept.fingerprint != fingerprint:
                self.refused_reuses += 1
                message = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                raise StripeSaysNo(400, message, kind="idempotency_error")
            if kept.reply is None:
                raise in_progress()
            return kept.reply

    def finish(self, account: str, key: str, reply: Reply) -> None:
        with self._lock:
            self._kept[account, key].reply = reply

    def forget(self, account: str, key: str) -> None:
        """For requests that were refused before anything began."""
        with self._lock:
            self._kept.pop((account, key), None)

    def dump(self) -> list[list[str | int]]:
        with self._lock:
            return [
                [account, key, kept.fingerprint, kept.since, kept.reply.status, kept.reply.body]
                for (account, key), kept in self._kept.items()
                if kept.reply is not None
            ]

    def load(self, rows: list[list[str | int]]) -> None:
        for account, key, fingerprint, since, status, body in rows:
            reply = Reply(int(status), str(body))
            self._kept[str(account), str(key)] = _Kept(str(fingerprint), int(since), reply)


def in_progress() -> StripeSaysNo:
    message = "There is currently another in-progress request using this Idempotent Key."
    return StripeSaysNo(409, message, code="idempotency_key_in_use", kind="idempotency_error")
