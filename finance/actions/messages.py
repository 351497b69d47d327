"""What comes to our door: kept raw with the verdict on its signature first, believed only as far as its name."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings

from finance.gateways.stripe_events import ReceivedEvent, read_event
from finance.gateways.stripe_signature import Verdict
from finance.models import GatewayEvent, PayeeVersion, ReceivedMessage
from finance.notices import tell_of_quarantine
from finance.states import Quarantine, Rail
from gaf.gate import in_one_piece
from gaf.outbox.outbox import enqueue
from gaf.sealing import fingerprint

# Anybody can knock: of what nobody signed, the beginning is kept, and so many an hour.
_KEPT_OF_REFUSED = 2_000
_MOST_REFUSED_AN_HOUR = 200


@in_one_piece
def keep_message(*, body: bytes, signature: str, verdict: Verdict, at: datetime) -> ReceivedMessage | None:
    """Keep a delivery as it came. Of refused ones only so many an hour; None when this one is over that."""
    kept = body
    if not verdict.is_genuine:
        kept = body[:_KEPT_OF_REFUSED]
        lately = ReceivedMessage.objects.filter(received_at__gt=at - timedelta(hours=1)).exclude(verdict="genuine")
        if lately.count() >= _MOST_REFUSED_AN_HOUR:
            return None
    return ReceivedMessage.objects.create(
        body=_as_text(kept),
        size=len(body),
        signature=_as_text(signature.encode("utf-8", "replace"))[:1000],
        verdict=verdict.finding.value,
        signed_at=verdict.signed_at,
        received_at=at,
    )


def _as_text(content: bytes) -> str:
    """Text a database can hold; PostgreSQL takes no zero character."""
    return content.decode("utf-8", "replace").replace("\x00", "\ufffd")


@in_one_piece
def store_event(
    *, body: bytes, at: datetime, message: ReceivedMessage | None = None, was_fetched: bool = False
) -> GatewayEvent | None:
    """Keep a genuine event once, whatever it says, and promise to look at it. None when it is no event.

    One of another mode or of an account that is none of our payees' is kept apart, told to people, and not followed.
    """
    read = read_event(body)
    if read is None:
        return None
    event, made = GatewayEvent.objects.get_or_create(
        event_id=read.id[:80],
        defaults={
            "kind": read.type[:60],
            "object_id": read.object_ref[:80],
            "account": read.account[:80],
            "body": _as_text(body),
            "received_at": at,
            "was_fetched": was_fetched,
            "quarantine": _why_apart(read),
        },
    )
    if message is not None:
        message.event = event
        message.save(update_fields=["event"])
    if made and event.quarantine:
        tell_of_quarantine(event)
    elif made:
        enqueue("provider_event", key=hashlib.sha256(read.id.encode()).hexdigest()[:32], event=event.pk)
    return event


def _why_apart(read: ReceivedEvent) -> str:
    """What can be told without asking the provider: the mode, and whose account it is."""
    if read.is_live is not None and read.is_live != ("_live_" in settings.STRIPE_API_KEY):
        return Quarantine.OTHER_MODE
    if read.account and not is_our_payee(read.account):
        return Quarantine.UNKNOWN_ACCOUNT
    return ""


def is_our_payee(account: str) -> bool:
    """Whether one of our payees is, or was, paid on this account at the provider."""
    return PayeeVersion.objects.filter(account_fingerprint=fingerprint(account), rail=Rail.STRIPE).exists()


@in_one_piece
def set_apart(*, event: GatewayEvent, why: Quarantine, at: datetime) -> None:
    """Keep a handled event apart, and tell the payers and the system administrator once."""
    event.quarantine, event.handled_at = why, at
    event.save(update_fields=["quarantine", "handled_at"])
    tell_of_quarantine(event)
