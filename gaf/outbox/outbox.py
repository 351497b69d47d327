"""Promise and keep: `enqueue` inside a transaction, `deliver` outside, again until done, never lost by a crash.

The row is the truth. The engine (Tasks API) only carries the message's number to a worker; a sweep enqueues again what
is due, so a killed worker loses nothing. A handler may be called twice for one message and must not mind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from gaf import clock
from gaf.outbox.models import OutboxMessage
from gaf.sealing import keys_at_hand
from gaf.training import may_leave

logger = logging.getLogger(__name__)
Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, list[tuple[str, Handler]]] = {}

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 12


class NotYet(Exception):
    """A handler's word that it is too early; the message stays due and is tried again after `after`."""

    def __init__(self, after: timedelta = timedelta(minutes=5)) -> None:
        self.after = after
        super().__init__(f"again after {after}")


def handles(topic: str) -> Callable[[Handler], Handler]:
    """Register a function as a receiver of a topic; it gets the payload."""

    def register(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__qualname__}"
        receivers = _handlers.setdefault(topic, [])
        if name not in [known for known, _handler in receivers]:
            receivers.append((name, handler))
        return handler

    return register


def topics() -> dict[str, list[str]]:
    """Every topic and who receives it, for the generated list."""
    return {topic: [name for name, _handler in receivers] for topic, receivers in sorted(_handlers.items())}


def enqueue(topic: str, *, key: str, **payload: Any) -> None:
    """Promise something to the world, once per receiver of the topic and `key`, in the transaction that is open."""
    enqueue_all(topic, {key: payload})


def enqueue_all(topic: str, promises: Mapping[str, dict[str, Any]]) -> None:
    """The same for many promises of one topic, each by its key; one statement, what was promised before left alone."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a promise belongs to a transaction")
    moment = clock.now()
    rows = [
        OutboxMessage(
            key=f"{topic}:{key}:{name.rsplit('.', 1)[-1]}",
            topic=topic,
            payload={**payload, "_receiver": name},
            created_at=moment,
            due_at=moment,
        )
        for key, payload in promises.items()
        for name, _handler in _handlers.get(topic, [])
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)


def hurry(topic: str) -> int:
    """Make everything of a topic that waits due now; they keep the order in which they were promised."""
    waiting = OutboxMessage.objects.filter(topic=topic, state=OutboxMessage.State.READY)
    return waiting.update(due_at=clock.now())


def _due(moment: Any) -> Any:
    ready = Q(state=OutboxMessage.State.READY, due_at__lte=moment)
    abandoned = Q(state=OutboxMessage.State.CLAIMED, claimed_until__lt=moment)
    return OutboxMessage.objects.filter(ready | abandoned).order_by("due_at", "id")


def due_numbers(limit: int = 500) -> list[int]:
    """Numbers of the messages that are due now, oldest first; abandoned claims among them."""
    return list(_due(clock.now()).values_list("pk", flat=True)[:limit])


def _claim(number: int) -> OutboxMessage | None:
    moment = clock.now()
    with transaction.atomic():
        rows = _due(moment).filter(pk=number)
        message = rows.select_for_update(skip_locked=transaction.get_connection().vendor == "postgresql").first()
        if message is None:
            return None
        message.state, message.claimed_until = OutboxMessage.State.CLAIMED, moment + LEASE
        message.attempts += 1
        message.save(update_fields=["state", "claimed_until", "attempts"])
    return message


def deliver(number: int) -> bool:
    """Keep one promise. True when it was kept; False when it was not due, is too early, or failed and comes again."""
    message = _claim(number) if may_leave() else None
    if message is None:
        return False
    payload = dict(message.payload)
    receiver = payload.pop("_receiver", "")
    handler = dict(_handlers.get(message.topic, [])).get(receiver)
    try:
        if handler is None:
            raise LookupError(receiver)
        with keys_at_hand():
            handler(payload)
    except NotYet as later:
        message.attempts -= 1
        _put_back(message, later.after, "")
        return False
    except Exception as failure:
        logger.warning("outbox message %s failed: %s", message.pk, type(failure).__name__)
        _put_back(message, timedelta(seconds=min(2**message.attempts * 5, 3600)), type(failure).__name__)
        return False
    message.state, message.done_at, message.claimed_until = OutboxMessage.State.DONE, clock.now(), None
    message.last_error = ""
    message.save(update_fields=["state", "done_at", "claimed_until", "last_error"])
    return True


def _put_back(message: OutboxMessage, wait: timedelta, error: str) -> None:
    parked = message.attempts >= MOST_ATTEMPTS
    message.state = OutboxMessage.State.PARKED if parked else OutboxMessage.State.READY
    message.due_at, message.claimed_until, message.last_error = clock.now() + wait, None, error
    message.enqueued_at = None
    message.save(update_fields=["state", "due_at", "claimed_until", "enqueued_at", "last_error", "attempts"])


def keep(topic: str) -> int:
    """Keep every promise of one topic that is due, and no other; returns how many were kept."""
    numbers = list(_due(clock.now()).filter(topic=topic).values_list("pk", flat=True))
    return sum(deliver(number) for number in numbers)


def drain(rounds: int = 50) -> int:
    """Keep every promise that is due, and those that keeping them makes; returns how many were kept."""
    kept = 0
    for _round in range(rounds):
        delivered = sum(deliver(number) for number in due_numbers())
        kept += delivered
        if not delivered:
            break
    return kept
