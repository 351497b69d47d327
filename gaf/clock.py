"""The one clock. Tests and the demo's stories stand on another hour by `at(...)`; nothing else reads the machine's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

_standing_at: ContextVar[datetime | None] = ContextVar("standing_at", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    standing = _standing_at.get()
    if standing is not None:
        return standing
    return datetime.now(UTC) + timedelta(seconds=getattr(settings, "GAF_CLOCK_SHIFT", 0))


def today() -> date:
    """The present day in UTC; money days are UTC days."""
    return now().date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything inside happen at `moment` (aware)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    token = _standing_at.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing_at.reset(token)
