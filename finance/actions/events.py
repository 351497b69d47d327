"""What a provider tells us: stored raw, then handled by asking for the object as it is now."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from finance.actions import settlement
from finance.gateways.port import Accepted, BroughtBack, NotFound, ProviderState, ProviderStatus, Refused, Unknown
from finance.gateways.rails import stripe_rail
from finance.gateways.stripe_events import read_event
from finance.models import Attempt, Disbursement, GatewayEvent
from finance.sending import instruction, write_answer
from finance.states import DisbursementState
from gaf import clock
from gaf.gate import in_one_piece
from gaf.outbox.outbox import NotYet, enqueue, handles
from gaf.outbox.sweeps import sweeps

S = DisbursementState
# A payee's bank may send money back weeks after it was paid.
STILL_WATCHED = timedelta(days=30)


@in_one_piece
def store_event(*, body: bytes, at: datetime) -> GatewayEvent | None:
    """Keep a genuine message once, whatever it says, and promise to look at it. None when it is no event."""
    read = read_event(body)
    if read is None:
        return None
    event, made = GatewayEvent.objects.get_or_create(
        event_id=read.id,
        defaults={
            "kind": read.type[:60],
            "object_id": read.object_ref[:80],
            "account": read.account[:80],
            "body": body.decode("utf-8", "replace"),
            "received_at": at,
        },
    )
    if made:
        enqueue("provider_event", key=hashlib.sha256(read.id.encode()).hexdigest()[:32], event=event.pk)
    return event


@handles("provider_event")
def handle_event(payload: dict[str, Any]) -> None:
    """Look at the object an event names and write what is so now; the event's own words are not believed."""
    event = GatewayEvent.objects.get(pk=payload["event"])
    if event.handled_at is not None:
        return
    if event.object_id.startswith("po_"):
        _look_at_payout(event.object_id, event.account)
    event.handled_at = clock.now()
    event.save(update_fields=["handled_at"])


def _look_at_payout(payout: str, account: str) -> None:
    attempt = Attempt.objects.filter(provider_reference=payout).select_related("disbursement").first()
    state = stripe_rail().fetch_payout(payout, account)
    if isinstance(state, Unknown):
        raise NotYet(timedelta(minutes=1))
    if isinstance(state, NotFound):
        return
    if attempt is None:
        _adopt(payout, account)
        return
    apply_state(attempt, state)


def _adopt(payout: str, account: str) -> None:
    """A payout we have no answer for yet: one of our open attempts may be it, so those are asked again."""
    open_attempts = Attempt.objects.filter(disbursement__state__in=[S.SENDING, S.UNKNOWN])
    for attempt in open_attempts.select_related("disbursement__payee_version__payee"):
        found = stripe_rail().find(instruction(attempt.disbursement, attempt))
        if getattr(found, "provider_ref", "") == payout and getattr(found, "complete", False):
            write_answer(attempt, Accepted(payout, found.steps), at=clock.now())  # type: ignore[union-attr]
            raise NotYet(timedelta(seconds=0))


def apply_state(attempt: Attempt, state: ProviderState) -> None:
    """Write where the provider says a disbursement is: paid, or failed after all."""
    disbursement = Disbursement.objects.get(pk=attempt.disbursement_id)
    at = clock.now()
    if state.status == ProviderStatus.PAID and disbursement.state == S.SENT:
        settlement.mark_confirmed(disbursement_id=disbursement.pk, at=at)
    elif state.status in (ProviderStatus.FAILED, ProviderStatus.CANCELED) and disbursement.state in (
        S.SENT,
        S.CONFIRMED,
    ):
        _bring_back(disbursement, attempt, state.failure_code or state.status, at)


def _bring_back(disbursement: Disbursement, attempt: Attempt, code: str, at: datetime) -> None:
    """The payee's bank sent it back: fetch the money to the fund's own balance, then say so in the books."""
    answer = stripe_rail().bring_back(instruction(disbursement, attempt))
    if isinstance(answer, Unknown):
        raise NotYet(timedelta(minutes=5))
    if isinstance(answer, Refused) and answer.code != "nothing_to_bring_back":
        raise NotYet(timedelta(hours=1))
    with transaction.atomic():
        settlement.mark_returned(disbursement_id=disbursement.pk, code=code, at=at)
        if isinstance(answer, BroughtBack):
            fresh = Attempt.objects.get(pk=attempt.pk)
            fresh.steps = {**fresh.steps, "reversal": answer.provider_ref}
            fresh.save(update_fields=["steps"])


@sweeps
def sweep_stripe() -> int:
    """Ask Stripe about every disbursement on its way there or paid lately, for messages that never came.

    Returns how many were asked about. One that cannot be settled yet does not keep the others waiting.
    """
    looked = 0
    lately = Q(disbursement__state=S.CONFIRMED, disbursement__confirmed_at__gte=clock.now() - STILL_WATCHED)
    attempts = Attempt.objects.filter(
        Q(disbursement__state=S.SENT) | lately, disbursement__bank_account__rail="STRIPE", state="SENT"
    )
    for attempt in attempts.select_related("disbursement__payee_version__payee"):
        state = stripe_rail().status(instruction(attempt.disbursement, attempt), attempt.provider_reference)
        if isinstance(state, ProviderState):
            with suppress(NotYet):
                apply_state(attempt, state)
            looked += 1
    return looked
