"""The engine's side of the outbox: one task that carries a message's number to a worker."""

from __future__ import annotations

from django.db.models import Q
from django_tasks import task

from gaf import clock
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import LEASE, deliver, due_numbers


@task()
def deliver_message(number: int) -> bool:
    """Deliver one outbox message; harmless when somebody else already has."""
    return deliver(number)


def enqueue_due() -> int:
    """Hand each due message to the engine, once a lease; returns how many were handed over."""
    moment = clock.now()
    waiting = OutboxMessage.objects.filter(
        Q(enqueued_at=None) | Q(enqueued_at__lt=moment - LEASE), pk__in=due_numbers()
    )
    numbers = list(waiting.values_list("pk", flat=True))
    for number in numbers:
        deliver_message.enqueue(number)
    OutboxMessage.objects.filter(pk__in=numbers).update(enqueued_at=moment)
    return len(numbers)
