"""The engine's side of the outbox: one task that carries a message's number to a worker."""

from __future__ import annotations

from django_tasks import task

from gaf.outbox.outbox import deliver


@task()
def deliver_message(number: int) -> bool:
    """Deliver one outbox message; harmless when somebody else already has."""
    return deliver(number)
